/** What every endpoint asks before its own work: who calls, and whether this replica is the one to answer. */
@NullMarked
package io.offerplane.mesos.access;

import org.jspecify.annotations.NullMarked;
