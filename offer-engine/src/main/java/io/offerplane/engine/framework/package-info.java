/** What a framework says of itself when it subscribes. */
@NullMarked
package io.offerplane.engine.framework;

import org.jspecify.annotations.NullMarked;
