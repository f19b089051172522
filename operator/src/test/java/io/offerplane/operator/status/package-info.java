/** Tests of what controllers tell people. */
@NullMarked
package io.offerplane.operator.status;

import org.jspecify.annotations.NullMarked;
