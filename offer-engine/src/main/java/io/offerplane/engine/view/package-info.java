/** Immutable pictures of the engine's state for those who only read: state endpoints, object status, metrics. */
@NullMarked
package io.offerplane.engine.view;

import org.jspecify.annotations.NullMarked;
