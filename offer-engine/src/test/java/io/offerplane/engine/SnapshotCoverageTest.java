package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.fairness.ClusterTotals;
import io.offerplane.engine.fairness.DrfSorter;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Nothing that the engine remembers between two commands is forgotten by a snapshot. Each field of a class that remembers stands here: as
 * kept in the snapshot, or with the reason why it need not be.
 */
class SnapshotCoverageTest {
    /** Classes that hold what changes, with those of their fields that a snapshot keeps, and those that it need not keep, and why. */
    private static final Map<Class<?>, Fields> STATE = new LinkedHashMap<>();

    /** Packages of plain values, and of what writes values down. */
    private static final Set<String> VALUES = Stream.of(
                    "resource", "agent", "framework", "role", "offer", "task", "view", "recording")
            .map(SnapshotCoverageTest::inEngine)
            .collect(Collectors.toUnmodifiableSet());

    /** Of the machinery's classes, those of which nothing outlasts a command, and why. */
    private static final Map<String, String> PASSING = new LinkedHashMap<>();

    private record Fields(Set<String> kept, Map<String, String> derived) {}

    private static void state(Class<?> type, String kept, String... derivedWithReasons) {
        Map<String, String> derived = new LinkedHashMap<>();
        for (int i = 0; i < derivedWithReasons.length; i += 2) {
            for (String name : derivedWithReasons[i].split(" ")) {
                derived.put(name, derivedWithReasons[i + 1]);
            }
        }
        STATE.put(type, new Fields(kept.isEmpty() ? Set.of() : Set.of(kept.split(" ")), derived));
    }

