package io.offerplane.mesos;

import io.offerplane.engine.Effect;

/** Takes the engine's words for frameworks to their streams. */
@FunctionalInterface
public interface FrameworkStreams {
    /** Called on the engine's thread in the order of effects; doesn't block. Lost silently when the framework has no stream. */
    void deliver(Effect.ToFramework effect);
}
