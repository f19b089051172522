/** Pools and their shims. */
@NullMarked
package io.offerplane.operator.pool;

import org.jspecify.annotations.NullMarked;
