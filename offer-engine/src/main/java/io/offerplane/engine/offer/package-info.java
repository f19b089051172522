/** Offers as frameworks see them, the operations that answer them, and why a candidate got none. */
@NullMarked
package io.offerplane.engine.offer;

import org.jspecify.annotations.NullMarked;