    static {
        String wiring = "another part of the engine";
        String settings = "from the settings";
        state(
                Cluster.class,
                "timetable agenda filters roles quotas frameworks agents goneAgents offers now reclaims policies reclaimRound maintenance setAsides setAsideRound",
                "config",
                settings,
                "outbox",
                "empty between two commands",
                "resting",
                "of the subscriptions",
                "kinds",
                "equal totals that are one object: saves memory, and decides nothing");
        state(
                Agent.class,
                "id ordinal tasks unreachableTasks executors offers filters spec granted dynamic phase deactivated connection registered"
                        + " reregistered unreachableSince patience ledger cordoned cordonedFor down writtenOff maintenance drain oversubscribed setAside",
                "changedIn unchecked",
                "only while a command is carried out");
        state(
                AgentLedger.class,
                "total allocated offered",
                "available moves hasGpus",
                "of the others",
                "offeredWhole",
                "spares working out what would come to the same");
        state(
                Framework.class,
                "id subscriptions offers tasks unreachableTasks completedTasks operations spec connected recovered connection"
                        + " registered reregistered failoverDeadline failover failovers offersSent offersAccepted offersDeclined"
                        + " offersRescinded application inverseOffers",
                "changedIn batch",
                "only while a command is carried out",
                "hasOfferRules",
                "of the spec");
        state(
                Application.class,
                "framework asks avoided tagged fresh admitted relaxation",
                "counts",
                "of the containers that carry tags");
        state(PendingAsk.class, "ask since left hosts racks", "size", "of the ask");
        state(
                AskMatching.class,
                "nextNumber",
                "cluster tasks headrooms limits",
                wiring,
                "granted",
                "only while a cycle runs");
        state(AskHeadroom.class, "", "cluster", wiring);
        state(
                AskRound.class,
                "",
                "cluster matching random",
                wiring,
                "room cursor found",
                "only while a cycle runs, or worked out anew in the next");
        state(RoomIndex.class, "", "agenda", wiring, "cpus mem seen size", "of the agents' sums");
        state(AgentMaintenance.class, "unavailability outstanding refusals answers");
        state(OutstandingInverseOffer.class, "offer agent framework timeout");
        state(Drain.class, "config since state");
        state(
                MaintenanceBook.class,
                "windows machines",
                "agents",
                "those that are to be away, whose order decides nothing");
        state(InverseOffers.class, "", "cluster", wiring, "ids", "the offers' numbers");
        state(
                Subscription.class,
                "framework role node wanted suppressed competing inVain lastInVain restsUntil passedOverSince refusedWhole keptInVain",
                "filteredOn",
                "the agents whose filters name it",
                "user",
                "of the subscriptions of that user");
        state(
                Client.class,
                "path held allocations",
                "weight",
                "of the role's weight",
                "share",
                "worked out when it is sorted",
                "rank",
                "given when it begins to compete");
        state(
                RoleNode.class,
                "role used",
                "parent children",
                "of the path",
                "competitors competing leaf",
                "of the subscriptions that compete");
        state(
                RoleNode.Leaf.class,
                "members",
                "frameworks ranked",
                "of the members that compete",
                "ordering",
                "of the role's policy",
                "users",
                "of the members",
                "masters",
                "of the tasks");
        state(UserAccount.class, "", "held competing", "of the subscriptions of that user");
        state(UserLimits.class, "", "cluster", wiring);
        state(QueuePolicies.class, "policies");
        state(Admission.class, "", "cluster asks", wiring);
        state(
                DrfSorter.class,
                "",
                "totals",
                wiring,
                "paths runs runCount size stale seenRevision readRun readBefore putInto",
                "of those who compete, sorted when somebody asks");
        state(
                RoleTree.class,
                "nodes weights",
                "totals",
                "of the agents that count",
                "root",
                "has no account",
                "held waiting",
                "of the subscriptions",
                "policies",
                wiring);
        state(
                ClusterTotals.class,
                "",
                "numbers names totals divisors revision unsharedNumbers",
                "of the agents that count",
                "unshared",
                settings);
        state(QuotaBook.class, "quotas", "roles", wiring, "reserved", "of the agents that count");
        state(FrameworkBook.class, "living removed completed nextNumber", "termId completedKept", settings);
        state(
                Task.class,
                "spec agentId state charged executor superseded holdsResources forwarded killRequested killGracePeriod"
                        + " unacknowledged earlier reclaim");
        state(ReclaimPolicies.class, "policies marked");
        state(Reclaim.class, "role deadline");
        state(SetAside.class, "agent subscription need until");
        state(
                Starvation.class,
                "",
                "cluster eligibility asks",
                wiring,
                "rules",
                settings,
                "passed lookedFor someoneWaits",
                "only while a cycle or a round runs");
        state(BackOff.class, "", "cluster", wiring, "interval", settings);
        state(Reclamation.class, "", "cluster offers planner demand", wiring);
        state(ReclaimPlanner.class, "", "cluster policies", wiring);
        state(Demand.class, "", "cluster asks", wiring);
        state(Executor.class, "key spec charged liveTasks");
        state(OutstandingOffer.class, "offer agent subscription timeout previous next previousOfAll nextOfAll");
        state(
                OfferTable.class,
                "order",
                "places keys farthest",
                "where an offer stands goes by what came and went before");
        state(OfferChain.class, "first last size", "ofAll", settings);
        state(RefusalFilters.class, "filters");
        state(FilterTable.class, "", "timetable agenda", wiring, "refuseMin", settings);
        state(Timetable.class, "nextSequence", "entries", "kept with what they are about");
        state(
                Agenda.class,
                "agents atInterval atOnce heldBack allAtOnce lastInterval asking heldBackAsks askingAtInterval",
                "interval",
                settings);
        state(OfferBook.class, "nextNumber", "cluster inverse", wiring);
        state(OperationBook.class, "nextNumber", "cluster", wiring);
        state(OperationBook.Finished.class, "id agentId uuid repeat");
        state(Eligibility.class, "ownMinimums", "config", settings, "filters", wiring);
        state(SplitMix.class, "state");
        state(
                AllocationCycle.class,
                "",
                "cluster offers eligibility random asks askRound starvation userLimits invariants",
                wiring,
                "receivers headroom passedOver made match resting",
                "only while a cycle runs");
        for (Class<?> type : List.of(
                TaskBook.class,
                FrameworkLifecycle.class,
                AgentLifecycle.class,
                AgentLoss.class,
                HeldTasks.class,
                AskBook.class,
                Preferences.class,
                Acceptance.class,
                OperatorChanges.class,
                QuotaChanges.class,
                TaskTraffic.class,
                Reconciliation.class,
                MasterUpdates.class,
                MaintenanceChanges.class,
                Drains.class,
                Oversubscription.class)) {
            state(
                    type,
                    "",
                    "cluster offers heldTasks loss tasks updates operations reconciliation frameworks feedback asks admission backOff reclamation"
                            + " maintenance drains inverse",
                    wiring);
        }
        state(
                OfferEngine.class,
                "",
                "cluster agents loss frameworks offers asks admission matching eligibility preferences acceptance changes quotas reclamation operations traffic"
                        + " reconciliation starvation random cycle views invariants maintenance drains oversubscription",
                wiring,
                "busy",
                "false between two commands");
        state(ViewBuilder.class, "", "cluster explanation headrooms", wiring);
        state(Explanation.class, "", "cluster eligibility asks limits", wiring, "headroom", "only while it explains");
        state(Invariants.class, "", "cluster", wiring);

        PASSING.put("Outbox", "is empty between two commands");
        PASSING.put("Headroom", "is made for one cycle");
        PASSING.put("AgentKinds", "remembers what is equal, to save memory");
        PASSING.put("fairness.Run", "is part of a sorter, which is made anew");
        PASSING.put("fairness.PathOrder", "is part of a sorter, which is made anew");
        PASSING.put("ResourceChange", "is a value");
        PASSING.put("OfferChain$1", "goes through a chain once");
        PASSING.put("Payload", "is a value");
        PASSING.put("RoleViews", "is made for one view");
        for (String part : List.of("AgentSurvey", "RejectionFold", "DiagnosisText", "Diagnostics", "RoleDiagnostics")) {
            PASSING.put(part, "is made for one view");
        }
        PASSING.put("Limit", "is a value");
        PASSING.put("Need", "is a value");
        PASSING.put("SnapshotWriter", "is made for one snapshot");
        PASSING.put("SnapshotWriter$Places", "is made for one snapshot");
        PASSING.put("SnapshotReader", "is made for one snapshot");
        PASSING.put("GangTrial", "is made for one cycle");
        PASSING.put("Application$Tagged", "is a value");
        PASSING.put("WhatIfReport$Round", "is made for one question");
        PASSING.put("WhatIf", "holds a snapshot, and no engine holds it");
    }

