package io.offerplane.operator.controllers;

import io.offerplane.engine.Effect;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the engine's news into keys of what moved, handed on in batches: a thousand transitions of one framework's tasks are one
 * look at its object.
 */
final class NoticeBoard implements Consumer<Effect.Notice>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NoticeBoard.class);
    private static final Duration BATCH = Duration.ofMillis(250);

    private final Set<FrameworkId> frameworks = ConcurrentHashMap.newKeySet();
    private final Set<AgentId> agents = ConcurrentHashMap.newKeySet();
    private final Consumer<Moved> listener;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("engine-news").daemon(true).factory());

    /** What moved since the last batch. */
    record Moved(Set<FrameworkId> frameworks, Set<AgentId> agents) {}

    NoticeBoard(Consumer<Moved> listener) {
        this.listener = listener;
    }

    void open() {
        var _ = clock.scheduleWithFixedDelay(this::handOn, BATCH.toMillis(), BATCH.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void accept(Effect.Notice notice) {
        switch (notice) {
            case Effect.FrameworkChanged changed -> frameworks.add(changed.frameworkId());
            case Effect.FrameworkRemoved removed -> frameworks.add(removed.frameworkId());
            case Effect.AgentChanged changed -> agents.add(changed.agentId());
            case Effect.TaskTransition transition -> {
                frameworks.add(transition.frameworkId());
                agents.add(transition.agentId());
            }
            case Effect.RevocableTasksExceed exceed -> agents.add(exceed.agentId());
            case Effect.CycleFinished cycle -> {
                // Offers come and go without news of their own; objects are looked at again before long anyway.
            }
        }
    }

    private void handOn() {
        try {
            Moved moved = new Moved(drained(frameworks), drained(agents));
            if (!moved.frameworks().isEmpty() || !moved.agents().isEmpty()) {
                listener.accept(moved);
            }
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("News of the engine could not be handed on");
        }
    }

    /** What was added up to now; what is added meanwhile stays for the next batch. */
    private static <T> Set<T> drained(Set<T> keys) {
        Set<T> taken = Set.copyOf(keys);
        keys.removeAll(taken);
        return taken;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
