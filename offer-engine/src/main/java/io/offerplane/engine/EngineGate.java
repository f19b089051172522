package io.offerplane.engine;

import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * The way to the engine for everybody outside its loop. Implemented by the loop that owns the engine, and by simulations.
 *
 * <p>All methods may be called from any thread and none blocks.
 */
public interface EngineGate {
    /**
     * Queues a command. {@code onAnswer} runs on the engine's thread after the command was applied and <em>before</em> the
     * decision's effects are dispatched, so a subscriber can attach its stream first. It must not block.
     *
     * @return false when the queue is full, so that the caller can answer "busy"; then nothing happens
     */
    boolean submit(Command command, Consumer<Decision.Answer> onAnswer);

    /** Time as commands are to carry it. */
    Instant now();

    /** A picture of the state, at most a fraction of a second old; the same object for all who ask at once. */
    EngineView view();

    /**
     * Queues the wish for a copy of the state to try changes on. {@code onTaken} runs on the engine's thread and must not block: it hands
     * the copy to a thread that has time for it.
     *
     * @return false when the queue is full, or when no engine stands behind this gate; then nothing happens
     */
    default boolean whatIf(Consumer<WhatIf> onTaken) {
        return false;
    }
}
