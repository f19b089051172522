/** The leader's end of the link to YARN's head. */
@NullMarked
package io.offerplane.operator.yarn;

import org.jspecify.annotations.NullMarked;
