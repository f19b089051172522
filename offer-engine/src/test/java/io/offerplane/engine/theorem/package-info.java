/**
 * What Dominant Resource Fairness promises, held against an oracle that shares no code with the engine.
 *
 * <p>Start at {@link io.offerplane.engine.theorem.DrfTheoremsTest}; {@link io.offerplane.engine.theorem.ProgressiveFilling} is the oracle. "Dominant
 * Resource Fairness" (Ghodsi and others, NSDI 2011), sections 3 to 5.
 */
package io.offerplane.engine.theorem;
