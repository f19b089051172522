package io.offerplane.mesos.local;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine with one thread around it: applies commands in their order, and ticks. */
public final class LocalLoop implements EngineGate, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalLoop.class);
    private static final long VIEW_EVERY_NANOS = Duration.ofMillis(10).toNanos();

    private record Pending(Command command, Consumer<Decision.Answer> onAnswer) {}

    private final ConcurrentLinkedQueue<Consumer<WhatIf>> copies = new ConcurrentLinkedQueue<>();

    private final OfferEngine engine;
    private final EngineConfig config;
    private final BlockingQueue<Pending> queue;
    private final Consumer<Effect> effects;
    private final Thread thread;

    private volatile EngineView view;
    private volatile boolean running = true;

    // Only the loop's thread.
    private Instant last;
    private boolean viewIsOld;
    private long viewMade;

    public LocalLoop(EngineConfig config, int capacity, Consumer<Effect> effects) {
        this.config = config;
        this.engine = new OfferEngine(config);
        this.queue = new LinkedBlockingQueue<>(capacity);
        this.effects = effects;
        this.last = Instant.now();
        this.view = engine.view(last);
        this.thread = Thread.ofPlatform().name("local-engine").daemon().unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    @Override
    public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
        return queue.offer(new Pending(command, onAnswer));
    }

    @Override
    public boolean whatIf(Consumer<WhatIf> onTaken) {
        copies.add(onTaken);
        return queue.offer(new Pending(new Command.Tick(Instant.now()), answer -> {}));
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public EngineView view() {
        return view;
    }

    @Override
    public void close() {
        running = false;
        thread.interrupt();
    }

    private void run() {
        Instant nextTick = Instant.now();
        while (running) {
            try {
                Instant now = Instant.now();
                Instant due = engine.nextDue().filter(at -> at.isAfter(now)).orElse(nextTick);
                Instant until = due.isBefore(nextTick) ? due : nextTick;
                long wait = Math.max(0, Duration.between(now, until).toNanos());
                Pending pending = queue.poll(viewIsOld ? Math.min(wait, VIEW_EVERY_NANOS) : wait, TimeUnit.NANOSECONDS);
                if (pending != null) {
                    apply(pending.command(), pending.onAnswer());
                }
                Instant after = Instant.now();
                boolean dueNow =
                        engine.nextDue().filter(at -> !at.isAfter(after)).isPresent();
                if (!after.isBefore(nextTick) || dueNow) {
                    apply(new Command.Tick(monotonic(after)), answer -> {});
                    nextTick = after.plus(config.allocationInterval());
                }
                publish();
                for (Consumer<WhatIf> copy = copies.poll(); copy != null; copy = copies.poll()) {
                    copy.accept(engine.whatIf());
                }
            } catch (InterruptedException e) {
                running = false;
            }
        }
    }

    private void apply(Command command, Consumer<Decision.Answer> onAnswer) {
        try {
            Decision decision = engine.apply(command);
            viewIsOld = true;
            if (log.isDebugEnabled()
                    && !(command instanceof Command.Tick && decision.effects().isEmpty())) {
                log.debug("{}\n    {}\n    {}", command, decision.answer(), decision.effects());
            }
            // Whoever is answered may look at once.
            publish();
            onAnswer.accept(decision.answer());
            decision.effects().forEach(effects);
        } catch (RuntimeException e) {
            log.error("{} failed", command, e);
        }
    }

    /** Time as the engine has it: never backwards. */
    private Instant monotonic(Instant at) {
        last = at.isAfter(last) ? at : last;
        return last;
    }

    private void publish() {
        long now = System.nanoTime();
        if (viewIsOld && (queue.isEmpty() || now - viewMade > VIEW_EVERY_NANOS * 10)) {
            view = engine.view(monotonic(Instant.now()));
            viewIsOld = false;
            viewMade = now;
        }
    }
}
