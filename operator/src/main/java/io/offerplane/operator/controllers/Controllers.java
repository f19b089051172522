package io.offerplane.operator.controllers;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.operator.agent.AgentDirectory;
import java.util.List;
import java.util.function.Consumer;

/** The controllers of one term of leadership. Runs on the leader only; a new term starts new ones. */
public interface Controllers extends AutoCloseable {
    /**
     * What earlier leaders left in the objects, as commands that must be applied before any other: RecoverAgent,
     * RecoverFramework, RecoverRemovedFramework, SetRoleWeight. Read once, before {@link #open}.
     */
    List<Command> recovery();

    /** Starts reconciling and the built-in framework. Call when the commands of {@link #recovery} have been applied. */
    void open();

    /** Who is on each node; usable from the start. */
    AgentDirectory directory();

    /** Takes the engine's news: only which object moved is kept, never the payload. Doesn't block; any thread. */
    Consumer<Effect.Notice> notices();

    /**
     * Offers an effect to the built-in framework that runs {@code Task} objects. Called on the engine's thread in the order of
     * effects; doesn't block.
     *
     * @return true when the effect was for that framework; others belong to the gateway
     */
    boolean deliver(Effect.ToFramework effect);

    /** Stops reconciling. Objects, claims and tasks stay. */
    @Override
    void close();
}
