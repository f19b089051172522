package io.offerplane.mesos.scheduler;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.view.EngineView;
import io.offerplane.mesos.Credentials.Realm;
import io.offerplane.mesos.FrameworkStreams;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.mesos.SubscriptionPolicy.Ruling;
import io.offerplane.mesos.access.Gatekeeper;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.EventStream;
import io.offerplane.mesos.http.Exchange;
import io.offerplane.mesos.http.MediaType;
import io.offerplane.mesos.http.Router;
import io.offerplane.mesos.translate.FrameworkTranslator;
import io.offerplane.mesos.translate.OfferRulesTranslator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.OfferConstraints;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/v1/scheduler}: reads and checks a call in Mesos' order, hands it to the engine, and keeps the streams.
 *
 * <p>{@link #handle} runs on event loops, {@link #deliver} on the engine's thread. The one shared structure is the map of
 * sessions, which the engine's thread alone adds to.
 */
public final class SchedulerEndpoint implements Router.Endpoint, FrameworkStreams {
    private static final Logger log = LoggerFactory.getLogger(SchedulerEndpoint.class);
    private static final String STREAM_ID = "Mesos-Stream-Id";
    private static final String UNKNOWN_FRAMEWORK = "Framework cannot be found";
    private static final Duration RETRY = Duration.ofMillis(100);

    /** What this endpoint tells whoever counts. */
    public interface Counter {
        void called(String type);

        void sent(String type);

        void refused();

        void busy();
    }

    /**
     * How streams are run.
     *
     * @param bufferBytes what may wait in one stream
     * @param connectionNumbers a new number for each stream, ascending
     */
    public record StreamSettings(int bufferBytes, Duration heartbeat, LongSupplier connectionNumbers) {}

    private final EngineGate gate;
    private final Gatekeeper gatekeeper;
    private final SubscriptionPolicy policy;
    private final Supplier<Protos.MasterInfo> master;
    private final StreamSettings settings;
    private final Counter counter;

    private final Map<FrameworkId, SchedulerSession> sessions = new ConcurrentHashMap<>();

    public SchedulerEndpoint(
            EngineGate gate,
            Gatekeeper gatekeeper,
            SubscriptionPolicy policy,
            Supplier<Protos.MasterInfo> master,
            StreamSettings settings,
            Counter counter) {
        this.gate = gate;
        this.gatekeeper = gatekeeper;
        this.policy = policy;
        this.master = master;
        this.settings = settings;
        this.counter = counter;
    }

    @Override
    public void deliver(Effect.ToFramework effect) {
        SchedulerSession session = sessions.get(effect.frameworkId());
        if (session != null) {
            session.deliver(effect);
        }
    }

    /** Ends all streams without a word: this replica stops, or doesn't lead any more. */
    public void endStreams() {
        sessions.forEach((id, session) -> {
            sessions.remove(id, session);
            session.end();
        });
    }

    @Override
    public void handle(Exchange exchange) {
        Optional<String> principal;
        switch (gatekeeper.admit(exchange, Realm.SCHEDULER)) {
            case Gatekeeper.Outcome.Turned(Answer answer) -> {
                exchange.respond(answer);
                return;
            }
            case Gatekeeper.Outcome.Admitted(Optional<String> name) -> principal = name;
        }
        if (!exchange.method().equals("POST")) {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), "POST"));
            return;
        }
        Optional<String> contentType = exchange.header("Content-Type");
        if (contentType.isEmpty()) {
            refuse(exchange, 400, "Expecting 'Content-Type' to be present");
            return;
        }
        Optional<MediaType> sent = MediaType.ofContentType(contentType.get());
        if (sent.isEmpty()) {
            refuse(exchange, 415, "Expecting 'Content-Type' of application/json or application/x-protobuf");
            return;
        }
        Call.Builder builder = Call.newBuilder();
        try {
            CallReader.read(exchange.body(), sent.get(), builder);
        } catch (CallReader.UnreadableCall e) {
            refuse(exchange, 400, e.answer());
            return;
        }
        Call call = builder.build();
        Optional<String> fault = CallValidation.fault(call);
        if (fault.isPresent()) {
            refuse(exchange, 400, "Failed to validate scheduler::Call: " + fault.get());
            return;
        }
        Optional<MediaType> form = MediaType.acceptable(exchange.headers("Accept"));
        boolean answersWithMessages =
                call.getType() == Call.Type.SUBSCRIBE || call.getType() == Call.Type.RECONCILE_OPERATIONS;
        if (answersWithMessages && form.isEmpty()) {
            refuse(exchange, 406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'");
            return;
        }
        counter.called(call.getType().name());
        if (call.getType() == Call.Type.SUBSCRIBE) {
            subscribe(exchange, call, form.orElse(MediaType.JSON), principal);
        } else {
            callOfSubscriber(exchange, call, principal);
        }
    }

    // --- SUBSCRIBE

    private void subscribe(Exchange exchange, Call call, MediaType form, Optional<String> principal) {
        if (exchange.header(STREAM_ID).isPresent()) {
            refuse(exchange, 400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
            return;
        }
        Call.Subscribe subscribe = call.getSubscribe();
        Protos.FrameworkInfo info = subscribe.getFrameworkInfo();
        Optional<String> fault = FrameworkTranslator.fault(info, subscribe.getSuppressedRolesList())
                .or(() -> constraintsFault(subscribe.getOfferConstraints()));
        if (principal.isPresent() && info.hasPrincipal() && !info.getPrincipal().equals(principal.get())) {
            refuse(exchange, 400, principalMismatch(principal.get(), info.getPrincipal()));
            return;
        }
        Judged judged = fault.isPresent()
                ? new Judged(FrameworkTranslator.fromProto(Protos.FrameworkInfo.getDefaultInstance(), principal), fault)
                : judge(claimedId(info), info, principal);
        FrameworkSpec spec = constrained(judged.spec(), subscribe.getOfferConstraints());
        EventStream stream = exchange.newStream(settings.bufferBytes());
        SchedulerSession session = new SchedulerSession(
                stream,
                form,
                UUID.randomUUID(),
                settings.connectionNumbers().getAsLong(),
                principal,
                spec,
                type -> counter.sent(type.name()));
        if (judged.refusal().isPresent()) {
            session.fail(judged.refusal().get());
        } else if (!gate.submit(
                CallTranslator.subscribe(subscribe, spec, session.connection(), gate.now()),
                answer -> settle(session, answer))) {
            busy(exchange);
            return;
        }
        exchange.open(stream, form.wireName(), Map.of(STREAM_ID, session.streamId()));
    }

    /** What is subscribed after the policy has been asked, or why not. */
    private record Judged(FrameworkSpec spec, Optional<String> refusal) {}

    private Judged judge(Optional<FrameworkId> id, Protos.FrameworkInfo info, Optional<String> principal) {
        FrameworkSpec asked = FrameworkTranslator.fromProto(info, principal);
        return switch (policy.judge(new SubscriptionPolicy.Application(id, asked))) {
            case Ruling.Refused(String message) -> new Judged(asked, Optional.of(message));
            case Ruling.Admitted(Set<FrameworkCapability> withheld, Optional<Duration> failoverCeiling) -> {
                Protos.FrameworkInfo bounded = FrameworkTranslator.bounded(info, withheld, failoverCeiling);
                // Without a capability what is left may not be valid any more.
                yield new Judged(
                        FrameworkTranslator.fromProto(bounded, principal),
                        FrameworkTranslator.fault(bounded, List.of()));
            }
        };
    }

    private static Optional<FrameworkId> claimedId(Protos.FrameworkInfo info) {
        String id = info.getId().getValue();
        return id.isEmpty() ? Optional.empty() : Optional.of(new FrameworkId(id));
    }

    /** On the engine's thread, before the effects of the subscription. */
    private void settle(SchedulerSession session, Decision.Answer answer) {
        switch (answer) {
            case Decision.Answer.Subscribed(FrameworkId id) -> {
                SchedulerSession old = sessions.put(id, session);
                if (old != null) {
                    old.fail("Framework failed over");
                }
                session.begin(id, settings.heartbeat(), master.get());
                session.onClose(() -> {
                    session.broken();
                    disconnect(session, id);
                });
            }
            case Decision.Answer.Refused(Decision.Answer.Reason reason, String message) -> session.fail(message);
            case Decision.Answer.Accepted accepted -> session.fail("Not subscribed");
        }
    }

    /** Tells the engine that a stream broke, and goes on trying while its queue is full: a framework must not stay connected. */
    private void disconnect(SchedulerSession session, FrameworkId id) {
        if (!session.equals(sessions.get(id))) {
            // Another stream has taken its place, or this replica has stopped leading: nothing to tell.
            return;
        }
        boolean queued = gate.submit(
                new Command.DisconnectFramework(id, session.connection(), gate.now()),
                answer -> sessions.remove(id, session));
        if (!queued) {
            session.after(RETRY, () -> disconnect(session, id));
        }
    }

    // --- all other calls

    private void callOfSubscriber(Exchange exchange, Call call, Optional<String> principal) {
        FrameworkId id = new FrameworkId(call.getFrameworkId().getValue());
        SchedulerSession session = sessions.get(id);
        if (session == null || !session.isLive()) {
            boolean known = frameworkOf(gate.view(), id).isPresent();
            if (known) {
                refuse(exchange, 403, "Framework is not subscribed");
            } else {
                refuse(exchange, 400, UNKNOWN_FRAMEWORK);
            }
            return;
        }
        Optional<String> own = session.spec().principal();
        if (principal.isPresent() && !principal.equals(own)) {
            refuse(exchange, 400, principalMismatch(principal.get(), own.orElse("")));
            return;
        }
        Optional<String> streamId = exchange.header(STREAM_ID);
        if (streamId.isEmpty()) {
            refuse(exchange, 400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
            return;
        }
        if (!streamId.get().equals(session.streamId())) {
            refuse(
                    exchange,
                    400,
                    "The stream ID '" + streamId.get() + "' included in this request didn't match the stream ID"
                            + " currently associated with framework ID " + id);
            return;
        }
        switch (call.getType()) {
            case UNKNOWN -> exchange.respond(Answer.text(501, "501 Not Implemented."));
            case UPDATE_FRAMEWORK -> update(exchange, call.getUpdateFramework(), id, session);
            default ->
                CallTranslator.command(call, gate.now())
                        .ifPresentOrElse(
                                command -> submit(exchange, command, answer -> accepted(exchange, answer)),
                                () -> exchange.respond(Answer.empty(202)));
        }
    }

    private void update(Exchange exchange, Call.UpdateFramework update, FrameworkId id, SchedulerSession session) {
        Protos.FrameworkInfo info = update.getFrameworkInfo();
        Optional<String> fault = FrameworkTranslator.fault(info, update.getSuppressedRolesList());
        if (fault.isPresent()) {
            refuse(exchange, 400, "Supplied FrameworkInfo is not valid: " + fault.get());
            return;
        }
        Optional<String> constraints = constraintsFault(update.getOfferConstraints());
        if (constraints.isPresent()) {
            refuse(exchange, 400, "'UpdateFramework.offer_constraints' are not valid: " + constraints.get());
            return;
        }
        FrameworkSpec before = session.spec();
        Optional<String> change = FrameworkTranslator.updateFault(before, info);
        if (change.isPresent()) {
            refuse(exchange, 400, "FrameworkInfo update is not valid: " + change.get());
            return;
        }
        Judged judged = judge(Optional.of(id), info, before.principal());
        if (judged.refusal().isPresent()) {
            refuse(exchange, 403, judged.refusal().get());
            return;
        }
        FrameworkSpec spec = constrained(judged.spec(), update.getOfferConstraints());
        submit(exchange, CallTranslator.update(id, update, spec, gate.now()), answer -> {
            switch (answer) {
                case Decision.Answer.Accepted accepted -> {
                    session.setSpec(spec);
                    exchange.respond(Answer.empty(200));
                }
                case Decision.Answer.Subscribed subscribed -> exchange.respond(Answer.empty(200));
                case Decision.Answer.Refused(Decision.Answer.Reason reason, String message) -> {
                    if (reason == Decision.Answer.Reason.UNKNOWN_FRAMEWORK) {
                        refuse(exchange, 409, "Framework was removed while this call was being processed");
                    } else {
                        refuse(exchange, 400, "FrameworkInfo update is not valid: " + message);
                    }
                }
            }
        });
    }

    /** Mesos says 202 to whatever it has taken in, also when it then ignores it; only who isn't there is told so. */
    private void accepted(Exchange exchange, Decision.Answer answer) {
        if (answer instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String message)) {
            if (reason == Decision.Answer.Reason.UNKNOWN_FRAMEWORK) {
                refuse(exchange, 400, UNKNOWN_FRAMEWORK);
                return;
            }
            if (reason == Decision.Answer.Reason.FRAMEWORK_NOT_CONNECTED) {
                refuse(exchange, 403, "Framework is not subscribed");
                return;
            }
            log.debug("{} ignored: {}", exchange.routedPathAndQuery(), message);
        }
        exchange.respond(Answer.empty(202));
    }

    private void submit(Exchange exchange, Command command, Consumer<Decision.Answer> onAnswer) {
        if (!gate.submit(command, onAnswer)) {
            busy(exchange);
        }
    }

    private void busy(Exchange exchange) {
        counter.busy();
        exchange.respond(Answer.busy());
    }

    private void refuse(Exchange exchange, int status, String text) {
        counter.refused();
        exchange.respond(Answer.text(status, text));
    }

    private static Optional<EngineView.FrameworkView> frameworkOf(EngineView view, FrameworkId id) {
        return view.frameworks().stream()
                .filter(framework -> framework.id().equals(id))
                .findFirst();
    }

    private static Optional<String> constraintsFault(OfferConstraints constraints) {
        try {
            OfferRulesTranslator.with(OfferRules.NONE, constraints);
            return Optional.empty();
        } catch (OfferRulesTranslator.InvalidConstraints e) {
            return Optional.of(e.fault());
        }
    }

    /** With these constraints; faulty ones, whose sender is refused, are left out. */
    private static FrameworkSpec constrained(FrameworkSpec spec, OfferConstraints constraints) {
        try {
            return spec.with(OfferRulesTranslator.with(spec.offerRules(), constraints));
        } catch (OfferRulesTranslator.InvalidConstraints e) {
            return spec;
        }
    }

    private static String principalMismatch(String authenticated, String set) {
        return "Authenticated principal '" + authenticated + "' does not match principal '" + set
                + "' set in `FrameworkInfo`";
    }
}
