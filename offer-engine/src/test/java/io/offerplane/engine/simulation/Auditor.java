package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.offer.OperationState;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.simulation.Books.AgentBooks;
import io.offerplane.engine.simulation.Books.AskBooks;
import io.offerplane.engine.simulation.Books.FrameworkBooks;
import io.offerplane.engine.simulation.Books.Refusal;
import io.offerplane.engine.simulation.Books.TaskBooks;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges every decision by a second set of books, kept naively from nothing but commands and effects.
 *
 * <p>On each step: nothing is offered that is not there, twice, to the wrong one, or against a filter; nothing starts that was
 * not accepted, or twice; each update goes on to its framework, each acknowledgement to its agent; a task is forgotten no sooner
 * than its end is acknowledged. From time to time the engine's whole view must say what these books say.
 */
final class Auditor {
    private final Set<OfferId> everOffered = new HashSet<>();
    private final Books books = new Books();
    private final Map<String, Integer> gangs = new TreeMap<>();
    private final MaintenanceAudit maintenance = new MaintenanceAudit(books);
    private EngineConfig config;
    private Command command;
    private Instant now;

    Auditor(EngineConfig config) {
        this.config = config;
    }

    /** Another leader: what only the last one knew is void. */
    void newTerm(EngineConfig newConfig) {
        config = newConfig;
        books.clear();
        maintenance.clear();
    }

