/**
 * The engine's surroundings in one term of leadership: the loop that alone touches the engine, where its effects go, and who
 * may lead.
 *
 * <p>Start at {@link io.offerplane.operator.runtime.EngineLoop}. No Kubernetes client, no wire and no metric registry here:
 * they are handed in behind small interfaces, so that everything in this package also runs by hand in a test.
 */
@NullMarked
package io.offerplane.operator.runtime;

import org.jspecify.annotations.NullMarked;
