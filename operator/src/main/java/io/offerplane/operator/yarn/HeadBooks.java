package io.offerplane.operator.yarn;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.Standing;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import io.offerplane.operator.yarn.HeadApplication.Charge;
import io.offerplane.operator.yarn.HeadApplication.Line;
import io.offerplane.protocol.link.v1.ApplicationRemoved;
import io.offerplane.protocol.link.v1.AttemptBegan;
import io.offerplane.protocol.link.v1.ContainerLost;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.Granted;
import io.offerplane.protocol.link.v1.HeadAmount;
import io.offerplane.protocol.link.v1.HeadAsk;
import io.offerplane.protocol.link.v1.Headroom;
import io.offerplane.protocol.link.v1.Holds;
import io.offerplane.protocol.link.v1.NodeJoined;
import io.offerplane.protocol.link.v1.ToHead;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Between the head's words and the engine's: which application is which framework, which grant became which container, and what the
 * engine must hear because of what the head says. A pure machine: news in, {@link Step}s out.
 *
 * <p>All containers stay tasks that are yet to be started for the engine: what becomes of their processes is the head's to say, so that
 * giving one back frees it at once.
 *
 * <p>Not safe for threads.
 */
final class HeadBooks {
    private static final String GONE = "Nothing is kept for this container any more";

    private final Duration failover;
    private final VcoreSize vcore;
    private final Map<String, HeadApplication> applications = new LinkedHashMap<>();
    private final Map<String, Charge> byTask = new LinkedHashMap<>();
    private final Map<String, Charge> byContainer = new LinkedHashMap<>();

    /** Charges that an earlier leader made, by the host whose agent has not registered under this one. */
    private final Map<String, List<Charge>> toRecover = new TreeMap<>();

    private final Map<String, NodeJoined> nodes = new TreeMap<>();
    private final Set<String> registeredHosts = new HashSet<>();

    /** Hosts of agents without a node of YARN's. */
    private final Set<String> withoutNode = new TreeSet<>();

    private @Nullable String incarnation;
    private boolean sameIncarnation;
    private boolean synced;
    private long connection;

    /** When what a new head has not named is given up; null when there is nothing of that kind. */
    private @Nullable Instant doubtUntil;

    private final List<Step> steps = new ArrayList<>();

    /** @param failover how long applications keep their containers while no head is linked, and what a new head may take to name them */
    HeadBooks(Duration failover, VcoreSize vcore) {
        this.failover = failover;
        this.vcore = vcore;
    }

    /** What follows from all news since the last call. */
    List<Step> take() {
        List<Step> taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }

    /** Whether a head is linked and has said all it has. */
    boolean isSynced() {
        return synced;
    }

    // --- from the head

    /**
     * A stream begins; it replaces whichever was open.
     *
     * @param number higher than any before
     */
    void opened(String newIncarnation, long number) {
        sameIncarnation = newIncarnation.equals(incarnation);
        incarnation = newIncarnation;
        connection = number;
        synced = false;
        nodes.clear();
        for (HeadApplication application : applications.values()) {
            application.named = false;
            application.headroom = null;
        }
        byTask.values().forEach(charge -> charge.named = false);
    }

    /** The stream has ended; ignored when another has taken its place. */
    void closed(long number, Instant now) {
        if (number != connection) {
            return;
        }
        synced = false;
        for (HeadApplication application : applications.values()) {
            if (application.connection == number) {
                steps.add(new Step.Tell(new Command.DisconnectFramework(application.framework, number, now)));
            }
        }
    }

