package io.offerplane.operator.link;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.operator.agent.AgentDirectory;
import io.offerplane.protocol.link.v1.AgentLinkGrpc;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.ToAgent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All agents that are linked to this leader in its term: streams come in through {@link #service}, effects go out through
 * {@link #deliver}. One stream per node: the newest one wins.
 *
 * <p>Callable from any thread. An agent whose link has been broken, or that has been silent, for as long as
 * {@link LinkSettings#maxMissedPings} intervals is reported unreachable.
 */
public final class AgentSessions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSessions.class);
    private static final Duration RETRY = Duration.ofMillis(100);

    final EngineGate engine;
    final AgentDirectory directory;
    final MesosMessages messages;
    final LinkSettings settings;
    private final LongSupplier connectionNumbers;
    private final long term;
    private final LongConsumer onLaterTerm;
    private final ScheduledExecutorService timer;

    private final Set<AgentSession> open = ConcurrentHashMap.newKeySet();
    private final Map<String, AgentSession> byNode = new ConcurrentHashMap<>();
    private final Map<AgentId, AgentSession> byAgent = new ConcurrentHashMap<>();
    private final Map<AgentId, Instant> lastSignOfDeparted = new ConcurrentHashMap<>();
    private final Map<String, NodeReport> reports = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * @param connectionNumbers gives every registration in this process a higher number than all before
     * @param term stamped on every message
     * @param onLaterTerm told the number when a shim has obeyed a later leader than this one
     */
    public AgentSessions(
            EngineGate engine,
            AgentDirectory directory,
            MesosMessages messages,
            LinkSettings settings,
            LongSupplier connectionNumbers,
            long term,
            LongConsumer onLaterTerm) {
        this.engine = engine;
        this.directory = directory;
        this.messages = messages;
        this.settings = settings;
        this.connectionNumbers = connectionNumbers;
        this.term = term;
        this.onLaterTerm = onLaterTerm;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("link-timer").daemon().factory());
        directory.onChange(this::onDirectoryChange);
        long interval = settings.pingInterval().toMillis();
        var _ = timer.scheduleAtFixedRate(this::pingAll, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** The gRPC service; expects {@link LinkServer#NODE} in the call's context. */
    public AgentLinkGrpc.AgentLinkImplBase service() {
        return new AgentLinkGrpc.AgentLinkImplBase() {
            @Override
            public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> toAgent) {
                ServerCallStreamObserver<ToAgent> stream = (ServerCallStreamObserver<ToAgent>) toAgent;
                String node = LinkServer.NODE.get();
                AgentSession session = new AgentSession(
                        AgentSessions.this, node, new Outbound<>(stream, settings.outboundQueue()), stream);
                open.add(session);
                if (closed) {
                    session.end(Status.UNAVAILABLE.withDescription("this leader steps down"));
                }
                return session;
            }
        };
    }

    /** Sends what the engine decided for an agent; dropped when it isn't linked. Doesn't block. */
    public void deliver(Effect.ToAgent effect) {
        AgentSession session = byAgent.get(effect.agentId());
        if (session != null) {
            session.send(LinkMessages.of(effect));
            if (effect instanceof Effect.SendAgentAway away) {
                session.end(Status.PERMISSION_DENIED.withDescription(away.message()));
            }
        }
    }

    /** Tells a node of news that concern it: what it has lent too much of. Doesn't block. */
    public void observe(Effect.Notice notice) {
        if (notice instanceof Effect.RevocableTasksExceed exceed) {
            AgentSession session = byAgent.get(exceed.agentId());
            if (session != null) {
                session.send(LinkMessages.reclaim(exceed));
            }
        }
    }

    /** Agents whose stream is open and registered. */
    public int linked() {
        return byAgent.size();
    }

    /** What the node last said of itself; empty before it has. */
    public Optional<NodeReport> reportOf(String node) {
        return Optional.ofNullable(reports.get(node));
    }

    /** Every node that has said something of itself. */
    public Map<String, NodeReport> reports() {
        return Map.copyOf(reports);
    }

    /** Ends all streams, so that the shims look for the next leader. Tells the engine nothing: its term is over too. */
    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
        open.forEach(session -> session.end(Status.UNAVAILABLE.withDescription("this leader steps down")));
    }

    // --- for the sessions

    long term() {
        return term;
    }

    void laterTermSeen(long seen) {
        LOG.atWarn()
                .addKeyValue("term", term)
                .addKeyValue("seen", seen)
                .log("A shim has obeyed a later leader than this one");
        onLaterTerm.accept(seen);
    }

    /**
     * The session is the node's newest from now on; whichever was before ends.
     *
     * @return the session's number, higher than that of every session that had the node before: the engine refuses a
     *     registration with a lower one, so the numbers must go by the same order as the places
     */
    long takeNode(String node, AgentSession session) {
        AgentSession before;
        long number;
        synchronized (byNode) {
            number = connectionNumbers.getAsLong();
            before = byNode.put(node, session);
        }
        if (before != null && !before.equals(session)) {
            before.end(
                    Status.ABORTED.withDescription("a newer stream of node " + node + " has taken this one's place"));
        }
        return number;
    }

    boolean holdsNode(String node, AgentSession session) {
        return session.equals(byNode.get(node));
    }

    void bind(AgentId agent, AgentSession session) {
        lastSignOfDeparted.remove(agent);
        byAgent.put(agent, session);
    }

    void keepReport(String node, NodeReport report) {
        reports.put(node, report);
    }

    void ended(AgentSession session, String node, Optional<AgentId> agent, Instant lastSign) {
        open.remove(session);
        byNode.remove(node, session);
        if (agent.isPresent() && byAgent.remove(agent.get(), session)) {
            lastSignOfDeparted.put(agent.get(), lastSign);
        }
    }

    /** Submits for as long as the engine is busy: for what nobody else would repeat. */
    void submitSurely(Function<Instant, Command> command) {
        if (closed || engine.submit(command.apply(engine.now()), answer -> {})) {
            return;
        }
        later(RETRY, () -> submitSurely(command));
    }

    void later(Duration delay, Runnable action) {
        try {
            var _ = timer.schedule(guarded(action), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("The link is closing; nothing is done later any more");
        }
    }

    // --- by the timer and the directory

    private void onDirectoryChange(String node) {
        AgentSession session = byNode.get(node);
        if (session != null && !closed) {
            later(Duration.ZERO, session::onDirectoryChange);
        }
    }

    private void pingAll() {
        try {
            Instant now = engine.now();
            open.forEach(session -> session.ping(now));
            lastSignOfDeparted.forEach((agent, lastSign) -> {
                if (Duration.between(lastSign, now).compareTo(settings.patience()) >= 0
                        && lastSignOfDeparted.remove(agent, lastSign)) {
                    LOG.atWarn()
                            .addKeyValue("agent", agent)
                            .addKeyValue("silentSince", lastSign)
                            .log("An agent is unreachable");
                    submitSurely(at -> new Command.MarkAgentUnreachable(agent, at));
                }
            });
        } catch (RuntimeException failed) {
            // A timer's task that throws is never run again, so nothing may get out of here.
            LOG.atError().setCause(failed).log("A round of pings failed");
        }
    }

    private static Runnable guarded(Runnable action) {
        return () -> {
            try {
                action.run();
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("Something that the link had put off failed");
            }
        };
    }
}
