/**
 * The nodes as the engine is to know them: who each one is, what it was granted, and whether it may be offered. Writes
 * {@code Agent} objects; knows nothing of the link's streams, which live in {@code operator.link}.
 *
 * <p>Start at {@link io.offerplane.operator.agent.AgentDirectory}.
 */
@NullMarked
package io.offerplane.operator.agent;

import org.jspecify.annotations.NullMarked;