    /** Any message but the first. It has no {@link HeadMessages#fault}. */
    void heard(FromHead message, Instant now) {
        switch (message.getMessageCase()) {
            case SYNCED -> synced(now);
            case NODE_JOINED -> joined(message.getNodeJoined(), now);
            case NODE_LEFT -> left(message.getNodeLeft().getNode(), now);
            case ATTEMPT_BEGAN -> began(message.getAttemptBegan(), now);
            case ATTEMPT_ENDED -> attemptEnded(message.getAttemptEnded().getAttempt(), now);
            case APPLICATION_ENDED ->
                applicationEnded(message.getApplicationEnded().getApplication(), now);
            case ASK -> asks(message.getAsk(), now);
            case AVOID -> {
                HeadApplication application = ofAttempt(message.getAvoid().getAttempt());
                if (application != null) {
                    application.avoids = Set.copyOf(message.getAvoid().getPlacesList());
                    tellAvoided(application, now);
                }
            }
            case HOLDS -> holds(message.getHolds());
            case DECLINED -> release(byTask.get(message.getDeclined().getGrant()), now);
            case CONTAINER_ENDED ->
                release(byContainer.get(message.getContainerEnded().getContainer()), now);
            case HELLO, MESSAGE_NOT_SET -> throw new IllegalArgumentException("not a head's news: " + message);
        }
    }

    private void synced(Instant now) {
        synced = true;
        boolean doubts = false;
        for (Charge charge : List.copyOf(byTask.values())) {
            if (!charge.named && charge.application.named) {
                // A grant that this stream doesn't name was never taken; a container only a new head may still learn
                // of.
                if (charge.container == null || sameIncarnation) {
                    release(charge, now);
                } else {
                    doubts = true;
                }
            }
        }
        for (HeadApplication application : List.copyOf(applications.values())) {
            if (application.named) {
                tellAvoided(application, now);
                application.lines.forEach((key, line) -> ask(application, key, line, now));
            } else if (sameIncarnation) {
                end(application, now);
            } else {
                // Its stream has ended with the old head: from here on the failover time decides.
                steps.add(new Step.Tell(
                        new Command.DisconnectFramework(application.framework, application.connection, now)));
            }
        }
        doubtUntil = doubts ? now.plus(failover) : null;
    }

    /** Time has passed. */
    void passed(Instant now) {
        Instant until = doubtUntil;
        if (until == null || now.isBefore(until) || !synced) {
            return;
        }
        doubtUntil = null;
        for (Charge charge : List.copyOf(byTask.values())) {
            if (!charge.named && charge.application.named) {
                release(charge, now);
            }
        }
    }

    private void joined(NodeJoined node, Instant now) {
        nodes.put(node.getNode(), node);
        if (withoutNode.remove(node.getHost())) {
            tellAllAvoided(now);
        }
    }

    private void left(String node, Instant now) {
        NodeJoined gone = nodes.remove(node);
        for (Charge charge : List.copyOf(byTask.values())) {
            if (charge.node.equals(node)) {
                release(charge, now);
            }
        }
        if (gone != null && nodeOn(gone.getHost()).isEmpty() && withoutNode.add(gone.getHost())) {
            tellAllAvoided(now);
        }
    }

    private Optional<String> nodeOn(String host) {
        return nodes.values().stream()
                .filter(node -> node.getHost().equals(host))
                .map(NodeJoined::getNode)
                .findFirst();
    }

    private void began(AttemptBegan attempt, Instant now) {
        HeadApplication application =
                applications.computeIfAbsent(attempt.getApplication(), id -> new HeadApplication(attempt));
        boolean again = application.connection == connection;
        if (again) {
            forgetAsks(application, now);
        }
        application.lines.clear();
        application.avoids = Set.of();
        application.attempt = attempt;
        application.attemptEnded = false;
        application.ended = false;
        application.named = true;
        if (!again) {
            application.connection = connection;
            application.toldAvoided.clear();
            steps.add(new Step.Subscribe(
                    new Command.Subscribe(
                            Optional.of(application.framework), application.spec(failover), Set.of(), connection, now),
                    application.id));
        }
        if (synced) {
            tellAvoided(application, now);
        }
    }

    private void attemptEnded(String attempt, Instant now) {
        HeadApplication application = ofAttempt(attempt);
        if (application != null) {
            application.attemptEnded = true;
            forgetAsks(application, now);
        }
    }

    private void forgetAsks(HeadApplication application, Instant now) {
        List<Ask> none =
                application.lines.keySet().stream().map(HeadMessages::nothing).toList();
        application.lines.clear();
        if (synced && !none.isEmpty()) {
            steps.add(new Step.Tell(new Command.UpdateAsks(application.framework, none, List.of(), List.of(), now)));
        }
    }

