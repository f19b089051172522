package io.offerplane.operator.link;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.Resources;
import io.offerplane.operator.agent.AgentDirectory.AgentRecord;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.ClaimChanged;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.Ping;
import io.offerplane.protocol.link.v1.Refused;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.Registered;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.protocol.link.v1.ToAgent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of one shim: it opens, says who it is, waits for its node's claim where that isn't granted yet, is registered with
 * the engine, and from then on carries updates up and orders down until it ends.
 */
final class AgentSession implements StreamObserver<FromAgent> {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSession.class);
    private static final Duration BUSY_RETRY = Duration.ofMillis(100);

    private enum Phase {
        OPENED,
        /** Has named itself; its node has no granted claim yet. */
        AWAITING_CLAIM,
        /** The engine has been asked to take it. */
        REGISTERING,
        REGISTERED,
        ENDED
    }

    private final AgentSessions sessions;
    private final String node;
    private final Outbound<ToAgent> outbound;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private Phase phase = Phase.OPENED;
    private @Nullable Register register;
    // Of the order in which the node's streams registered, not that in which they opened; 0 before that.
    private long connection;
    // What the engine was last told of the agent; null before that.
    private @Nullable AgentRecord told;

    /** What the engine was last told that the node lends; null before it was told anything by this stream. */
    private @Nullable List<ByteString> oversubscribed;

    private Instant awaitingSince;

    private volatile Instant lastSign;
    private final AtomicInteger unanswered = new AtomicInteger();

    /** @param node the node that the caller has proven to be on */
    AgentSession(
            AgentSessions sessions, String node, Outbound<ToAgent> outbound, ServerCallStreamObserver<ToAgent> stream) {
        this.sessions = sessions;
        this.node = node;
        this.outbound = outbound;
        this.lastSign = sessions.engine.now();
        this.awaitingSince = lastSign;
        stream.setOnReadyHandler(outbound::onReady);
        stream.setOnCancelHandler(() -> end(Status.CANCELLED.withDescription("the shim has gone")));
    }

    @Override
    public void onNext(FromAgent message) {
        lastSign = sessions.engine.now();
        unanswered.set(0);
        switch (message.getMessageCase()) {
            case REGISTER -> onRegister(message.getRegister());
            case STATUS_UPDATE -> onStatusUpdate(message.getStatusUpdate());
            case EXECUTOR_MESSAGE ->
                onBestEffort(agent -> LinkMessages.message(message.getExecutorMessage(), agent, now()));
            case EXECUTOR_EXITED ->
                onBestEffort(agent -> LinkMessages.exited(message.getExecutorExited(), agent, now()));
            case NODE_REPORT -> onReport(message.getNodeReport());
            case PONG -> {}
            // A later release's shim may say more than this one understands.
            case MESSAGE_NOT_SET ->
                LOG.atDebug().addKeyValue("node", node).log("A shim sent a message of an unknown kind");
        }
    }

    @Override
    public void onError(Throwable broken) {
        end(Status.CANCELLED.withDescription("the stream broke"));
    }

    @Override
    public void onCompleted() {
        end(Status.UNAVAILABLE.withDescription("the shim has closed its side"));
    }

    /** Sends what the engine decided; dropped once the stream has ended. */
    void send(ToAgent.Builder message) {
        outbound.send(message.setTerm(sessions.term()).build());
    }

    void ping(Instant now) {
        if (unanswered.get() >= sessions.settings.maxMissedPings()) {
            end(Status.DEADLINE_EXCEEDED.withDescription(
                    sessions.settings.maxMissedPings() + " pings were not answered"));
            return;
        }
        unanswered.incrementAndGet();
        send(ToAgent.newBuilder().setPing(Ping.getDefaultInstance()));
        lock.lock();
        try {
            if (phase == Phase.AWAITING_CLAIM
                    && Duration.between(awaitingSince, now).compareTo(sessions.settings.registrationPatience()) > 0) {
                refuse("node " + node + " has no granted claim yet; the AgentPool's status says why", false);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The objects say something else of this agent. Run by the link's timer, so that no two changes cross. */
    void onDirectoryChange() {
        lock.lock();
        try {
            switch (phase) {
                case AWAITING_CLAIM -> register();
                case REGISTERED -> follow();
                case OPENED, REGISTERING, ENDED -> {}
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream, and tells the engine if the agent was registered by it. */
    void end(Status status) {
        Optional<AgentId> agent;
        boolean registered;
        long ending;
        lock.lock();
        try {
            if (phase == Phase.ENDED) {
                return;
            }
            registered = phase == Phase.REGISTERED || phase == Phase.REGISTERING;
            agent = Optional.ofNullable(told).map(AgentRecord::id);
            ending = connection;
            phase = Phase.ENDED;
        } finally {
            lock.unlock();
        }
        outbound.close(status);
        sessions.ended(this, node, agent, lastSign);
        if (registered && agent.isPresent()) {
            LOG.atInfo()
                    .addKeyValue("agent", agent.get())
                    .addKeyValue("node", node)
                    .addKeyValue("why", status.getDescription())
                    .log("An agent's link has ended");
            sessions.submitSurely(at -> new Command.DisconnectAgent(agent.get(), ending, at));
        }
    }

    private void onRegister(Register message) {
        lock.lock();
        try {
            if (phase != Phase.OPENED) {
                end(Status.INVALID_ARGUMENT.withDescription("a stream registers once"));
                return;
            }
            if (!message.getNodeName().equals(node)) {
                refuse("the token is of node " + node + ", not of " + message.getNodeName(), true);
                return;
            }
            if (message.getHighestTerm() > sessions.term()) {
                sessions.laterTermSeen(message.getHighestTerm());
                refuse(
                        "this shim has obeyed term " + message.getHighestTerm() + "; this leader's is "
                                + sessions.term(),
                        false);
                return;
            }
            register = message;
            phase = Phase.AWAITING_CLAIM;
            awaitingSince = sessions.engine.now();
            connection = sessions.takeNode(node, this);
            register();
        } finally {
            lock.unlock();
        }
    }

    /** Asks the engine to take the agent, once its node's claim is granted. With the lock held. */
    private void register() {
        Optional<AgentRecord> found = sessions.directory.byNode(node);
        Register said = register;
        if (found.isEmpty() || said == null) {
            LOG.atDebug().addKeyValue("node", node).log("A shim waits for its node's claim");
            return;
        }
        AgentRecord agent = found.get();
        if (!said.getAgentId().isEmpty() && !said.getAgentId().equals(agent.id().value())) {
            LOG.atWarn()
                    .addKeyValue("node", node)
                    .addKeyValue("remembered", said.getAgentId())
                    .addKeyValue("agent", agent.id())
                    .log("A node remembers another agent id than its Agent object has; the object's holds");
        }
        Command.RegisterAgent command;
        try {
            command = LinkMessages.registration(
                    said, agent.id(), specOf(agent, said), agent.granted(), connection, sessions.messages, now());
        } catch (IllegalArgumentException unreadable) {
            refuse("the registration can't be read: " + unreadable.getMessage(), true);
            return;
        }
        if (agent.drained()) {
            // First, so that no cycle comes between.
            sessions.submitSurely(at -> new Command.CordonAgent(agent.id(), agent.unavailability(), at));
        }
        phase = Phase.REGISTERING;
        told = agent;
        if (!sessions.engine.submit(command, answer -> onRegistrationAnswered(agent, answer))) {
            phase = Phase.AWAITING_CLAIM;
            told = null;
            sessions.later(BUSY_RETRY, this::onDirectoryChange);
        }
    }

    /** On the engine's thread, before the effects of the registration leave: whatever they say must find this stream. */
    private void onRegistrationAnswered(AgentRecord agent, Decision.Answer answer) {
        lock.lock();
        try {
            if (phase != Phase.REGISTERING) {
                return;
            }
            switch (answer) {
                case Decision.Answer.Refused(Decision.Answer.Reason reason, String why) -> {
                    told = null;
                    refuse(why, reason == Decision.Answer.Reason.AGENT_REMOVED);
                }
                case Decision.Answer.Accepted _, Decision.Answer.Subscribed _ -> {
                    phase = Phase.REGISTERED;
                    sessions.bind(agent.id(), this);
                    send(ToAgent.newBuilder()
                            .setRegistered(Registered.newBuilder()
                                    .setAgentId(agent.id().value())
                                    .setClaim(LinkMessages.claim(agent))
                                    .setPingIntervalSeconds(Math.toIntExact(Math.max(
                                            1, sessions.settings.pingInterval().toSeconds())))));
                    LOG.atInfo()
                            .addKeyValue("agent", agent.id())
                            .addKeyValue("node", node)
                            .addKeyValue("resources", agent.granted())
                            .log("An agent has registered");
                    // What changed while the command waited was not followed.
                    sessions.later(Duration.ZERO, this::onDirectoryChange);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells engine and shim what has changed since they were last told. With the lock held. */
    private void follow() {
        AgentRecord before = told;
        Register said = register;
        if (before == null || said == null) {
            return;
        }
        Optional<AgentRecord> found = sessions.directory.byNode(node);
        AgentRecord now = found.filter(agent -> agent.id().equals(before.id()))
                // The claim is gone: nothing can be offered, until there is one again.
                .orElseGet(() -> new AgentRecord(
                        before.id(),
                        before.spec(),
                        Resources.EMPTY,
                        before.claim(),
                        before.drained(),
                        before.unavailability()));
        boolean amountsChanged =
                !now.spec().equals(before.spec()) || !now.granted().equals(before.granted());
        if (amountsChanged) {
            Command update = new Command.UpdateAgent(now.id(), specOf(now, said), now.granted(), now());
            if (!sessions.engine.submit(update, answer -> {})) {
                sessions.later(BUSY_RETRY, this::onDirectoryChange);
                return;
            }
        }
        if (now.drained() != before.drained() || !now.unavailability().equals(before.unavailability())) {
            sessions.submitSurely(at -> now.drained()
                    ? new Command.CordonAgent(now.id(), now.unavailability(), at)
                    : new Command.UncordonAgent(now.id(), at));
        }
        Claim claim = LinkMessages.claim(now);
        if (!claim.equals(LinkMessages.claim(before))) {
            send(ToAgent.newBuilder().setClaimChanged(ClaimChanged.newBuilder().setClaim(claim)));
        }
        told = now;
    }

    private void onStatusUpdate(StatusUpdate message) {
        Optional<AgentId> registered = registered();
        if (registered.isEmpty()) {
            // The shim repeats it until it is acknowledged.
            return;
        }
        AgentId agent = registered.get();
        Command.UpdateTask command;
        try {
            command = LinkMessages.update(message, agent, sessions.messages, now());
        } catch (IllegalArgumentException unreadable) {
            LOG.atError()
                    .addKeyValue("agent", agent)
                    .addKeyValue("framework", message.getFrameworkId())
                    .log("A status update can't be read and is dropped: {}", unreadable.getMessage());
            return;
        }
        if (!sessions.engine.submit(command, answer -> {})) {
            LOG.atDebug().addKeyValue("agent", agent).log("The engine is busy; the shim will repeat its update");
        }
    }

    /** Told to the engine only when it has changed: thousands of nodes say the same every 15 s. */
    private void onReport(NodeReport report) {
        sessions.keepReport(node, report);
        lock.lock();
        try {
            AgentRecord record = told;
            List<ByteString> lent = report.getOversubscribedList();
            if (phase != Phase.REGISTERED
                    || record == null
                    || !sessions.holdsNode(node, this)
                    || lent.equals(oversubscribed)) {
                return;
            }
            Command command = LinkMessages.oversubscribed(report, record.id(), record.granted(), now());
            // A busy engine is told by the next report.
            if (sessions.engine.submit(command, answer -> {})) {
                oversubscribed = lent;
            }
        } catch (IllegalArgumentException unreadable) {
            LOG.atWarn()
                    .addKeyValue("node", node)
                    .log("What a node has to lend can't be read and is passed over: {}", unreadable.getMessage());
        } finally {
            lock.unlock();
        }
    }

    /** The agent that this stream speaks for, once the engine has taken it and as long as no newer stream has. */
    private Optional<AgentId> registered() {
        lock.lock();
        try {
            AgentRecord record = told;
            return phase == Phase.REGISTERED && record != null && sessions.holdsNode(node, this)
                    ? Optional.of(record.id())
                    : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** What nobody repeats: lost while there is no registration, and when the engine is busy. */
    private void onBestEffort(Function<AgentId, Command> message) {
        registered().ifPresent(agent -> {
            try {
                if (!sessions.engine.submit(message.apply(agent), answer -> {})) {
                    LOG.atDebug().addKeyValue("agent", agent).log("The engine is busy; a message is dropped");
                }
            } catch (IllegalArgumentException unreadable) {
                LOG.atWarn()
                        .addKeyValue("agent", agent)
                        .log("A message can't be read and is dropped: {}", unreadable.getMessage());
            }
        });
    }

    private void refuse(String why, boolean permanent) {
        LOG.atWarn().addKeyValue("node", node).addKeyValue("why", why).log("A shim is sent away");
        send(ToAgent.newBuilder()
                .setRefused(Refused.newBuilder().setMessage(why).setPermanent(permanent)));
        end((permanent ? Status.PERMISSION_DENIED : Status.UNAVAILABLE).withDescription(why));
    }

    private Instant now() {
        return sessions.engine.now();
    }

    /** The objects say where a node is and what it is like; only the shim knows its own port and version. */
    private static AgentSpec specOf(AgentRecord agent, Register said) {
        AgentSpec spec = agent.spec();
        return new AgentSpec(
                spec.hostname(),
                spec.ip(),
                said.getPort() == 0 ? spec.port() : said.getPort(),
                spec.node(),
                spec.pool(),
                spec.attributes(),
                spec.faultDomain(),
                said.getVersion().isEmpty() ? spec.version() : said.getVersion());
    }
}
