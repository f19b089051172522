package io.offerplane.operator.runtime;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine that remembers what it was told and answers each command with a notice named after its turn. */
final class ScriptedEngine implements EngineCore {
    final List<Command> applied = new CopyOnWriteArrayList<>();
    private static final EngineConfig CONFIG = new EngineConfig(
            "scripted",
            Duration.ofSeconds(1),
            Optional.empty(),
            Duration.ofMinutes(1),
            List.of(),
            Optional.empty(),
            true,
            1,
            1,
            1);

    final AtomicInteger copiesTaken = new AtomicInteger();
    final AtomicInteger viewsTaken = new AtomicInteger();
    volatile Optional<Instant> nextDue = Optional.empty();
    volatile boolean broken;
    volatile Runnable whileTakingAView = () -> {};

    @Override
    public Decision apply(Command command) {
        if (broken) {
            throw new IllegalStateException("a resource in two offers");
        }
        applied.add(command);
        return new Decision(
                new Decision.Answer.Accepted(),
                List.of(new Effect.FrameworkChanged(new FrameworkId("f" + applied.size()))));
    }

    @Override
    public EngineView view(Instant at) {
        viewsTaken.incrementAndGet();
        whileTakingAView.run();
        return new EngineView(at, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    @Override
    public WhatIf whatIf() {
        copiesTaken.incrementAndGet();
        return new OfferEngine(CONFIG).whatIf();
    }

    @Override
    public Optional<Instant> nextDue() {
        return nextDue;
    }

    long ticks() {
        return applied.stream().filter(Command.Tick.class::isInstance).count();
    }
}