    @Test
    void everyFieldOfWhatTheEngineRemembersIsKeptOrNeedNotBe() {
        STATE.forEach((type, fields) -> {
            Set<String> listed = new TreeSet<>(fields.kept());
            listed.addAll(fields.derived().keySet());
            Set<String> declared = Arrays.stream(type.getDeclaredFields())
                    .filter(field -> !Modifier.isStatic(field.getModifiers()))
                    .map(Field::getName)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(listed)
                    .as(
                            "fields of %s: put a new one into EngineSnapshot, SnapshotWriter and SnapshotReader and name it as kept"
                                    + " here, or name it here with the reason why it need not be kept",
                            type.getSimpleName())
                    .containsAll(declared);
            if (!fields.derived().containsKey("heldTasks")) {
                assertThat(declared)
                        .as("fields of %s that are listed", type.getSimpleName())
                        .containsAll(listed);
            }
        });
    }

    @Test
    void everyClassThatCanRememberIsLookedAt() throws IOException, URISyntaxException {
        assertThat(classes().filter(SnapshotCoverageTest::canRemember).filter(type -> !isListed(type)))
                .as(
                        "classes that hold something and are not listed here: list each with state(...), its fields as kept or with the"
                                + " reason why they need not be, or in PASSING when nothing of it outlasts a command")
                .isEmpty();
    }

    @Test
    void whatIsListedIsThere() throws IOException, URISyntaxException {
        Set<String> names = classes().map(Class::getName).collect(Collectors.toSet());
        assertThat(PASSING.keySet().stream().map(SnapshotCoverageTest::inEngine))
                .as("classes that are listed as passing")
                .isSubsetOf(names);
    }

    private static Stream<Class<?>> classes() throws IOException, URISyntaxException {
        Path root = Path.of(OfferEngine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted().toList()) {
                String name = root.relativize(file).toString().replace(File.separatorChar, '.');
                if (name.startsWith("io.offerplane.engine.")
                        && name.endsWith(".class")
                        && !name.endsWith("package-info.class")) {
                    classes.add(load(name.substring(0, name.length() - ".class".length())));
                }
            }
        }
        return classes.stream();
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, SnapshotCoverageTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** Records of the machinery count when what they hold can grow. */
    private static boolean canRemember(Class<?> type) {
        if (VALUES.contains(type.getPackageName())
                || PASSING.containsKey(type.getName().substring("io.offerplane.engine.".length()))
                || type.isEnum()
                || type.isInterface()
                || Throwable.class.isAssignableFrom(type)) {
            return false;
        }
        Stream<Field> fields =
                Arrays.stream(type.getDeclaredFields()).filter(field -> !Modifier.isStatic(field.getModifiers()));
        return type.isRecord()
                ? !isPublic(type) && fields.anyMatch(SnapshotCoverageTest::canGrow)
                : fields.findAny().isPresent();
    }

    /** With all that it is declared in. */
    static boolean isPublic(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return Modifier.isPublic(type.getModifiers()) && (outer == null || isPublic(outer));
    }

    private static boolean canGrow(Field field) {
        return field.getType().isArray()
                || Collection.class.isAssignableFrom(field.getType())
                || Map.class.isAssignableFrom(field.getType());
    }

    private static String inEngine(String name) {
        return "io.offerplane.engine." + name;
    }

    static boolean isListed(Class<?> type) {
        return STATE.containsKey(type);
    }

    static boolean isKept(Class<?> type, String field) {
        Fields fields = STATE.get(type);
        return fields != null && fields.kept().contains(field);
    }
}
