/**
 * The engine among agents, frameworks and a network that misbehave, in one thread, on virtual time, from one seed.
 *
 * <p>Start at {@link io.offerplane.engine.simulation.Simulation}. What is right and wrong is for
 * {@link io.offerplane.engine.simulation.Auditor} alone to say; it shares no code with the engine beyond values.
 */
package io.offerplane.engine.simulation;
