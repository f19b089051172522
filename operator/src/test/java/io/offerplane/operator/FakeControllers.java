package io.offerplane.operator;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.agent.AgentDirectory;
import io.offerplane.operator.controllers.Controllers;
import io.offerplane.operator.pool.AgentPoolReconciler;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Controllers without objects: a directory that the test fills, and the recovery that it wants. */
final class FakeControllers implements Controllers {
    private final AgentDirectory directory;
    private final List<Command> recovery;
    private final BooleanSupplier following;
    private final SubscriptionPolicy subscriptions;

    FakeControllers(
            AgentDirectory directory,
            List<Command> recovery,
            BooleanSupplier following,
            SubscriptionPolicy subscriptions) {
        this.directory = directory;
        this.recovery = recovery;
        this.following = following;
        this.subscriptions = subscriptions;
    }

    @Override
    public List<Command> recovery() {
        return recovery;
    }

    @Override
    public void open() {}

    @Override
    public AgentDirectory directory() {
        return directory;
    }

    @Override
    public Consumer<Effect.Notice> notices() {
        return notice -> {};
    }

    @Override
    public boolean deliver(Effect.ToFramework effect) {
        return false;
    }

    @Override
    public SubscriptionPolicy subscriptions() {
        return subscriptions;
    }

    @Override
    public List<AgentPoolReconciler.PoolDrift> drifts() {
        return List.of();
    }

    @Override
    public boolean isFollowingTheCluster() {
        return following.getAsBoolean();
    }

    @Override
    public void close() {}
}
