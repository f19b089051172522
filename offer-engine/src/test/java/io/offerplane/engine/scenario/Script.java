package io.offerplane.engine.scenario;

import io.offerplane.engine.Command;
import io.offerplane.engine.Command.HeldFramework;
import io.offerplane.engine.Command.HeldTask;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.Payload;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.agent.FaultDomain;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.ask.Placement.Neighbours;
import io.offerplane.engine.framework.AttributeConstraint;
import io.offerplane.engine.framework.AttributeConstraint.Subject;
import io.offerplane.engine.framework.AttributeConstraint.Test;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.recording.Recordings.JavaExpression;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Carries out a script. Offers are O0, O1, ...; uuids and connections are small numbers; times are seconds since the start.
 *
 * <p>Operations on resources stand before tasks, in capitals: {@code RESERVE/cpus(eng):1}, with {@code RESERVE#id/...} for one that has an id.
 *
 * <p>{@code expect} names all offers that were made since the last such line, {@code framework/role/agent/resources} for each, in any order
 * and with {@code ~} for the slash in a role; {@code *} for an agent that chance chooses; nothing for none. Unlike what is written beside the script it
 * can't be rewritten. {@code expect-inverse framework/agent} does the same for inverse offers. {@code expect-shares role=number} compares dominant shares to four places.
 *
 * <p>{@code application} and {@code ask} are to applications what {@code framework} is to those who take offers: {@code ask APPLICATION PRIORITY COUNT SIZE}.
 *
 * <p>A task is written {@code name:resources}, with {@code name@agent:resources} where it names another agent than its offer's.
 */
final class Script {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Map<String, FrameworkSpec> specs = new HashMap<>();
    private final Map<String, Long> connections = new HashMap<>();
    private final Map<String, UUID> statuses = new HashMap<>();
    private final StringBuilder out = new StringBuilder();
    private final List<String> unexpected = new ArrayList<>();
    private final List<String> askedBack = new ArrayList<>();
    private OfferEngine engine = new OfferEngine(TestCluster.CONFIG);
    private Instant now = START;
    private long nextConnection = 1;

    String run(List<String> lines) {
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                out.append(line).append('\n');
                continue;
            }
            out.append("> ").append(line).append('\n');
            carryOut(Line.parse(line));
        }
        return out.toString();
    }

    private void carryOut(Line line) {
        switch (line.verb()) {
            case "config" -> engine = new OfferEngine(config(line));
            case "pass" -> now = now.plus(Duration.ofMillis((long) (1000 * Double.parseDouble(line.word(0)))));
            case "cycle" -> {
                now = now.plusSeconds(1);
                apply(new Command.Tick(now));
            }
            case "remember" -> frameworkSpec(line);
            case "expect" -> expect(line);
            case "expect-inverse" -> expectInverse(line);
            case "expect-shares" -> expectShares(line);
            case "show" -> out.append(new ViewText(engine.view(now)).of(line.word(0)));
            default -> apply(command(line));
        }
    }

    private static EngineConfig config(Line line) {
        EngineConfig base = TestCluster.CONFIG;
        return new EngineConfig(
                base.termId(),
                line.option("interval")
                        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                        .orElse(base.allocationInterval()),
                line.option("offer-timeout").map(seconds -> Duration.ofSeconds(Long.parseLong(seconds))),
                line.option("agent-timeout")
                        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                        .orElse(base.agentReregisterTimeout()),
                line.options().containsKey("minimum") ? minimum(line) : base.minAllocatable(),
                line.option("region"),
                base.filterGpuAgents(),
                line.option("completed-tasks").map(Integer::parseInt).orElse(base.completedTasksPerFramework()),
                base.completedFrameworks(),
                base.askRules(),
                base.setAside(),
                base.seed(),
                Set.copyOf(line.list("unshared")));
    }

    /** Amounts of which an offer must hold one: {@code cpus:1;mem:100|disk:100}. */
    private static List<ResourceQuantities> minimum(Line line) {
        return line.option("minimum").stream()
                .flatMap(text -> Stream.of(text.split("\\|")))
                .map(amounts -> TestCluster.resources(amounts).scalars())
                .toList();
    }

    private void expect(Line line) {
        List<String> missing = new ArrayList<>();
        // Those of any agent last, or they would take what others name.
        List<String> expected = line.words().stream()
                .sorted(Comparator.comparing((String offer) -> offer.split("/")[2].equals("*")))
                .toList();
        for (String offer : expected) {
            String[] parts = offer.split("/");
            String role = parts[1].replace('~', '/');
            String resources = TestCluster.resources(parts[3].replace('~', '/')).toString();
            String found = unexpected.stream()
                    .filter(made -> made.startsWith(parts[0] + " " + role + " ")
                            && made.endsWith(" [" + resources + "]")
                            && (parts[2].equals("*") || made.contains(" " + parts[2] + " [")))
                    .findFirst()
                    .orElse("");
            if (!unexpected.remove(found)) {
                missing.add(parts[0] + " " + role + " " + parts[2] + " [" + resources + "]");
            }
        }
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new AssertionError(
                    line + "\nnot offered: " + missing + "\noffered: " + unexpected + "\nafter\n" + out);
        }
    }

    private void expectInverse(Line line) {
        List<String> expected = line.words().stream()
                .map(word -> word.replace('/', ' '))
                .sorted()
                .toList();
        List<String> found = askedBack.stream().sorted().toList();
        askedBack.clear();
        if (!found.equals(expected)) {
            throw new AssertionError(line + "\nasked back: " + found + "\nafter\n" + out);
        }
    }

    private void expectShares(Line line) {
        line.options().forEach((role, share) -> {
            double found = engine.view(now).roles().stream()
                    .filter(view -> view.role().value().equals(role))
                    .mapToDouble(EngineView.RoleView::share)
                    .findFirst()
                    .orElse(0);
            if (Math.abs(found - Double.parseDouble(share)) > 0.00005) {
                throw new AssertionError("share of " + role + ": " + found + ", expected " + share + "\nafter\n" + out);
            }
        });
    }

    private void apply(Command command) {
        Decision decision = engine.apply(command);
        for (Effect effect : decision.effects()) {
            if (effect instanceof Effect.SendOffers sent) {
                sent.offers()
                        .forEach(offer -> unexpected.add(offer.frameworkId() + " " + offer.role() + " "
                                + offer.agentId() + " [" + offer.resources() + "]"));
            }
            if (effect instanceof Effect.SendInverseOffers sent) {
                sent.offers().forEach(offer -> askedBack.add(offer.frameworkId() + " " + offer.agentId()));
            }
            if (effect instanceof Effect.SendOperationStatus status) {
                status.uuid().ifPresent(uuid -> statuses.put(status.operationId(), uuid));
            }
        }
        EffectText.answer(decision.answer())
                .ifPresent(text -> out.append("  ").append(text).append('\n'));
        decision.effects().stream()
                .map(EffectText::of)
                .flatMap(Optional::stream)
                .forEach(text -> out.append("  ").append(text).append('\n'));
    }

    private Command command(Line line) {
        return switch (line.verb()) {
            case "tick" -> new Command.Tick(now);
            case "weight" ->
                new Command.SetRoleWeight(new RolePath(line.word(0)), Double.parseDouble(line.word(1)), now);
            case "no-weight" -> new Command.ClearRoleWeight(new RolePath(line.word(0)), now);
            case "agent" -> register(line);
            case "resize" ->
                new Command.UpdateAgent(agent(line, 0), agentSpec(line), TestCluster.resources(line.word(1)), now);
            case "deactivate" -> new Command.DeactivateAgent(agent(line, 0), now);
            case "activate" -> new Command.ActivateAgent(agent(line, 0), now);
            case "cordon" ->
                new Command.CordonAgent(
                        agent(line, 0), line.option("from").map(start -> away(start.split("\\+"))), now);
            case "oversubscribe" ->
                new Command.SetOversubscribed(
                        agent(line, 0), TestCluster.resources(line.words().size() > 1 ? line.word(1) : ""), now);
            case "uncordon" -> new Command.UncordonAgent(agent(line, 0), now);
            case "drain" ->
                new Command.DrainAgent(
                        agent(line, 0),
                        new DrainConfig(
                                line.option("grace").map(seconds -> Duration.ofSeconds(Long.parseLong(seconds))),
                                line.option("gone").isPresent()),
                        now);
            case "schedule" ->
                new Command.UpdateMaintenanceSchedule(
                        line.words().stream().map(Script::window).toList(), now);
            case "machine-down" -> new Command.StartMaintenance(machines(line.words()), now);
            case "machine-up" -> new Command.StopMaintenance(machines(line.words()), now);
            case "accept-inverse" -> new Command.AcceptInverseOffers(framework(line), offers(line), refuse(line), now);
            case "decline-inverse" ->
                new Command.DeclineInverseOffers(framework(line), offers(line), refuse(line), now);
            case "agent-breaks" -> new Command.DisconnectAgent(agent(line, 0), connection(line), now);
            case "unreachable" -> new Command.MarkAgentUnreachable(agent(line, 0), now);
            case "remove" -> new Command.RemoveAgent(agent(line, 0), "removed", now);
            case "recover-agent" -> new Command.RecoverAgent(agent(line, 0), agentSpec(line), now);
            case "recover-framework" ->
                new Command.RecoverFramework(framework(line), frameworkSpec(line), Optional.empty(), now);
            case "quota" ->
                new Command.SetQuotas(
                        List.of(new Command.SetQuotas.RoleQuota(
                                new RolePath(line.word(0)),
                                new Quota(
                                        line.option("guarantee")
                                                .map(text -> TestCluster.resources(text)
                                                        .scalars())
                                                .orElse(ResourceQuantities.EMPTY),
                                        line.option("limit").map(Script::limits).orElse(new TreeMap<>())))),
                        line.option("force").isPresent(),
                        now);
            case "application" -> submit(line);
            case "ask" -> new Command.UpdateAsks(framework(line), List.of(ask(line)), List.of(), List.of(), now);
            case "asks-avoid" -> new Command.UpdateAsks(framework(line), List.of(), line.wordsFrom(1), List.of(), now);
            case "release" ->
                new Command.ReleaseContainers(
                        framework(line),
                        line.wordsFrom(1).stream().map(TaskId::new).toList(),
                        now);
            case "queue" -> new Command.SetQueuePolicy(new RolePath(line.word(0)), Optional.of(queuePolicy(line)), now);
            case "reclaim" ->
                new Command.SetReclaimPolicy(
                        new RolePath(line.word(0)),
                        line.option("deny").isPresent()
                                ? Optional.of(ReclaimPolicy.NONE)
                                : line.option("grace")
                                        .map(seconds ->
                                                new ReclaimPolicy(true, Duration.ofSeconds(Long.parseLong(seconds)))),
                        now);
            case "recover-reservations" ->
                new Command.RecoverReservations(agent(line, 0), TestCluster.resources(line.word(1)), now);
            case "operator" -> new Command.ChangeResources(agent(line, 0), change(line.word(1)), now);
            case "ack-operation" ->
                new Command.AcknowledgeOperation(framework(line), line.word(1), statuses.get(line.word(1)), now);
            case "reconcile-operations" ->
                new Command.ReconcileOperations(
                        framework(line),
                        line.wordsFrom(1).stream().map(Script::asked).toList(),
                        now);
            case "recover-removed" -> new Command.RecoverRemovedFramework(framework(line), now);
            case "update" -> update(line);
            case "framework" -> subscribe(line);
            case "change" ->
                new Command.UpdateFramework(framework(line), frameworkSpec(line), roles(line.list("suppressed")), now);
            case "framework-breaks" -> new Command.DisconnectFramework(framework(line), connection(line), now);
            case "teardown" -> new Command.TeardownFramework(framework(line), now);
            case "accept" -> accept(line);
            case "decline" -> new Command.DeclineOffers(framework(line), offers(line), refuse(line), now);
            case "revive" -> new Command.Revive(framework(line), List.copyOf(roles(line.wordsFrom(1))), now);
            case "suppress" -> new Command.Suppress(framework(line), List.copyOf(roles(line.wordsFrom(1))), now);
            case "kill" ->
                new Command.KillTask(
                        framework(line),
                        new TaskId(line.word(1)),
                        line.option("agent").map(AgentId::new),
                        Optional.empty(),
                        now);
            case "shutdown" ->
                new Command.ShutdownExecutor(framework(line), agent(line, 1), new ExecutorId(line.word(2)), now);
            case "ack" ->
                new Command.AcknowledgeUpdate(
                        framework(line),
                        agent(line, 1),
                        new TaskId(line.word(2)),
                        new UUID(0, Long.parseLong(line.word(3))),
                        now);
            case "reconcile" ->
                new Command.ReconcileTasks(
                        framework(line),
                        line.wordsFrom(1).stream().map(Script::question).toList(),
                        now);
            default -> throw new IllegalArgumentException("no such line: " + line);
        };
    }

    private static Command.ReconcileTasks.Question question(String text) {
        String[] parts = text.split("@");
        return new Command.ReconcileTasks.Question(
                new TaskId(parts[0]), parts.length > 1 ? Optional.of(new AgentId(parts[1])) : Optional.empty());
    }

    /** {@code agents@from+for}: names apart by commas, seconds since the start, and for how many, if that is known. */
    private static Window window(String text) {
        String[] parts = text.split("@");
        return new Window(
                parts[0].isEmpty() ? List.of() : machines(List.of(parts[0].split(","))), away(parts[1].split("\\+")));
    }

    private static Unavailability away(String[] parts) {
        return new Unavailability(
                START.plusSeconds(Long.parseLong(parts[0])),
                parts.length > 1 ? Optional.of(Duration.ofSeconds(Long.parseLong(parts[1]))) : Optional.empty());
    }

    private static List<MachineId> machines(List<String> agents) {
        return agents.stream()
                .map(name -> MachineId.of(name, TestCluster.agentSpec(name).ip()))
                .toList();
    }

    /** The latest of that name, unless the line says. */
    private long connection(Line line) {
        return line.option("connection").map(Long::parseLong).orElseGet(() -> connections.get(line.word(0)));
    }

    private static AgentId agent(Line line, int index) {
        return new AgentId(line.word(index));
    }

    private static FrameworkId framework(Line line) {
        return new FrameworkId(line.word(0));
    }

    private static Set<RolePath> roles(List<String> names) {
        return names.stream().map(RolePath::new).collect(Collectors.toSet());
    }

    private static List<OfferId> offers(Line line) {
        return line.list("offers").stream()
                .map(number -> new OfferId(TestCluster.CONFIG.termId() + "-" + number))
                .toList();
    }

    private static Optional<Double> refuse(Line line) {
        return line.option("refuse").map(Double::parseDouble);
    }

    private static AgentSpec agentSpec(Line line) {
        AgentSpec base = TestCluster.agentSpec(line.word(0));
        return new AgentSpec(
                base.hostname(),
                base.ip(),
                base.port(),
                base.node(),
                base.pool(),
                line.list("attributes").stream()
                        .map(pair -> attribute(pair.split(":")))
                        .toList(),
                line.option("region").map(region -> new FaultDomain(region, "zone")),
                base.version());
    }

    /** {@code rack:a} is a text, {@code level:#3} a number. */
    private static Attribute attribute(String[] pair) {
        return pair[1].startsWith("#")
                ? new Attribute(pair[0], new Attribute.Value.Scalar(Double.parseDouble(pair[1].substring(1))))
                : Attribute.text(pair[0], pair[1]);
    }

    private Command register(Line line) {
        connections.put(line.word(0), nextConnection);
        List<HeldTask> held = line.list("held").stream()
                .map(task -> held(line.word(0), task.split("/")))
                .toList();
        List<HeldFramework> frameworks = held.stream()
                .map(HeldTask::frameworkId)
                .distinct()
                .filter(id -> specs.containsKey(id.value()))
                .map(id -> new HeldFramework(id, specs.get(id.value())))
                .toList();
        return new Command.RegisterAgent(
                agent(line, 0),
                agentSpec(line),
                TestCluster.resources(line.word(1)),
                held,
                frameworks,
                nextConnection++,
                now);
    }

    /** {@code framework/role/task/resources/state}, the last two with {@code |} for {@code ;}. */
    private HeldTask held(String agent, String[] parts) {
        return new HeldTask(
                new FrameworkId(parts[0]),
                TestCluster.task(parts[2], agent, parts[3].replace('|', ';')),
                new RolePath(parts[1]),
                TaskState.valueOf(parts[4]),
                Optional.empty());
    }

    private Command update(Line line) {
        TaskState state = TaskState.valueOf(line.word(3));
        StatusUpdate update = new StatusUpdate(
                new TaskId(line.word(2)),
                state,
                Optional.of(agent(line, 0)),
                Optional.empty(),
                StatusSource.AGENT,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new UUID(0, Long.parseLong(line.word(4)))),
                now,
                Optional.empty(),
                Payload.EMPTY);
        TaskState latest = line.option("latest").map(TaskState::valueOf).orElse(state);
        return new Command.UpdateTask(agent(line, 0), new FrameworkId(line.word(1)), update, latest, now);
    }

    private Command subscribe(Line line) {
        connections.put(line.word(0), nextConnection);
        Optional<FrameworkId> id = line.word(0).equals("new") ? Optional.empty() : Optional.of(framework(line));
        return new Command.Subscribe(id, frameworkSpec(line), roles(line.list("suppressed")), nextConnection++, now);
    }

    private Command submit(Line line) {
        connections.put(line.word(0), nextConnection);
        ApplicationSpec application = new ApplicationSpec(
                line.option("priority").map(Integer::parseInt).orElse(0));
        return new Command.Subscribe(
                Optional.of(framework(line)), frameworkSpec(line).with(application), Set.of(), nextConnection++, now);
    }

    /** {@code ask APPLICATION PRIORITY COUNT SIZE}, with what it wants of places as options. */
    private static Ask ask(Line line) {
        boolean elsewhere = line.option("only").isEmpty();
        List<Neighbours> neighbours = new ArrayList<>();
        line.option("near").ifPresent(tag -> neighbours.add(Neighbours.affinity(Neighbours.Scope.HOST, tag)));
        line.option("apart").ifPresent(tag -> neighbours.add(Neighbours.antiAffinity(Neighbours.Scope.HOST, tag)));
        line.option("apart-by-rack")
                .ifPresent(tag -> neighbours.add(Neighbours.antiAffinity(Neighbours.Scope.RACK, tag)));
        return new Ask(
                new AskKey(Integer.parseInt(line.word(1)), 0),
                TestCluster.resources(line.word(3)).scalars(),
                Integer.parseInt(line.word(2)),
                new Locality(places(line.list("hosts")), places(line.list("racks")), elsewhere),
                new Placement(
                        line.option("constraint").stream()
                                .flatMap(text -> Stream.of(text.split("&")))
                                .map(Script::constraint)
                                .toList(),
                        neighbours,
                        Set.copyOf(line.list("tag"))),
                line.option("gang"),
                line.option("master").isPresent());
    }

    /** {@code name:count}. */
    private static SortedMap<String, Integer> places(List<String> texts) {
        SortedMap<String, Integer> places = new TreeMap<>();
        texts.forEach(text -> places.put(text.split(":")[0], Integer.parseInt(text.split(":")[1])));
        return places;
    }

    private static QueuePolicy queuePolicy(Line line) {
        return new QueuePolicy(
                line.option("ordering").map(QueuePolicy.Ordering::valueOf).orElse(QueuePolicy.Ordering.FAIR),
                line.option("minimum-user-limit").map(Integer::parseInt).orElse(100),
                line.option("user-limit").map(Integer::parseInt),
                line.option("applications").map(Integer::parseInt),
                line.option("running").map(Integer::parseInt),
                line.option("masters").map(Integer::parseInt));
    }

    private FrameworkSpec frameworkSpec(Line line) {
        Set<FrameworkCapability> capabilities = EnumSet.noneOf(FrameworkCapability.class);
        line.list("can").forEach(name -> capabilities.add(FrameworkCapability.valueOf(name)));
        FrameworkSpec spec = new FrameworkSpec(
                        line.word(0),
                        line.option("user").orElse("root"),
                        line.list("roles").stream().map(RolePath::new).toList(),
                        Duration.ofSeconds(
                                line.option("failover").map(Long::parseLong).orElse(0L)),
                        true,
                        line.option("principal"),
                        capabilities,
                        Payload.EMPTY)
                .with(rules(line));
        specs.put(line.word(0), spec);
        return spec;
    }

    /**
     * {@code minimum=cpus:1|mem:64} for all roles, {@code minimum=none}; {@code constraint=hostname~s.*&rack!|zone~b}: groups apart by
     * {@code |}, constraints by {@code &}, {@code ~} for a match, {@code !~} for none, {@code ?} and {@code !} for existence.
     */
    private static OfferRules rules(Line line) {
        Map<RolePath, List<ResourceQuantities>> minimums = new LinkedHashMap<>();
        Map<RolePath, List<List<AttributeConstraint>>> constraints = new LinkedHashMap<>();
        for (String role : line.list("roles")) {
            line.option("minimum")
                    .ifPresent(text -> minimums.put(
                            new RolePath(role),
                            text.equals("none")
                                    ? List.of()
                                    : Stream.of(text.split("\\|"))
                                            .map(one ->
                                                    TestCluster.resources(one).scalars())
                                            .toList()));
            line.option("constraint")
                    .ifPresent(text -> constraints.put(
                            new RolePath(role),
                            Stream.of(text.split("\\|"))
                                    .map(group -> Stream.of(group.split("&"))
                                            .map(Script::constraint)
                                            .toList())
                                    .toList()));
        }
        return new OfferRules(minimums, constraints, Payload.EMPTY);
    }

    private static AttributeConstraint constraint(String text) {
        int end = Math.max(text.indexOf('!'), text.indexOf('~'));
        String name = text.split("[!~?]")[0];
        Subject subject =
                switch (name) {
                    case "hostname" -> Subject.HOSTNAME;
                    case "region" -> Subject.REGION;
                    case "zone" -> Subject.ZONE;
                    default -> Subject.ATTRIBUTE;
                };
        String rest = text.substring(name.length());
        Test test = rest.startsWith("!~")
                ? Test.TEXT_NOT_MATCHES
                : rest.startsWith("~") ? Test.TEXT_MATCHES : rest.startsWith("!") ? Test.NOT_EXISTS : Test.EXISTS;
        String pattern = text.substring(end + 1);
        return new AttributeConstraint(
                subject, subject == Subject.ATTRIBUTE ? name : "", test, new JavaExpression(pattern));
    }

    private Command accept(Line line) {
        String agent = line.option("agent").orElse("s");
        List<Operation> operations = new ArrayList<>();
        List<TaskSpec> tasks = new ArrayList<>();
        for (String word : line.wordsFrom(1)) {
            if (Character.isUpperCase(word.charAt(0))) {
                operations.add(change(word));
            } else {
                tasks.add(task(agent, word));
            }
        }
        if (!tasks.isEmpty()
                || (operations.isEmpty() && line.option("operations").isEmpty())) {
            operations.add(new Operation.Launch(tasks));
        }
        return new Command.AcceptOffers(framework(line), offers(line), operations, refuse(line), now);
    }

    /** {@code KIND/resources}, {@code KIND/resources/other}, {@code KIND#id/resources}; with {@code ~} for the slash in a role. */
    private static Operation.Change change(String text) {
        String[] parts = text.split("/");
        String[] name = parts[0].split("#");
        return new Operation.Change(
                Operation.Change.Kind.valueOf(name[0]),
                TestCluster.resources(parts.length > 1 ? parts[1].replace('~', '/') : ""),
                parts.length > 2 ? TestCluster.resources(parts[2].replace('~', '/')) : Resources.EMPTY,
                name.length > 1 ? Optional.of(name[1]) : Optional.empty(),
                Optional.empty());
    }

    /** Unlike in amounts, zero counts. */
    private static SortedMap<String, Quantity> limits(String text) {
        SortedMap<String, Quantity> limits = new TreeMap<>();
        for (String part : text.split(";")) {
            String[] words = part.split(":");
            limits.put(words[0], Quantity.of(Double.parseDouble(words[1])));
        }
        return limits;
    }

    private static Command.ReconcileOperations.Asked asked(String text) {
        String[] parts = text.split("@");
        return new Command.ReconcileOperations.Asked(
                parts[0], parts.length > 1 ? Optional.of(new AgentId(parts[1])) : Optional.empty());
    }

    private static TaskSpec task(String agent, String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        int at = name.indexOf('@');
        int plus = name.indexOf('+');
        String id = name.substring(0, at >= 0 ? at : plus >= 0 ? plus : name.length());
        String where = at >= 0 ? name.substring(at + 1) : agent;
        TaskSpec task = TestCluster.task(id, where, colon < 0 ? "" : text.substring(colon + 1));
        Optional<TaskSpec.ExecutorSpec> executor = plus < 0
                ? Optional.empty()
                : Optional.of(new TaskSpec.ExecutorSpec(
                        new ExecutorId(name.substring(plus + 1)),
                        TestCluster.resources("cpus:0.5;mem:32"),
                        Payload.EMPTY));
        return new TaskSpec(
                task.taskId(),
                task.name(),
                task.agentId(),
                task.resources(),
                executor,
                Optional.empty(),
                Optional.empty(),
                Payload.EMPTY);
    }
}