    private void applicationEnded(String id, Instant now) {
        HeadApplication application = applications.get(id);
        if (application != null) {
            application.ended = true;
            endIfOver(application, now);
        }
    }

    private void endIfOver(HeadApplication application, Instant now) {
        if (application.ended && application.charges.isEmpty()) {
            end(application, now);
        }
    }

    private void end(HeadApplication application, Instant now) {
        forget(application);
        steps.add(new Step.Tell(new Command.TeardownFramework(application.framework, now)));
    }

    private void forget(HeadApplication application) {
        applications.remove(application.id);
        List.copyOf(application.charges).forEach(this::drop);
    }

    private void asks(HeadAsk ask, Instant now) {
        HeadApplication application = ofAttempt(ask.getAttempt());
        if (application == null || application.attemptEnded) {
            return;
        }
        AskKey key = HeadMessages.key(ask.getKey());
        Line line = application.lines.computeIfAbsent(key, k -> new Line(ask));
        line.ask = ask;
        if (synced) {
            ask(application, key, line, now);
        }
    }

    private void ask(HeadApplication application, AskKey key, Line line, Instant now) {
        steps.add(new Step.Ask(
                new Command.UpdateAsks(
                        application.framework,
                        List.of(HeadMessages.ask(line.ask, line.underWay(), vcore)),
                        List.of(),
                        List.of(),
                        now),
                application.id,
                key,
                line.issued));
    }

    private void tellAllAvoided(Instant now) {
        if (synced) {
            applications.values().stream()
                    .filter(application -> application.named)
                    .forEach(application -> tellAvoided(application, now));
        }
    }

    private void tellAvoided(HeadApplication application, Instant now) {
        Set<String> wanted = new TreeSet<>(withoutNode);
        application.avoids.stream()
                .filter(place -> !place.startsWith("/") && !place.equals("*"))
                .forEach(wanted::add);
        List<String> added = wanted.stream()
                .filter(host -> !application.toldAvoided.contains(host))
                .toList();
        List<String> removed = application.toldAvoided.stream()
                .filter(host -> !wanted.contains(host))
                .toList();
        if (synced && !(added.isEmpty() && removed.isEmpty())) {
            application.toldAvoided.clear();
            application.toldAvoided.addAll(wanted);
            steps.add(new Step.Tell(new Command.UpdateAsks(application.framework, List.of(), added, removed, now)));
        }
    }

    private void holds(Holds holds) {
        Charge charge = byContainer.get(holds.getContainer());
        if (charge == null) {
            charge = byTask.get(holds.getGrant());
        }
        if (charge == null) {
            charge = recovered(holds);
        }
        if (charge == null) {
            sendLost(holds.getContainer(), GONE);
            return;
        }
        charge.named = true;
        charge.container = holds.getContainer();
        byContainer.put(holds.getContainer(), charge);
        if (charge.takenBack) {
            sendLost(holds.getContainer(), "Taken back by its queue's leader");
        }
    }

    /** What an earlier leader granted is taken over with its agent, as long as that has not registered without it. */
    private @Nullable Charge recovered(Holds holds) {
        HeadApplication application = applications.get(holds.getApplication());
        NodeJoined node = nodes.get(holds.getNode());
        if (application == null || node == null || registeredHosts.contains(node.getHost())) {
            return null;
        }
        Charge charge = new Charge(
                application,
                holds.getGrant().isEmpty() ? holds.getContainer() : holds.getGrant(),
                HeadMessages.key(holds.getKey()),
                holds.getNode(),
                holds.getEach(),
                holds.getApplicationMaster(),
                holds.getContainer());
        add(charge);
        toRecover.computeIfAbsent(node.getHost(), host -> new ArrayList<>()).add(charge);
        return charge;
    }

    private @Nullable HeadApplication ofAttempt(String attempt) {
        for (HeadApplication application : applications.values()) {
            if (application.attempt.getAttempt().equals(attempt)) {
                return application;
            }
        }
        return null;
    }

    private void add(Charge charge) {
        byTask.put(charge.task, charge);
        charge.application.charges.add(charge);
        if (charge.container != null) {
            byContainer.put(charge.container, charge);
        }
    }

