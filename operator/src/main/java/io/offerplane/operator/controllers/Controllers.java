package io.offerplane.operator.controllers;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.agent.AgentDirectory;
import io.offerplane.operator.framework.FrameworkCredentials;
import io.offerplane.operator.pool.AgentPoolReconciler;
import java.util.List;
import java.util.function.Consumer;

/** The controllers of one term of leadership. Runs on the leader only; a new term starts new ones. */
public interface Controllers extends AutoCloseable {
    /**
     * Reads what the cluster holds; nothing is reconciled before {@link #open}. Blocks until all objects have been listed.
     *
     * @throws IllegalStateException when the objects can't be read within a minute
     */
    static Controllers start(
            KubernetesClient client, EngineGate gate, ControllersConfig config, FrameworkCredentials credentials) {
        return new TermControllers(client, gate, config, credentials);
    }

    /**
     * What earlier leaders left in the objects, as commands that must be applied before any other: RecoverAgent,
     * RecoverRemovedAgent, RecoverFramework, RecoverRemovedFramework, SetRoleWeight. Read once, before {@link #open}.
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

    /** What Framework objects allow Mesos clients. Answers from caches, on any thread. */
    SubscriptionPolicy subscriptions();

    /** For each pool, how far what its claims ask for and what they were granted are apart; for metrics. */
    List<AgentPoolReconciler.PoolDrift> drifts();

    /** Whether the caches still follow the API server; for probes and metrics. */
    boolean isFollowingTheCluster();

    /** Stops reconciling. Objects, claims and tasks stay. */
    @Override
    void close();
}
