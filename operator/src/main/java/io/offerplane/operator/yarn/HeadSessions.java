package io.offerplane.operator.yarn;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.view.EngineView;
import io.offerplane.operator.link.Outbound;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.HeadLinkGrpc;
import io.offerplane.protocol.link.v1.HeadQueue;
import io.offerplane.protocol.link.v1.Queues;
import io.offerplane.protocol.link.v1.ToHead;
import io.offerplane.protocol.link.v1.Welcome;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * YARN's head as it is linked to this leader in its term: its stream comes in through {@link #service}, effects go out through the two
 * {@code takes} and {@link #observe}. The newest stream is the head's; one before it ends.
 *
 * <p>Callable from any thread; nothing blocks but the first message of a stream, which waits for a picture of the queues.
 */
public final class HeadSessions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeadSessions.class);

    private record Waiting(Command command, Consumer<Decision.Answer> onAnswer) {}

    private final EngineGate engine;
    private final HeadSettings settings;
    private final LongSupplier connectionNumbers;
    private final long term;
    private final HeadBooks books;
    private final AgentsAfterHead agents;
    private final ScheduledExecutorService timer;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock, as the books are.
    private final Queue<Waiting> commands = new ArrayDeque<>();
    private @Nullable Session current;
    private List<HeadQueue> told = List.of();
    private boolean closed;

    /**
     * @param connectionNumbers gives every subscription in this process a higher number than all before
     * @param term stamped on every message
     */
    public HeadSessions(EngineGate engine, HeadSettings settings, LongSupplier connectionNumbers, long term) {
        this.engine = engine;
        this.settings = settings;
        this.connectionNumbers = connectionNumbers;
        this.term = term;
        books = new HeadBooks(settings.failover(), settings.vcore());
        agents = new AgentsAfterHead(engine, this::withContainers, settings.patience());
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("head-timer").daemon().factory());
        long interval = settings.interval().toMillis();
        var _ = timer.scheduleWithFixedDelay(this::look, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** The way to the engine that agents are to take: it keeps them until the head has said what it holds there. */
    public EngineGate agents() {
        return agents;
    }

    /** The gRPC service. Who may call it is for the server to decide. */
    public HeadLinkGrpc.HeadLinkImplBase service() {
        return new HeadLinkGrpc.HeadLinkImplBase() {
            @Override
            public StreamObserver<FromHead> connect(StreamObserver<ToHead> toHead) {
                return new Session((ServerCallStreamObserver<ToHead>) toHead);
            }
        };
    }

    /** Takes an effect for one of the head's applications; says whether it was one. */
    public boolean takes(Effect.ToFramework effect) {
        lock.lock();
        try {
            boolean taken = books.takes(effect, engine.now());
            perform();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes an effect for an agent that is about one of the head's containers: the head ends those, not the shim. */
    public boolean takes(Effect.ToAgent effect) {
        lock.lock();
        try {
            boolean taken = books.takes(effect);
            perform();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** News of the engine. */
    public void observe(Effect.Notice notice) {
        if (notice instanceof Effect.FrameworkRemoved removed) {
            lock.lock();
            try {
                books.removed(removed.frameworkId(), removed.cause());
                perform();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Whether a head is linked and has said all it has. */
    public boolean isSynced() {
        lock.lock();
        try {
            return books.isSynced();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream, so that the head looks for the next leader. Tells the engine nothing: its term is over too. */
    @Override
    public void close() {
        timer.shutdownNow();
        lock.lock();
        try {
            closed = true;
            commands.clear();
            if (current != null) {
                current.out.close(Status.UNAVAILABLE.withDescription("this leader steps down"));
            }
        } finally {
            lock.unlock();
        }
    }

    private Command.RegisterAgent withContainers(Command.RegisterAgent command) {
        lock.lock();
        try {
            return books.withContainers(command);
        } finally {
            lock.unlock();
        }
    }

    // A timer's task that throws is never run again, so nothing may get out of here.
    private void look() {
        try {
            agents.passed(isSynced());
            EngineView view = isSynced() ? engine.view() : null;
            List<HeadQueue> queues = view == null ? List.of() : QueueTree.of(view);
            lock.lock();
            try {
                books.passed(engine.now());
                if (view != null) {
                    tell(queues);
                    books.show(view);
                }
                perform();
            } finally {
                lock.unlock();
            }
        } catch (RuntimeException failed) {
            LOG.atError().setCause(failed).log("A look at YARN's applications failed");
        }
    }

    // --- with the lock held

    private void tell(List<HeadQueue> queues) {
        if (current != null && !queues.equals(told)) {
            told = queues;
            current.out.send(
                    stamped(ToHead.newBuilder().setQueues(Queues.newBuilder().addAllQueues(queues))));
        }
    }

    private void perform() {
        List<Step> steps = books.take();
        for (Step step : steps) {
            switch (step) {
                case Step.Send(ToHead message) -> {
                    if (current != null) {
                        current.out.send(stamped(message.toBuilder()));
                    }
                }
                case Step.Tell(Command command) ->
                    commands.add(new Waiting(command, answer -> {
                        if (answer instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String why)) {
                            LOG.atDebug()
                                    .addKeyValue("command", command.getClass().getSimpleName())
                                    .addKeyValue("reason", reason)
                                    .log("The engine refused what the head wanted: {}", why);
                        }
                    }));
                case Step.Subscribe subscribe ->
                    commands.add(new Waiting(
                            subscribe.command(),
                            answer -> answered(() -> books.subscribed(subscribe.application(), answer))));
                case Step.Ask ask ->
                    commands.add(new Waiting(ask.command(), answer -> {
                        if (answer instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String why)) {
                            LOG.atWarn()
                                    .addKeyValue("application", ask.application())
                                    .addKeyValue("reason", reason)
                                    .log("The engine refused an ask: {}", why);
                        }
                        answered(() -> books.asked(ask.application(), ask.key(), ask.issued(), engine.now()));
                    }));
            }
        }
        submit();
    }

    private void answered(Runnable news) {
        lock.lock();
        try {
            news.run();
            perform();
        } finally {
            lock.unlock();
        }
    }

    /** In their order, as far as the engine takes them; the timer comes back for the rest. */
    private void submit() {
        while (!closed && !commands.isEmpty()) {
            Waiting next = commands.element();
            if (!engine.submit(next.command(), next.onAnswer())) {
                return;
            }
            commands.remove();
        }
    }

    private ToHead stamped(ToHead.Builder message) {
        return message.setTerm(term).build();
    }

    /** One stream. */
    private final class Session implements StreamObserver<FromHead> {
        private final Outbound<ToHead> out;
        private long number;

        Session(ServerCallStreamObserver<ToHead> stream) {
            out = new Outbound<>(stream, settings.outboundQueue());
            stream.setOnReadyHandler(out::onReady);
            stream.setOnCancelHandler(this::ended);
        }

        @Override
        public void onNext(FromHead message) {
            Optional<String> fault = HeadMessages.fault(message).or(() -> outOfOrder(message));
            if (fault.isPresent()) {
                LOG.atWarn().addKeyValue("why", fault.get()).log("YARN's head has said something that can't be obeyed");
                out.close(Status.INVALID_ARGUMENT.withDescription(fault.get()));
                ended();
                return;
            }
            List<HeadQueue> queues = message.hasHello() ? QueueTree.of(engine.view()) : List.of();
            lock.lock();
            try {
                if (closed) {
                    out.close(Status.UNAVAILABLE.withDescription("this leader steps down"));
                } else if (message.hasHello()) {
                    begin(message.getHello().getIncarnation(), queues);
                } else if (equals(current)) {
                    books.heard(message, engine.now());
                    perform();
                }
            } finally {
                lock.unlock();
            }
            if (message.hasSynced()) {
                agents.passed(true);
            }
        }

        private Optional<String> outOfOrder(FromHead message) {
            return message.hasHello() == (number == 0)
                    ? Optional.empty()
                    : Optional.of(
                            "hello: not where it belongs (expected: as a stream's first message, and there only)");
        }

        private void begin(String incarnation, List<HeadQueue> queues) {
            Session before = current;
            number = connectionNumbers.getAsLong();
            current = this;
            if (before != null) {
                before.out.close(
                        Status.ABORTED.withDescription("a newer stream of the head has taken this one's place"));
            }
            books.opened(incarnation, number);
            told = queues;
            out.send(stamped(ToHead.newBuilder().setWelcome(Welcome.newBuilder().addAllQueues(queues))));
            perform();
            LOG.atInfo().addKeyValue("incarnation", incarnation).log("YARN's head is linked");
        }

        @Override
        public void onError(Throwable failed) {
            ended();
        }

        @Override
        public void onCompleted() {
            out.close(Status.UNAVAILABLE.withDescription("the head has ended its stream"));
            ended();
        }

        private void ended() {
            lock.lock();
            try {
                if (equals(current)) {
                    current = null;
                    if (!closed) {
                        books.closed(number, engine.now());
                        perform();
                    }
                    LOG.atInfo().log("YARN's head is no longer linked");
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