    private void drop(Charge charge) {
        byTask.remove(charge.task);
        charge.application.charges.remove(charge);
        if (charge.container != null) {
            byContainer.remove(charge.container);
        }
        toRecover.values().forEach(waiting -> waiting.remove(charge));
    }

    private void release(@Nullable Charge charge, Instant now) {
        if (charge == null) {
            return;
        }
        drop(charge);
        steps.add(new Step.Tell(
                new Command.ReleaseContainers(charge.application.framework, List.of(new TaskId(charge.task)), now)));
        endIfOver(charge.application, now);
    }

    // --- from the engine

    /** An application's subscription was answered. */
    void subscribed(String id, Answer answer) {
        HeadApplication application = applications.get(id);
        if (application != null && answer instanceof Answer.Refused refused) {
            forget(application);
            sendRemoved(id, refused.message());
        }
    }

    /** An ask has reached the engine. What was granted between its making and this moment is taken off. */
    void asked(String id, AskKey key, long issued, Instant now) {
        HeadApplication application = applications.get(id);
        Line line = application == null ? null : application.lines.get(key);
        if (application != null && line != null && line.issued != issued) {
            ask(application, key, line, now);
        }
    }

    /** Takes an effect if it is for one of the head's applications. */
    boolean takes(Effect.ToFramework effect, Instant now) {
        HeadApplication application = applications.get(effect.frameworkId().value());
        if (application == null) {
            return false;
        }
        switch (effect) {
            case Effect.GrantContainers granted -> {
                granted.grants().forEach(grant -> grant(application, grant, now));
                show(application, vcore.amount(granted.headroom()));
            }
            case Effect.SendUpdate sent -> told(application, sent.update(), now);
            // Their ends are told one by one, and their reclaim when it comes; the rest is for those who wait for
            // offers.
            case Effect.AnnounceReclaim _,
                    Effect.SendOffers _,
                    Effect.RescindOffer _,
                    Effect.SendInverseOffers _,
                    Effect.RescindInverseOffer _,
                    Effect.SendAgentFailure _,
                    Effect.SendExecutorFailure _,
                    Effect.SendMessage _,
                    Effect.SendOperationStatus _,
                    Effect.SendError _,
                    Effect.CloseStream _ -> {}
        }
        return true;
    }

    private void grant(HeadApplication application, Grant grant, Instant now) {
        String host = grant.agent().hostname();
        Optional<String> node = nodeOn(host);
        Line line = application.lines.get(grant.key());
        Charge charge = new Charge(
                application,
                grant.container().value(),
                grant.key(),
                node.orElse(""),
                vcore.amount(grant.size()),
                grant.applicationMaster(),
                null);
        add(charge);
        if (!synced || !application.named || line == null) {
            release(charge, now);
            return;
        }
        if (node.isEmpty()) {
            // Nobody there could start it: it goes back, and nobody asks for that host until a node joins there.
            withoutNode.add(host);
            tellAllAvoided(now);
            release(charge, now);
            ask(application, grant.key(), line, now);
            return;
        }
        charge.named = true;
        line.issued++;
        send(ToHead.newBuilder()
                .setGranted(Granted.newBuilder()
                        .setGrant(charge.task)
                        .setAttempt(application.attempt.getAttempt())
                        .setKey(HeadMessages.key(charge.key))
                        .setNode(charge.node)
                        .setEach(charge.each)));
    }

    private void told(HeadApplication application, StatusUpdate update, Instant now) {
        if (update.uuid().isPresent() && update.agentId().isPresent()) {
            steps.add(new Step.Tell(new Command.AcknowledgeUpdate(
                    application.framework,
                    update.agentId().get(),
                    update.taskId(),
                    update.uuid().get(),
                    now)));
        }
        Charge charge = byTask.get(update.taskId().value());
        if (charge == null || !(update.state().isTerminal() || update.state() == TaskState.UNREACHABLE)) {
            return;
        }
        drop(charge);
        if (charge.container != null) {
            sendLost(charge.container, update.message().orElse("Its agent is lost"));
        }
        endIfOver(application, now);
    }

