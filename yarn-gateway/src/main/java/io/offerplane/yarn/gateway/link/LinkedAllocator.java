package io.offerplane.yarn.gateway.link;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.HeadLinkGrpc;
import io.offerplane.protocol.link.v1.Hello;
import io.offerplane.protocol.link.v1.Synced;
import io.offerplane.protocol.link.v1.ToHead;
import io.offerplane.yarn.gateway.allocation.Allocator;
import io.offerplane.yarn.gateway.allocation.Amount;
import io.offerplane.yarn.gateway.allocation.Applicant;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.Grant;
import io.offerplane.yarn.gateway.allocation.Grants;
import io.offerplane.yarn.gateway.allocation.NodeOnOffer;
import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the leader decide, over one stream. A stream that breaks is made anew, with back-off, to whoever leads by then; it begins with all
 * that the head has, so that nothing need be kept of what was under way.
 *
 * <p>Grants are handed on by the stream's own thread, one after another, so that each is answered before the next stream begins.
 */
public final class LinkedAllocator implements Allocator, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LinkedAllocator.class);
    private static final Amount NOTHING = new Amount(0, 0);

    /** News that a leader leaves unread; beyond it the stream is given up, and all is said again on the next. */
    private static final int UNREAD = 1_000_000;

    private final Supplier<Channel> leader;
    private final Settings settings;
    private final String incarnation = UUID.randomUUID().toString();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("leader-link").daemon().factory());
    private final CompletableFuture<List<QueueOnOffer>> queues = new CompletableFuture<>();
    private final Map<String, Amount> headrooms = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Outstanding outstanding = new Outstanding();
    private @Nullable Stream current;
    private @Nullable Grants grants;
    private Duration backOff;
    private long highestTerm;
    private boolean closed;

    /**
     * @param firstBackOff before the second try of a connection; doubled up to {@code longestBackOff}
     * @param firstContact how long the head waits at its start for a leader to tell it the queues
     */
    public record Settings(Duration firstBackOff, Duration longestBackOff, Duration firstContact) {
        public static final Settings DEFAULT =
                new Settings(Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofMinutes(2));
    }

    /** @param leader the way to whoever leads now; asked before each try. The channels stay the caller's */
    public LinkedAllocator(Supplier<Channel> leader, Settings settings) {
        this.leader = leader;
        this.settings = settings;
        backOff = settings.firstBackOff();
    }

    @Override
    public void begin(Grants to) {
        lock.lock();
        try {
            grants = to;
        } finally {
            lock.unlock();
        }
        connect();
    }

    /**
     * As the first leader told them. Blocks until then.
     *
     * @throws IllegalStateException when no leader has answered in time
     */
    @Override
    public List<QueueOnOffer> queues() {
        try {
            return queues.get(settings.firstContact().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the leader was looked for", interrupted);
        } catch (ExecutionException | TimeoutException none) {
            throw new IllegalStateException(
                    "no leader has told the queues within " + settings.firstContact()
                            + " (expected: an operator that leads, reachable from here)",
                    none);
        }
    }

    @Override
    public void nodeJoined(NodeOnOffer node) {
        tell(() -> outstanding.joined(node));
    }

    @Override
    public void nodeLeft(String node) {
        news(() -> Optional.of(outstanding.left(node)));
    }

    @Override
    public void attemptBegan(Applicant applicant) {
        news(() -> Optional.of(outstanding.began(applicant)));
    }

    @Override
    public void attemptEnded(String attempt) {
        news(() -> Optional.of(outstanding.attemptEnded(attempt)));
    }

    @Override
    public void applicationEnded(String application) {
        headrooms.remove(application);
        news(() -> Optional.of(outstanding.applicationEnded(application)));
    }

    @Override
    public void ask(Ask ask) {
        news(() -> Optional.of(outstanding.asks(ask)));
    }

    @Override
    public void avoid(String attempt, Set<String> places) {
        news(() -> Optional.of(outstanding.avoids(attempt, places)));
    }

    @Override
    public void accepted(String grant, String container) {
        news(() -> outstanding.accepted(grant, container));
    }

    @Override
    public void declined(String grant) {
        news(() -> outstanding.declined(grant));
    }

    @Override
    public void recovered(String container, String attempt, String node, Amount each) {
        news(() -> Optional.of(outstanding.recovered(container, attempt, node, each)));
    }

    @Override
    public void ended(String container) {
        news(() -> Optional.of(outstanding.ended(container)));
    }

    /** As the leader last said; nothing before it has. */
    @Override
    public Amount headroom(String attempt) {
        lock.lock();
        try {
            return outstanding
                    .application(attempt)
                    .map(application -> headrooms.getOrDefault(application, NOTHING))
                    .orElse(NOTHING);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a leader has answered the present stream and been told all. */
    public boolean isLinked() {
        lock.lock();
        try {
            return current != null && current.welcome;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream and looks for no other. */
    @Override
    public void close() {
        timer.shutdownNow();
        lock.lock();
        try {
            closed = true;
            if (current != null) {
                current.giveUp("the head stops");
            }
        } finally {
            lock.unlock();
        }
    }

    private void news(Supplier<Optional<FromHead>> change) {
        tell(() -> change.get().stream().toList());
    }

    private void tell(Supplier<List<FromHead>> change) {
        lock.lock();
        try {
            List<FromHead> messages = change.get();
            if (current != null && current.welcome) {
                messages.forEach(current::send);
            }
        } finally {
            lock.unlock();
        }
    }

    private void connect() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Stream stream = new Stream();
            current = stream;
            HeadLinkGrpc.newStub(leader.get()).withWaitForReady().connect(stream);
            stream.send(FromHead.newBuilder()
                    .setHello(Hello.newBuilder().setIncarnation(incarnation))
                    .build());
        } finally {
            lock.unlock();
        }
    }

    private void reconnect(Stream ended, String why) {
        lock.lock();
        try {
            if (closed || !ended.equals(current)) {
                return;
            }
            current = null;
            log.info("The stream to the leader has ended ({}); the next try comes in {}", why, backOff);
            var _ = timer.schedule(this::connect, backOff.toMillis(), TimeUnit.MILLISECONDS);
            Duration doubled = backOff.multipliedBy(2);
            backOff = doubled.compareTo(settings.longestBackOff()) > 0 ? settings.longestBackOff() : doubled;
        } catch (RejectedExecutionException closing) {
            log.debug("The head stops; the leader is looked for no more");
        } finally {
            lock.unlock();
        }
    }

    /** One stream; its callbacks come one after another. */
    private final class Stream implements ClientResponseObserver<FromHead, ToHead> {
        private @Nullable ClientCallStreamObserver<FromHead> call;

        /** The leader has answered, and all has been said. */
        private boolean welcome;

        private int unread;

        @Override
        public void beforeStart(ClientCallStreamObserver<FromHead> started) {
            call = started;
        }

        private void send(FromHead message) {
            ClientCallStreamObserver<FromHead> open = call;
            if (open == null) {
                return;
            }
            unread = open.isReady() ? 0 : unread + 1;
            if (unread > UNREAD) {
                giveUp("the leader has left " + UNREAD + " messages unread");
                return;
            }
            open.onNext(message);
        }

        private void giveUp(String why) {
            ClientCallStreamObserver<FromHead> open = call;
            if (open != null) {
                open.cancel(why, null);
            }
        }

        @Override
        public void onNext(ToHead message) {
            if (!isOfThisTerm(message)) {
                return;
            }
            switch (message.getMessageCase()) {
                case WELCOME -> {
                    List<QueueOnOffer> of =
                            LinkWords.queues(message.getWelcome().getQueuesList());
                    if (!queues.complete(of)) {
                        decisions().queues(of);
                    }
                    sayAll();
                }
                case GRANTED -> take(LinkWords.grant(message.getGranted()));
                case CONTAINER_LOST ->
                    decisions()
                            .lost(
                                    message.getContainerLost().getContainer(),
                                    message.getContainerLost().getWhy());
                case APPLICATION_REMOVED ->
                    decisions()
                            .removed(
                                    message.getApplicationRemoved().getApplication(),
                                    message.getApplicationRemoved().getWhy());
                case QUEUES ->
                    decisions().queues(LinkWords.queues(message.getQueues().getQueuesList()));
                case HEADROOM ->
                    headrooms.put(
                            message.getHeadroom().getApplication(),
                            LinkWords.amount(message.getHeadroom().getAmount()));
                // Of a later release's leader.
                case MESSAGE_NOT_SET -> log.debug("The leader has said something that is not known here");
            }
        }

        private boolean isOfThisTerm(ToHead message) {
            lock.lock();
            try {
                if (message.getTerm() < highestTerm) {
                    giveUp("term " + message.getTerm() + " is over (expected: " + highestTerm + " or later)");
                    return false;
                }
                highestTerm = message.getTerm();
                return equals(current);
            } finally {
                lock.unlock();
            }
        }

        private void sayAll() {
            lock.lock();
            try {
                backOff = settings.firstBackOff();
                outstanding.report().forEach(this::send);
                send(FromHead.newBuilder().setSynced(Synced.newBuilder()).build());
                welcome = true;
            } finally {
                lock.unlock();
            }
        }

        private void take(Grant grant) {
            lock.lock();
            try {
                outstanding.granted(grant);
            } finally {
                lock.unlock();
            }
            decisions().granted(grant);
        }

        private Grants decisions() {
            lock.lock();
            try {
                if (grants == null) {
                    throw new IllegalStateException("a stream before begin");
                }
                return grants;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onError(Throwable failed) {
            reconnect(this, Status.fromThrowable(failed).toString());
        }

        @Override
        public void onCompleted() {
            reconnect(this, "by the leader");
        }
    }
}