    void audit(Command given, Decision decision) {
        command = given;
        now = given.at();
        List<Effect> effects = decision.effects();
        boolean refused = decision.answer() instanceof Answer.Refused;
        if (!refused) {
            follow(decision);
            maintenance.follow(given, now);
        }
        boolean launches = given instanceof Command.AcceptOffers;
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.SendOffers sent -> sent.offers().forEach(offer -> offered(sent.frameworkId(), offer));
                case Effect.GrantContainers granted ->
                    granted.grants().forEach(grant -> granted(granted.frameworkId(), grant));
                case Effect.AnnounceReclaim announced -> announced.tasks().forEach(task -> reclaimed(announced, task));
                case Effect.SendAgentAway away -> lostForGood(away.agentId());
                case Effect.RescindOffer rescind -> rescinded(rescind);
                case Effect.LaunchTask launch -> require(launches, "launch by ACCEPT only", launch);
                case Effect.LaunchTaskGroup group -> require(launches, "launch by ACCEPT only", group);
                case Effect.FrameworkRemoved removed -> frameworkRemoved(removed.frameworkId());
                case Effect.AcknowledgeUpdate acknowledge -> acknowledgedByEngine();
                default -> {}
            }
            maintenance.see(effect, now);
        }
        if (!refused) {
            demand(effects);
        }
        checkGangs();
        maintenance.settle();
        if (movesResources(effects)) {
            books.agents.forEach(this::checkSums);
        }
        if (!books.quotas.isEmpty()) {
            checkQuotas(effects);
        }
    }

    private boolean movesResources(List<Effect> effects) {
        return command instanceof Command.UpdateAgent
                || command instanceof Command.RegisterAgent
                || command instanceof Command.SetOversubscribed
                || effects.stream()
                        .anyMatch(effect -> effect instanceof Effect.SendOffers
                                || effect instanceof Effect.LaunchTask
                                || effect instanceof Effect.LaunchTaskGroup
                                || effect instanceof Effect.GrantContainers);
    }

    // --- what a command means

    private void follow(Decision decision) {
        switch (command) {
            case Command.Tick tick -> passTime();
            case Command.RegisterAgent register -> register(register);
            case Command.RecoverAgent recover ->
                books.agents.computeIfAbsent(recover.agentId(), id -> {
                    AgentBooks agent = new AgentBooks();
                    agent.deadline = now.plus(config.agentReregisterTimeout());
                    return agent;
                });
            case Command.UpdateAgent update -> {
                AgentBooks agent = books.agents.get(update.agentId());
                if (agent.counted && !agent.granted.equals(update.total())) {
                    agent.grant(update.total());
                    books.refusals.removeIf(refusal -> refusal.agent().equals(update.agentId()));
                }
            }
            case Command.DeactivateAgent deactivate -> books.agents.get(deactivate.agentId()).deactivated = true;
            case Command.ActivateAgent activate -> books.agents.get(activate.agentId()).deactivated = false;
            case Command.DisconnectAgent disconnect -> {
                AgentBooks agent = books.agents.get(disconnect.agentId());
                if (agent.connected && agent.connection == disconnect.connection()) {
                    agent.connected = false;
                    agent.deadline = now.plus(config.agentReregisterTimeout());
                }
            }
            case Command.MarkAgentUnreachable mark -> lost(mark.agentId());
            case Command.RemoveAgent remove -> lostForGood(remove.agentId());
            case Command.SetOversubscribed set -> {
                AgentBooks agent = books.agents.get(set.agentId());
                if (!agent.oversubscribed.equals(set.resources())) {
                    agent.oversubscribed = set.resources();
                    if (agent.counted) {
                        agent.grant(agent.granted);
                        books.refusals.removeIf(refusal -> refusal.agent().equals(set.agentId()));
                        maintenance.forgetRefusals(set.agentId());
                    }
                }
            }
            case Command.DrainAgent ignored -> {}
            case Command.CordonAgent ignored -> {}
            case Command.UncordonAgent ignored -> {}
            case Command.UpdateMaintenanceSchedule ignored -> {}
            case Command.StartMaintenance ignored -> {}
            case Command.StopMaintenance ignored -> {}
            case Command.AcceptInverseOffers ignored -> {}
            case Command.DeclineInverseOffers ignored -> {}
            case Command.UpdateTask update -> updated(update);
            case Command.Subscribe subscribe ->
                subscribed(subscribe, ((Answer.Subscribed) decision.answer()).frameworkId());
            case Command.UpdateFramework update ->
                roles(update.frameworkId(), update.spec().roles(), update.suppressedRoles());
            case Command.DisconnectFramework disconnect -> disconnected(disconnect);
            case Command.AcceptOffers accept -> accepted(accept, decision.effects());
            case Command.DeclineOffers decline ->
                new HashSet<>(decline.offerIds()).forEach(id -> {
                    Offer offer = books.offers.get(id);
                    if (offer != null && offer.frameworkId().equals(decline.frameworkId())) {
                        books.offers.remove(id);
                        refuse(offer, offer.resources(), decline.refuseSeconds());
                    }
                });
            case Command.Revive revive ->
                chosen(revive.frameworkId(), revive.roles()).forEach(role -> {
                    books.frameworks.get(revive.frameworkId()).suppressed.remove(role);
                    forgetRefusals(revive.frameworkId(), role);
                });
            case Command.Suppress suppress ->
                chosen(suppress.frameworkId(), suppress.roles()).forEach(role -> books.frameworks
                        .get(suppress.frameworkId())
                        .suppressed
                        .add(role));
            case Command.AcknowledgeUpdate acknowledge -> acknowledged(acknowledge);
            case Command.UpdateAsks update -> asked(update);
            case Command.ReleaseContainers release -> released(release);
            case Command.RecoverFramework recover -> books.framework(recover.frameworkId());
            case Command.RecoverRemovedFramework recover -> books.ended.add(recover.frameworkId());
            case Command.SetReclaimPolicy set ->
                set.policy()
                        .ifPresentOrElse(
                                policy -> books.reclaimable.put(set.role(), policy.allowed()),
                                () -> books.reclaimable.remove(set.role()));
            case Command.SetQueuePolicy ignored -> {}
            case Command.SetRoleWeight ignored -> {}
            case Command.ClearRoleWeight ignored -> {}
            case Command.RecoverRemovedAgent ignored -> {}
            case Command.TeardownFramework ignored -> {}
            case Command.KillTask ignored -> {}
            case Command.ShutdownExecutor ignored -> {}
            case Command.MessageExecutor ignored -> {}
            case Command.MessageFramework ignored -> {}
            case Command.ExecutorExited ignored -> {}
            case Command.ReconcileTasks ignored -> {}
            case Command.RecoverReservations recover -> books.agents.get(recover.agentId()).dynamic = recover.dynamic();
            case Command.ChangeResources change -> {
                Conversion conversion = Conversion.of(change.change());
                books.agents.get(change.agentId()).change(conversion.from(), conversion.to());
            }
            case Command.SetQuotas set -> set.quotas().forEach(quota -> books.quotas.put(quota.role(), quota.quota()));
            case Command.AcknowledgeOperation ignored -> {}
            case Command.ReconcileOperations ignored -> {}
        }
    }

    private void passTime() {
        books.agents.forEach((id, agent) -> {
            if (agent.deadline != null && !agent.deadline.isAfter(now)) {
                lost(id);
            }
        });
    }

    private void lostForGood(AgentId id) {
        if (books.agents.containsKey(id)) {
            lost(id);
            books.agents.remove(id);
        }
    }

    private void lost(AgentId id) {
        AgentBooks agent = books.agents.get(id);
        agent.connected = false;
        agent.counted = false;
        agent.deadline = null;
        agent.total = Resources.EMPTY;
        agent.oversubscribed = Resources.EMPTY;
        // Its application may still start what it was granted, until it hears of this.
        agent.tasks.forEach((key, task) -> {
            if (!task.started) {
                agent.writtenOff.add(key);
            }
        });
        agent.tasks.clear();
        books.refusals.removeIf(refusal -> refusal.agent().equals(id));
    }

    private void register(Command.RegisterAgent register) {
        AgentBooks agent = books.agents.computeIfAbsent(register.agentId(), id -> new AgentBooks());
        if (!agent.counted || !agent.granted.equals(register.total())) {
            books.refusals.removeIf(refusal -> refusal.agent().equals(register.agentId()));
        }
        agent.counted = true;
        agent.connected = true;
        agent.deadline = null;
        agent.connection = register.connection();
        agent.grant(register.total());
        if (maintenance.isDown(register.agentId())) {
            maintenance.takeDown(register.agentId(), agent);
            return;
        }
        for (Command.HeldTask held : register.tasks()) {
            if (books.ended.contains(held.frameworkId())) {
                continue;
            }
            books.framework(held.frameworkId());
            TaskBooks task = agent.tasks.computeIfAbsent(
                    new SimulatedAgent.Key(held.frameworkId(), held.task().taskId()),
                    key -> new TaskBooks(held.task().resources(), held.role()));
            task.live = !held.state().isTerminal();
            task.started |= held.state() != TaskState.STAGING;
            if (task.forwarded == null) {
                task.forwarded = held.forwarded().orElse(null);
            }
        }
    }

    private void updated(Command.UpdateTask update) {
        TaskBooks task = books.task(
                update.agentId(), update.frameworkId(), update.update().taskId());
        if (task != null) {
            task.live &= !update.latestState().isTerminal();
            task.forwarded = update.update();
            task.started = true;
        }
    }

    private void asked(Command.UpdateAsks update) {
        FrameworkBooks framework = books.frameworks.get(update.frameworkId());
        framework.avoided.addAll(update.avoid());
        update.noLongerAvoid().forEach(framework.avoided::remove);
        update.asks().forEach(ask -> framework.asks.put(ask.key(), new AskBooks(ask)));
    }

    /** What was not started is off the books at once. */
    private void released(Command.ReleaseContainers release) {
        for (TaskId container : release.containers()) {
            var key = new SimulatedAgent.Key(release.frameworkId(), container);
            for (AgentBooks agent : books.agents.values()) {
                TaskBooks task = agent.tasks.get(key);
                if (task != null && !task.started) {
                    agent.tasks.remove(key);
                }
            }
        }
    }

    private void acknowledged(Command.AcknowledgeUpdate acknowledge) {
        AgentBooks agent = books.agents.get(acknowledge.agentId());
        TaskBooks task = books.task(acknowledge.agentId(), acknowledge.frameworkId(), acknowledge.taskId());
        if (agent == null || !agent.connected || task == null || task.forwarded == null) {
            return;
        }
        StatusUpdate forwarded = task.forwarded;
        if (forwarded.uuid().equals(Optional.of(acknowledge.uuid()))
                && forwarded.state().isTerminal()) {
            agent.tasks.remove(new SimulatedAgent.Key(acknowledge.frameworkId(), acknowledge.taskId()));
        }
    }

    /** Of a task that its framework has started anew elsewhere, nobody but the engine acknowledges. */
    private void acknowledgedByEngine() {
        if (command instanceof Command.UpdateTask update) {
            require(isDouble(update), "frameworks acknowledge for themselves", update);
            if (update.update().state().isTerminal()) {
                books.agents
                        .get(update.agentId())
                        .tasks
                        .remove(new SimulatedAgent.Key(
                                update.frameworkId(), update.update().taskId()));
            }
        }
    }

    private void subscribed(Command.Subscribe subscribe, FrameworkId id) {
        require(!books.ended.contains(id), "ended frameworks stay out", id);
        FrameworkBooks framework = books.framework(id);
        framework.connected = true;
        framework.deadline = null;
        framework.connection = subscribe.connection();
        framework.timeout = subscribe.spec().failoverTimeout();
        framework.asks.clear();
        framework.avoided.clear();
        framework.isAsking = subscribe.spec().application().isPresent();
        framework.refines = subscribe.spec().has(FrameworkCapability.RESERVATION_REFINEMENT);
        framework.takesRevocable = subscribe.spec().has(FrameworkCapability.REVOCABLE_RESOURCES);
        books.offers.values().removeIf(offer -> offer.frameworkId().equals(id));
        books.refusals.removeIf(refusal -> refusal.framework().equals(id));
        roles(id, subscribe.spec().roles(), subscribe.suppressedRoles());
    }

    private void roles(FrameworkId id, List<RolePath> roles, Set<RolePath> suppressed) {
        FrameworkBooks framework = books.frameworks.get(id);
        for (RolePath role : framework.roles) {
            if (!roles.contains(role)) {
                forgetRefusals(id, role);
            }
        }
        framework.roles = new ArrayList<>(roles);
        framework.suppressed = new HashSet<>(suppressed);
    }

    private void disconnected(Command.DisconnectFramework disconnect) {
        FrameworkBooks framework = books.frameworks.get(disconnect.frameworkId());
        if (framework.connected && framework.connection == disconnect.connection()) {
            framework.connected = false;
            framework.deadline = now.plus(framework.timeout);
            books.offers.values().removeIf(offer -> offer.frameworkId().equals(disconnect.frameworkId()));
            books.refusals.removeIf(refusal -> refusal.framework().equals(disconnect.frameworkId()));
        }
    }

    private List<RolePath> chosen(FrameworkId id, List<RolePath> asked) {
        List<RolePath> roles = books.frameworks.get(id).roles;
        return asked.isEmpty() ? roles : roles.containsAll(asked) ? asked : List.of();
    }

    private void forgetRefusals(FrameworkId id, RolePath role) {
        books.refusals.removeIf(
                refusal -> refusal.framework().equals(id) && refusal.role().equals(role));
    }

    private void refuse(Offer offer, Resources refused, Optional<Double> seconds) {
        double asked = seconds.orElse(5.0);
        if (asked == 0) {
            return;
        }
        double held = Double.isNaN(asked) || asked < 0 ? 5 : Math.min(asked, 365 * 86400.0);
        Duration time = Duration.ofNanos(Math.round(held * 1e9));
        if (time.compareTo(config.allocationInterval()) < 0) {
            time = config.allocationInterval();
        }
        books.refusals.add(new Refusal(offer.frameworkId(), offer.role(), offer.agentId(), refused, now.plus(time)));
    }

    // --- what effects must and must not be

    private void offered(FrameworkId to, Offer offer) {
        AgentBooks agent = books.agents.get(offer.agentId());
        FrameworkBooks framework = books.frameworks.get(to);
        require(everOffered.add(offer.id()), "an offer id is used once", offer);
        require(offer.frameworkId().equals(to), "offers go to their framework", offer);
        require(
                agent != null
                        && agent.connected
                        && !agent.deactivated
                        && !maintenance.isDown(offer.agentId())
                        && !maintenance.isCordoned(offer.agentId()),
                "offers of active agents only",
                offer);
        require(framework != null && framework.connected, "offers to connected frameworks only", offer);
        require(framework.roles.contains(offer.role()), "offers for roles of the framework", offer);
        require(!framework.suppressed.contains(offer.role()), "no offers while suppressed", offer);
        require(!offer.resources().isEmpty(), "offers are not empty", offer);
        offer.resources().bound().forEach((terms, amounts) -> {
            String owner = terms.role().map(RolePath::value).orElse(offer.role().value());
            require(
                    !terms.revocable() || framework.takesRevocable,
                    "revocable resources go to those who know them",
                    offer);
            require(
                    (offer.role() + "/").startsWith(owner + "/"),
                    "reservations reach their role and those below it only",
                    offer);
            require(
                    terms.reservations().size() <= 1 || framework.refines,
                    "refined reservations go to those who know them",
                    offer);
        });
        for (Refusal refusal : books.refusals) {
            require(!refusal.forbids(offer, now), "filters hold", offer, " against ", refusal);
        }
        books.offers.put(offer.id(), offer);
    }

    /** Nothing is taken from who does not allow it, from the very role that lacks, or for who has what it is guaranteed. */
    private void reclaimed(Effect.AnnounceReclaim announced, TaskId id) {
        TaskBooks task = books.agents.values().stream()
                .map(agent -> agent.tasks.get(new SimulatedAgent.Key(announced.frameworkId(), id)))
                .filter(known -> known != null && known.live)
                .findFirst()
                .orElse(null);
        require(task != null, "only what runs is taken back", announced);
        require(books.isReclaimable(task.role), "only from who allows it", announced, " of ", task.role);
        require(!Books.isWithin(task.role, announced.role()), "not from the role that lacks", announced);
        Quota quota = books.quotas.getOrDefault(announced.role(), Quota.NONE);
        boolean lacks = quota.guarantees().amounts().keySet().stream()
                .anyMatch(name -> books.consumed(announced.role(), name)
                        < quota.guarantees().milli(name));
        require(lacks, "only for who lacks", announced);
    }

    private void granted(FrameworkId to, Grant grant) {
        AgentBooks agent = books.agents.get(grant.agentId());
        FrameworkBooks framework = books.frameworks.get(to);
        require(agent != null && agent.connected && !agent.deactivated, "containers on active agents only", grant);
        require(framework != null && framework.connected && framework.isAsking, "containers to who asks only", grant);
        AskBooks asked = framework.asks.get(grant.key());
        require(asked != null && asked.left > 0, "no container that was not asked for", grant);
        asked.left--;
        require(asked.ask.size().equals(grant.size()), "containers are of the size that was asked for", grant);
        require(!framework.avoided.contains(grant.agent().hostname()), "no container where it is avoided", grant);
        Locality locality = asked.ask.locality();
        if (!locality.elsewhere()) {
            require(locality.hosts().containsKey(grant.agent().hostname()), "strict places are kept to", grant);
        }
        var key = new SimulatedAgent.Key(to, grant.container());
        require(!books.isRunning(key), "no container twice", grant);
        for (Placement.Neighbours neighbours : asked.ask.placement().neighbours()) {
            if (neighbours.scope() == Placement.Neighbours.Scope.HOST) {
                long there = agent.tasks.entrySet().stream()
                        .filter(entry -> entry.getKey().framework().equals(to)
                                && entry.getValue().live
                                && entry.getValue().tags.contains(neighbours.tag()))
                        .count();
                require(there <= neighbours.most(), "no more neighbours than allowed", grant);
            }
        }
        TaskBooks task =
                new TaskBooks(Resources.of(new Amounts(grant.size(), new TreeMap<>(), new TreeMap<>())), grant.role());
        require(grant.role().equals(framework.roles.getFirst()), "containers are of the application's queue", grant);
        task.started = false;
        task.tags = asked.ask.placement().tags();
        agent.tasks.put(key, task);
        gangs.merge(asked.ask.gang().map(gang -> to + " " + gang).orElse(""), 1, Integer::sum);
    }

    /** All that a gang still lacked came at once, or nothing of it. */
    private void checkGangs() {
        gangs.remove("");
        gangs.forEach((gang, count) -> books.frameworks.forEach((id, framework) -> framework.asks.values().stream()
                .filter(ask -> ask.ask
                        .gang()
                        .filter(name -> gang.equals(id + " " + name))
                        .isPresent())
                .forEach(ask -> require(ask.left == 0, "gangs come whole", gang, ask.ask))));
        gangs.clear();
    }

    private void rescinded(Effect.RescindOffer rescind) {
        Offer offer = books.offers.remove(rescind.offerId());
        require(
                offer != null && offer.frameworkId().equals(rescind.frameworkId()),
                "only what is out is rescinded",
                rescind);
    }

    private void frameworkRemoved(FrameworkId id) {
        FrameworkBooks framework = books.frameworks.remove(id);
        boolean due = framework.deadline != null && !framework.deadline.isAfter(now);
        boolean recovered = framework.connection == 0;
        require(
                command instanceof Command.TeardownFramework || due || recovered,
                "frameworks end when their time is up",
                id);
        books.ended.add(id);
        books.offers.values().removeIf(offer -> offer.frameworkId().equals(id));
        books.refusals.removeIf(refusal -> refusal.framework().equals(id));
        books.agents.values().forEach(agent -> agent.tasks.keySet().removeIf(key -> key.framework()
                .equals(id)));
    }

    private void accepted(Command.AcceptOffers accept, List<Effect> effects) {
        List<Offer> offers = new ArrayList<>();
        boolean valid = !accept.offerIds().isEmpty();
        for (OfferId id : new HashSet<>(accept.offerIds())) {
            Offer offer = books.offers.get(id);
            valid &= offer != null && offer.frameworkId().equals(accept.frameworkId());
            if (offer != null && offer.frameworkId().equals(accept.frameworkId())) {
                books.offers.remove(id);
                offers.add(offer);
            }
        }
        valid &= new HashSet<>(accept.offerIds()).size() == accept.offerIds().size()
                && offers.stream().map(Offer::agentId).distinct().count() == 1
                && offers.stream().map(Offer::role).distinct().count() == 1;
        List<TaskSpec> wanted = new ArrayList<>();
        List<List<TaskSpec>> groups = new ArrayList<>();
        for (Operation operation : accept.operations()) {
            if (operation instanceof Operation.Launch launch) {
                wanted.addAll(launch.tasks());
            } else if (operation instanceof Operation.LaunchGroup group) {
                wanted.addAll(group.tasks());
                groups.add(group.tasks());
            }
        }
        Resources left = offers.stream().map(Offer::resources).reduce(Resources.EMPTY, Resources::plus);
        Resources changed = Resources.EMPTY;
        for (Effect effect : effects) {
            if (effect instanceof Effect.SendOperationStatus status && status.state() == OperationState.FINISHED) {
                require(valid, "nothing changes on bad offers", status);
                Conversion conversion = Conversion.of(change(accept, status.operationId()));
                require(left.contains(conversion.from()), "operations act on what was offered", status);
                left = left.minus(conversion.from()).plus(conversion.to());
                changed = changed.minusToZero(conversion.from()).plus(conversion.to());
                books.agents.get(offers.getFirst().agentId()).change(conversion.from(), conversion.to());
            }
            List<TaskSpec> started =
                    switch (effect) {
                        case Effect.LaunchTask launch -> List.of(launch.task());
                        case Effect.LaunchTaskGroup group -> {
                            require(groups.remove(group.tasks()), "of a group all start or none", group);
                            yield group.tasks();
                        }
                        default -> List.of();
                    };
            for (TaskSpec task : started) {
                Effect.ToAgent launch = (Effect.ToAgent) effect;
                require(valid, "nothing starts on bad offers", launch);
                require(wanted.remove(task), "what starts was asked for, once", launch);
                require(launch.agentId().equals(offers.getFirst().agentId()), "tasks start where offered", launch);
                require(left.contains(task.resources()), "tasks fit their offers", launch);
                left = left.minus(task.resources());
                AgentBooks agent = books.agents.get(launch.agentId());
                var key = new SimulatedAgent.Key(accept.frameworkId(), task.taskId());
                require(!books.isRunning(key), "no task starts twice", launch);
                agent.tasks.put(
                        key, new TaskBooks(task.resources(), offers.getFirst().role()));
            }
        }
        for (List<TaskSpec> group : groups) {
            for (TaskSpec task : group) {
                require(wanted.contains(task), "of a group all start or none", task.taskId());
            }
        }
        for (TaskSpec task : wanted) {
            require(
                    effects.stream().anyMatch(effect -> isEnd(effect, task.taskId())),
                    "who is not started is told",
                    task.taskId());
        }
        if (valid) {
            refuse(offers.getFirst(), left.minusToZero(changed), accept.refuseSeconds());
        }
    }

    private static Operation.Change change(Command.AcceptOffers accept, String operationId) {
        for (Operation operation : accept.operations()) {
            if (operation instanceof Operation.Change change
                    && change.operationId().equals(Optional.of(operationId))) {
                return change;
            }
        }
        throw new AuditFailure("operations that finish were asked for", operationId);
    }

    private static boolean isEnd(Effect effect, TaskId task) {
        return effect instanceof Effect.SendUpdate sent
                && sent.update().taskId().equals(task)
                && sent.update().state().isTerminal();
    }

    /** As it came, but for the reason of what was taken back. */
    private static boolean isUpdate(Effect effect, Command.UpdateTask update) {
        return effect instanceof Effect.SendUpdate sent
                && sent.frameworkId().equals(update.frameworkId())
                && (sent.update().equals(update.update())
                        || (sent.update().uuid().equals(update.update().uuid())
                                && sent.update().reason().equals(Optional.of(StatusReason.CONTAINER_PREEMPTED))));
    }

    /** What a command must lead to. */
    private void demand(List<Effect> effects) {
        switch (command) {
            case Command.UpdateTask update -> {
                FrameworkBooks framework = books.frameworks.get(update.frameworkId());
                if (framework != null && framework.connected && !isDouble(update)) {
                    require(
                            effects.stream().anyMatch(effect -> isUpdate(effect, update)),
                            "updates go on to their framework",
                            update);
                }
            }
            case Command.AcknowledgeUpdate acknowledge -> {
                AgentBooks agent = books.agents.get(acknowledge.agentId());
                TaskBooks task = books.task(acknowledge.agentId(), acknowledge.frameworkId(), acknowledge.taskId());
                if (agent != null && agent.connected && (task == null || task.forwarded != null)) {
                    require(
                            effects.contains(new Effect.AcknowledgeUpdate(
                                    acknowledge.agentId(),
                                    acknowledge.frameworkId(),
                                    acknowledge.taskId(),
                                    acknowledge.uuid())),
                            "acknowledgements go on to their agent",
                            acknowledge);
                }
            }
            default -> {}
        }
        for (Offer offer : books.offers.values()) {
            AgentBooks agent = books.agents.get(offer.agentId());
            require(
                    agent != null
                            && agent.connected
                            && !agent.deactivated
                            && !maintenance.isDown(offer.agentId())
                            && !maintenance.isCordoned(offer.agentId()),
                    "an agent's offers end with it",
                    offer);
            require(
                    books.frameworks.get(offer.frameworkId()).roles.contains(offer.role()),
                    "a role's offers end with it",
                    offer);
        }
    }

    private boolean isDouble(Command.UpdateTask update) {
        return books.agents.entrySet().stream()
                .anyMatch(entry -> !entry.getKey().equals(update.agentId())
                        && entry.getValue()
                                .tasks
                                .containsKey(new SimulatedAgent.Key(
                                        update.frameworkId(), update.update().taskId())));
    }

    /** At the end of a cycle, as within one both sides only grow together. */
    private void checkQuotas(List<Effect> effects) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.SendOffers sent) {
                sent.offers().forEach(this::checkQuotas);
            }
            if (effect instanceof Effect.GrantContainers granted) {
                RolePath queue =
                        books.frameworks.get(granted.frameworkId()).roles.getFirst();
                granted.grants()
                        .forEach(grant -> grant.size().forEach((name, milli) -> checkLimits(queue, name, grant)));
            }
        }
    }

    private void checkLimits(RolePath queue, String name, Grant grant) {
        boolean guaranteed = false;
        for (var entry : books.quotas.entrySet()) {
            if (Books.isWithin(queue, entry.getKey())) {
                guaranteed |= entry.getValue().guarantees().milli(name) > 0;
                long limit = entry.getValue().limitMilli(name).orElse(Long.MAX_VALUE);
                long consumed = books.consumed(entry.getKey(), name);
                require(
                        consumed <= limit,
                        "containers keep within limits",
                        grant,
                        " of ",
                        entry.getKey(),
                        ": ",
                        consumed,
                        " of ",
                        name,
                        " in place of ",
                        limit);
            }
        }
        require(guaranteed || books.idle(name) >= books.required(name), "what guarantees lack stays free", grant);
    }

    private void checkQuotas(Offer offer) {
        offer.resources().free().scalars().forEach((name, milli) -> {
            boolean guaranteed = false;
            for (var entry : books.quotas.entrySet()) {
                RolePath role = entry.getKey();
                if (Books.isWithin(offer.role(), role)) {
                    guaranteed |= entry.getValue().guarantees().milli(name) > 0;
                    long limit = entry.getValue().limitMilli(name).orElse(Long.MAX_VALUE);
                    require(books.consumed(role, name) <= limit, "offers keep within limits", offer, " of ", role);
                }
            }
            require(guaranteed || books.idle(name) >= books.required(name), "what guarantees lack stays free", offer);
        });
    }

    private void checkSums(AgentId id, AgentBooks agent) {
        Resources offered = Resources.EMPTY;
        for (Offer offer : books.offers.values()) {
            if (offer.agentId().equals(id)) {
                require(disjoint(offered, offer.resources()), "nothing is in two offers", offer);
                offered = offered.plus(offer.resources());
            }
        }
        Resources free = agent.total.minusToZero(agent.allocated());
        require(free.contains(offered), "offers are within what is free", id, ": ", offered, " of ", free);
    }

    private static boolean disjoint(Resources left, Resources right) {
        return left.ranges().entrySet().stream()
                .allMatch(entry -> Optional.ofNullable(right.ranges().get(entry.getKey()))
                        .map(other -> entry.getValue().minus(other).size()
                                == entry.getValue().size())
                        .orElse(true));
    }

    // --- beyond single steps

    /** The node's own view: what really runs there when another task starts must be on the books. */
    void checkNode(AgentId id, long connection, Set<SimulatedAgent.Key> live) {
        AgentBooks agent = books.agents.get(id);
        if (agent == null || !agent.connected || agent.connection != connection) {
            return;
        }
        for (SimulatedAgent.Key key : live) {
            require(
                    agent.tasks.containsKey(key)
                            || books.ended.contains(key.framework())
                            || agent.writtenOff.contains(key),
                    "what runs is on the books",
                    id,
                    ": ",
                    key);
        }
    }

    void compare(EngineView view) {
        long setAside = view.agents().stream()
                .filter(agent -> agent.setAside().isPresent())
                .count();
        int most = config.setAside().most(view.agents().size());
        require(
                setAside <= most,
                "few agents are set aside",
                setAside,
                " of ",
                view.agents().size());
        for (EngineView.AgentView agent : view.agents()) {
            AgentBooks known = books.agents.get(agent.id());
            require(known != null, "agents are known", agent.id());
            require(agent.dynamic().equals(known.dynamic), "dynamic", agent, " against ", known.dynamic);
            require(agent.allocated().equals(known.allocated()), "allocated", agent, " against ", known.allocated());
            require(agent.offered().equals(books.offeredOf(agent.id())), "offered", agent);
            maintenance.compare(agent);
            require(!known.counted || agent.total().equals(known.total), "total", agent, " against ", known.total);
        }
        for (EngineView.FrameworkView framework : view.frameworks()) {
            Set<TaskId> known = books.tasksOf(framework.id());
            Set<TaskId> seen = new HashSet<>();
            framework.tasks().forEach(task -> seen.add(task.spec().taskId()));
            require(seen.equals(known), "tasks of a framework", framework.id(), ": ", seen, " against ", known);
            require(
                    framework.connected() == books.frameworks.get(framework.id()).connected,
                    "connected",
                    framework.id());
        }
    }

    /** A grant may be on its way that nobody knows of yet. */
    boolean isNothingHeld() {
        return books.agents.values().stream()
                .allMatch(agent -> agent.tasks.values().stream().noneMatch(task -> task.live));
    }

    void requireNothingHeld() {
        books.agents.forEach((id, agent) ->
                require(agent.allocated().isEmpty(), "all is given back", id + " " + agent.tasks.keySet()));
    }

    private void require(boolean holds, String rule, Object... details) {
        if (!holds) {
            StringBuilder text = new StringBuilder();
            for (Object detail : details) {
                text.append(detail);
            }
            throw new AuditFailure(rule, text + " after " + command);
        }
    }
}