    /** Takes an effect for an agent if it is about one of the head's applications: the head ends their containers, not the shim. */
    boolean takes(Effect.ToAgent effect) {
        return switch (effect) {
            case Effect.KillTask kill -> takeBack(kill.frameworkId(), kill.taskId());
            case Effect.DrainTask drain -> takeBack(drain.frameworkId(), drain.taskId());
            case Effect.ShutdownFramework shutdown -> isOurs(shutdown.frameworkId());
            case Effect.AcknowledgeUpdate acknowledged -> isOurs(acknowledged.frameworkId());
            case Effect.ReportTaskUnknown unknown -> isOurs(unknown.frameworkId());
            case Effect.LaunchTask _,
                    Effect.LaunchTaskGroup _,
                    Effect.MessageExecutor _,
                    Effect.ShutdownExecutor _,
                    Effect.KeepVolumes _,
                    Effect.SendAgentAway _ -> false;
        };
    }

    private boolean isOurs(FrameworkId framework) {
        return applications.containsKey(framework.value());
    }

    private boolean takeBack(FrameworkId framework, TaskId task) {
        Charge charge = byTask.get(task.value());
        if (charge != null && charge.application.framework.equals(framework)) {
            charge.takenBack = true;
            if (charge.container != null) {
                sendLost(charge.container, "Taken back by its queue's leader");
            }
        }
        return isOurs(framework);
    }

    /** A framework has ended for the engine. */
    void removed(FrameworkId framework, String cause) {
        HeadApplication application = applications.get(framework.value());
        if (application != null) {
            forget(application);
            sendRemoved(application.id, cause);
        }
    }

    /** What an agent that registers for the first time under this leader holds of the head's. */
    Command.RegisterAgent withContainers(Command.RegisterAgent command) {
        String host = command.spec().hostname();
        registeredHosts.add(host);
        List<Charge> charges = toRecover.remove(host);
        if (charges == null || charges.isEmpty()) {
            return command;
        }
        List<Command.HeldTask> tasks = new ArrayList<>(command.tasks());
        Map<FrameworkId, Command.HeldFramework> frameworks = new LinkedHashMap<>();
        command.frameworks().forEach(held -> frameworks.put(held.frameworkId(), held));
        for (Charge charge : charges) {
            HeadApplication application = charge.application;
            tasks.add(new Command.HeldTask(
                    application.framework,
                    task(charge, command.agentId()),
                    HeadMessages.role(application.attempt.getQueue()),
                    TaskState.STAGING,
                    Optional.empty()));
            frameworks.put(
                    application.framework,
                    new Command.HeldFramework(application.framework, application.spec(failover)));
        }
        return new Command.RegisterAgent(
                command.agentId(),
                command.spec(),
                command.total(),
                tasks,
                List.copyOf(frameworks.values()),
                command.connection(),
                command.at());
    }

    private TaskSpec task(Charge charge, AgentId agent) {
        return new TaskSpec(
                new TaskId(charge.task),
                charge.task,
                agent,
                Resources.of(new Amounts(
                        vcore.quantities(charge.each), Collections.emptySortedMap(), Collections.emptySortedMap())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Payload.EMPTY,
                new Standing(charge.key.priority(), charge.master));
    }

    /** Tells applications what they could still get, where that has changed. */
    void show(EngineView view) {
        for (EngineView.FrameworkView framework : view.frameworks()) {
            HeadApplication application = applications.get(framework.id().value());
            if (synced && application != null && framework.application().isPresent()) {
                show(application, vcore.amount(framework.application().get().headroom()));
            }
        }
    }

    private void show(HeadApplication application, HeadAmount headroom) {
        if (!headroom.equals(application.headroom)) {
            application.headroom = headroom;
            send(ToHead.newBuilder()
                    .setHeadroom(
                            Headroom.newBuilder().setApplication(application.id).setAmount(headroom)));
        }
    }

    private void sendLost(String container, String why) {
        send(ToHead.newBuilder()
                .setContainerLost(
                        ContainerLost.newBuilder().setContainer(container).setWhy(why)));
    }

    private void sendRemoved(String application, String why) {
        send(ToHead.newBuilder()
                .setApplicationRemoved(ApplicationRemoved.newBuilder()
                        .setApplication(application)
                        .setWhy(why)));
    }

    private void send(ToHead.Builder message) {
        steps.add(new Step.Send(message.build()));
    }
}
