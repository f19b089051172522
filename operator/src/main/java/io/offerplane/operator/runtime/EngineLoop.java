package io.offerplane.operator.runtime;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the engine: one thread drains a bounded queue of commands in batches, applies each, answers its sender and hands on its
 * effects, in that order. Whoever else wants something of the engine goes through {@link EngineGate}.
 *
 * <p>{@link #start} gives the loop its thread. Without it, tests and simulations drive {@link #doWork} by hand; whoever calls it
 * first is the engine's thread from then on.
 *
 * <p>An exception out of the engine ends the loop and is handed to the {@code onBroken} of the constructor: with an invariant
 * broken nothing that the engine says can be trusted, and a new term rebuilds its state from the agents.
 */
public final class EngineLoop implements EngineGate, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineLoop.class);

    /** How many times a picture's own cost the engine rests before the next one: pictures take a tenth of its time at the most. */
    private static final int REST_AFTER_PICTURE = 9;

    /** How long a reader waits for the engine's thread before it settles for an older picture. */
    private static final Duration VIEW_PATIENCE = Duration.ofSeconds(2);

    private final EngineCore engine;
    private final EffectSink effects;
    private final InstantSource clock;
    private final Settings settings;
    private final Observer observer;
    private final Consumer<Throwable> onBroken;

    private final BlockingQueue<Work> queue;
    private final List<Work> batch;
    private final LongAdder refused = new LongAdder();

    private volatile boolean intakeOpen = true;
    private volatile boolean abandoned;
    private volatile boolean finished;
    private volatile Instant lastPass;
    private final AtomicLong applied = new AtomicLong();

    // Only the engine's thread writes these.
    private @Nullable Thread engineThread;
    private Instant lastTick;

    private final ReentrantLock viewLock = new ReentrantLock();
    private final Condition viewRenewed = viewLock.newCondition();
    private volatile Picture picture;
    private volatile boolean pictureWanted;

    private volatile @Nullable Thread ownThread;

    /**
     * @param queueCapacity commands that may wait; one more is refused, and its sender answers "busy"
     * @param maxBatch commands applied between two looks at the time
     * @param allocationInterval the longest time between two ticks
     * @param coalescing the least time between two ticks: what becomes free within it is offered together
     */
    public record Settings(int queueCapacity, int maxBatch, Duration allocationInterval, Duration coalescing) {
        public Settings {
            if (queueCapacity < 1) {
                throw new IllegalArgumentException("queueCapacity: " + queueCapacity + " (expected: 1 or more)");
            }
            if (maxBatch < 1) {
                throw new IllegalArgumentException("maxBatch: " + maxBatch + " (expected: 1 or more)");
            }
        }
    }

    /** Sees every command after it was applied, for counting. On the engine's thread; must be quick and not throw. */
    @FunctionalInterface
    public interface Observer {
        /** Sees nothing. */
        Observer NONE = (command, decision, nanos) -> {};

        /** @param nanos the time that the engine took */
        void applied(Command command, Decision decision, long nanos);
    }

    /** What waits in the queue. */
    private sealed interface Work {
        record Apply(Command command, Consumer<Decision.Answer> onAnswer) implements Work {}

        record Copy(Consumer<WhatIf> onTaken) implements Work {}

        /** Only to look at the time. */
        record Nudge() implements Work {}

        Work NUDGE = new Nudge();
    }

    /** A view with its number in turn, the count of commands that it reflects, and when the next one may be taken. */
    private record Picture(long number, EngineView view, long applied, Instant renewable) {}

    /**
     * @param onBroken called once, on the engine's thread, when the engine has thrown; the loop has stopped by then
     */
    public EngineLoop(
            EngineCore engine,
            EffectSink effects,
            InstantSource clock,
            Settings settings,
            Observer observer,
            Consumer<Throwable> onBroken) {
        this.engine = engine;
        this.effects = effects;
        this.clock = clock;
        this.settings = settings;
        this.observer = observer;
        this.onBroken = onBroken;
        this.queue = new ArrayBlockingQueue<>(settings.queueCapacity());
        this.batch = new ArrayList<>(settings.maxBatch());
        Instant now = clock.instant();
        this.lastPass = now;
        this.lastTick = now.minus(settings.coalescing());
        this.picture = new Picture(0, engine.view(now), 0, now);
    }

    /**
     * Applies commands before anyone else can submit: what a new leader reads back. Only before {@link #start}.
     *
     * @throws IllegalStateException when the loop has its thread already
     */
    public void recover(List<Command> commands) {
        if (ownThread != null) {
            throw new IllegalStateException("recovery comes before the loop is started");
        }
        for (Command command : commands) {
            Decision decision = apply(command);
            if (decision.answer() instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String message)) {
                LOG.atWarn()
                        .addKeyValue("command", command.getClass().getSimpleName())
                        .addKeyValue("reason", reason)
                        .log("The engine refused a fact of the last term: {}", message);
            }
            effects.accept(decision.effects());
        }
    }

    /** Starts the engine's thread. */
    public void start() {
        Thread thread = Thread.ofPlatform().name("engine").unstarted(this::run);
        ownThread = thread;
        thread.start();
    }

    @Override
    public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
        if (intakeOpen && queue.offer(new Work.Apply(command, onAnswer))) {
            return true;
        }
        refused.increment();
        return false;
    }

    @Override
    public boolean whatIf(Consumer<WhatIf> onTaken) {
        return intakeOpen && queue.offer(new Work.Copy(onTaken));
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    /**
     * {@inheritDoc}
     *
     * <p>The picture shows all that was applied before the call, as Mesos' master answers: a scheduler that has seen an event finds
     * it in {@code /state}. When something has changed since the last picture, the engine's thread takes a new one, for all who
     * wait for it; the caller waits for the command being applied, and where pictures are dear for the engine's rest between two:
     * milliseconds as a rule, and 2 s at the most.
     */
    @Override
    public EngineView view() {
        Picture last = picture;
        if (last.applied() == applied.get() || finished) {
            return last.view();
        }
        if (Thread.currentThread().equals(engineThread)) {
            return renewPicture().view();
        }
        if (ownThread == null) {
            return last.view();
        }
        return awaitPicture(last);
    }

    /**
     * Does what is to be done now: applies at most one batch of commands, and a tick if one is due. Only one thread may call this.
     *
     * @return how much there was to do; 0 means that waiting is in order
     */
    public int doWork() {
        Thread current = Thread.currentThread();
        if (engineThread == null) {
            engineThread = current;
        } else if (!engineThread.equals(current)) {
            throw new IllegalStateException(
                    "the engine belongs to thread " + engineThread.getName() + ", not to " + current.getName());
        }
        int done = drainBatch();
        done += tickIfDue();
        renewPictureIfAsked();
        lastPass = clock.instant();
        return done;
    }

    /** Commands that wait at this moment. */
    public int queued() {
        return queue.size();
    }

    /** Commands refused so far because the queue was full or the loop is ending. */
    public long refusals() {
        return refused.sum();
    }

    /** Commands applied so far, ticks included. */
    public long applied() {
        return applied.get();
    }

    /** When the loop last looked at its queue: too long ago means that it hangs. */
    public Instant lastPass() {
        return lastPass;
    }

    /** Takes no more commands, applies what waits, and ends the thread. Waits for that, 10 s at the most. */
    @Override
    public void close() {
        intakeOpen = false;
        awaitEnd();
    }

    /**
     * Ends at once, for a leader that may not lead any more: what waits is dropped, and no effect leaves after the one being handed
     * on.
     */
    public void abandon() {
        intakeOpen = false;
        abandoned = true;
        awaitEnd();
    }

    private void awaitEnd() {
        Thread thread = ownThread;
        if (thread == null || thread.equals(Thread.currentThread())) {
            finished = true;
            return;
        }
        var _ = queue.offer(Work.NUDGE);
        try {
            if (!thread.join(Duration.ofSeconds(10))) {
                throw new IllegalStateException("the engine's thread has not ended within 10 s; " + queue.size()
                        + " commands wait, the last pass was at " + lastPass);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!abandoned && (intakeOpen || !queue.isEmpty())) {
                if (doWork() == 0) {
                    awaitWork();
                }
            }
        } catch (RuntimeException | Error broken) {
            intakeOpen = false;
            finished = true;
            LOG.atError().setCause(broken).log("The engine broke; this term of leadership ends here");
            onBroken.accept(broken);
        } finally {
            intakeOpen = false;
            finished = true;
            wakeReaders();
        }
    }

    private void awaitWork() {
        try {
            Instant next = nextTick();
            if (pictureWanted && picture.renewable().isBefore(next)) {
                next = picture.renewable();
            }
            Duration wait = Duration.between(clock.instant(), next);
            if (wait.isPositive()) {
                Work first = queue.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
                if (first != null) {
                    perform(first);
                }
            }
        } catch (InterruptedException interrupted) {
            // Nobody interrupts this thread but a JVM that ends it; treat it as the order to stop.
            abandoned = true;
        }
    }

    private int drainBatch() {
        int drained = queue.drainTo(batch, settings.maxBatch());
        try {
            for (Work work : batch) {
                if (abandoned) {
                    break;
                }
                perform(work);
            }
        } finally {
            batch.clear();
        }
        return drained;
    }

    private void perform(Work work) {
        switch (work) {
            case Work.Apply(Command command, Consumer<Decision.Answer> onAnswer) -> {
                Decision decision = apply(command);
                hand(decision.answer(), onAnswer);
                effects.accept(decision.effects());
            }
            case Work.Copy(Consumer<WhatIf> onTaken) -> hand(engine.whatIf(), onTaken);
            case Work.Nudge() -> {}
        }
    }

    private Decision apply(Command command) {
        long began = System.nanoTime();
        Decision decision = engine.apply(command);
        applied.incrementAndGet();
        observer.applied(command, decision, System.nanoTime() - began);
        return decision;
    }

    /** A sender that fails to take its answer is its own problem: the engine has changed, so the effects must still leave. */
    private static <T> void hand(T answer, Consumer<T> sender) {
        try {
            sender.accept(answer);
        } catch (RuntimeException failed) {
            LOG.atError()
                    .setCause(failed)
                    .addKeyValue("answer", answer)
                    .log("The sender of a command failed to take its answer");
        }
    }

    private int tickIfDue() {
        Instant now = clock.instant();
        if (now.isBefore(nextTick()) || abandoned) {
            return 0;
        }
        lastTick = now;
        Decision decision = apply(new Command.Tick(now));
        effects.accept(decision.effects());
        return 1;
    }

    private Instant nextTick() {
        Instant latest = lastTick.plus(settings.allocationInterval());
        Instant earliest = lastTick.plus(settings.coalescing());
        Optional<Instant> due = engine.nextDue();
        if (due.isEmpty() || due.get().isAfter(latest)) {
            return latest;
        }
        return due.get().isBefore(earliest) ? earliest : due.get();
    }

    private EngineView awaitPicture(Picture last) {
        long patience = VIEW_PATIENCE.toNanos();
        viewLock.lock();
        try {
            wantPicture();
            while (picture.number() == last.number() && !finished && patience > 0) {
                patience = viewRenewed.awaitNanos(patience);
            }
            return picture.view();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return picture.view();
        } finally {
            viewLock.unlock();
        }
    }

    /** Has the engine's thread take a picture as soon as it may. */
    void wantPicture() {
        pictureWanted = true;
        // A full queue means that the thread is awake anyway.
        var _ = queue.offer(Work.NUDGE);
    }

    private void renewPictureIfAsked() {
        if (pictureWanted && !clock.instant().isBefore(picture.renewable())) {
            renewPicture();
        }
    }

    private Picture renewPicture() {
        Instant began = clock.instant();
        EngineView view = engine.view(began);
        Instant ended = clock.instant();
        Duration rest = Duration.between(began, ended).multipliedBy(REST_AFTER_PICTURE);
        Picture renewed = new Picture(picture.number() + 1, view, applied.get(), ended.plus(rest));
        viewLock.lock();
        try {
            picture = renewed;
            pictureWanted = false;
            viewRenewed.signalAll();
        } finally {
            viewLock.unlock();
        }
        return renewed;
    }

    private void wakeReaders() {
        viewLock.lock();
        try {
            viewRenewed.signalAll();
        } finally {
            viewLock.unlock();
        }
    }
}
