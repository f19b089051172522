/**
 * The leader's end of the link to YARN's head: applications become frameworks that ask, the engine's grants go out, and nothing is
 * decided here. Start at {@link io.offerplane.operator.yarn.HeadSessions}.
 */
@NullMarked
package io.offerplane.operator.yarn;

import org.jspecify.annotations.NullMarked;
