/** When nodes are to be away: machines, windows of time, offers that ask for resources back, and drains. Plain values. */
@NullMarked
package io.offerplane.engine.maintenance;

import org.jspecify.annotations.NullMarked;
