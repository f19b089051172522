package io.offerplane.operator.controllers;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The real engine on a thread of its own, with what leaves it kept for the test to look at. */
final class EngineOnAThread implements EngineGate, AutoCloseable {
    private final OfferEngine engine;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final List<Command> commands = new CopyOnWriteArrayList<>();
    private final List<Effect> effects = new CopyOnWriteArrayList<>();
    private volatile Consumer<Effect> receiver = effect -> {};

    EngineOnAThread() {
        this("term-1");
    }

    EngineOnAThread(String term) {
        engine = new OfferEngine(new EngineConfig(
                term,
                Duration.ofMillis(50),
                Optional.empty(),
                Duration.ofMinutes(10),
                List.of(),
                Optional.empty(),
                true,
                100,
                10,
                42));
        var _ = thread.scheduleWithFixedDelay(
                () -> perform(new Command.Tick(now()), answer -> {}), 20, 20, TimeUnit.MILLISECONDS);
    }

    /** Where effects go, beside the test's own list. */
    void sendTo(Consumer<Effect> receiver) {
        this.receiver = receiver;
    }

    /** All that it was told, in order. */
    List<Command> commands() {
        return List.copyOf(commands);
    }

    List<Effect> effects() {
        return List.copyOf(effects);
    }

    @Override
    public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
        thread.execute(() -> perform(command, onAnswer));
        return true;
    }

    private void perform(Command command, Consumer<Decision.Answer> onAnswer) {
        if (!(command instanceof Command.Tick)) {
            commands.add(command);
        }
        Decision decision = engine.apply(command);
        onAnswer.accept(decision.answer());
        for (Effect effect : decision.effects()) {
            effects.add(effect);
            receiver.accept(effect);
        }
    }

    /** Applies the command and waits for its answer. */
    Decision.Answer apply(Command command) {
        CompletableFuture<Decision.Answer> answer = new CompletableFuture<>();
        submit(command, answer::complete);
        return answer.join();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public EngineView view() {
        try {
            return thread.submit(() -> engine.view(now())).get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
