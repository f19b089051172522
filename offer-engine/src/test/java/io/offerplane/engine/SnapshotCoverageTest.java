package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.fairness.ClusterTotals;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Nothing that the engine remembers between two commands is forgotten by a snapshot. Each field of a class that remembers stands here: as
 * kept in the snapshot, or with the reason why it need not be.
 */
class SnapshotCoverageTest {
    /** Classes that hold what changes, with those of their fields that a snapshot keeps, and those that it need not keep, and why. */
    private static final Map<Class<?>, Fields> STATE = new LinkedHashMap<>();

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
                "timetable agenda filters roles quotas frameworks agents goneAgents offers now",
                "config",
                settings,
                "outbox",
                "empty between two commands");
        state(
                Agent.class,
                "id tasks unreachableTasks executors offers filters spec granted dynamic phase deactivated connection registered"
                        + " reregistered unreachableSince patience ledger",
                "ordinal",
                "the order of agents is kept, which is all that it decides",
                "changed",
                "only while a command is carried out");
        state(AgentLedger.class, "total allocated offered", "available", "what the others leave");
        state(
                Framework.class,
                "id subscriptions offers tasks unreachableTasks completedTasks operations spec connected recovered connection"
                        + " registered reregistered failoverDeadline failover failovers offersSent offersAccepted offersDeclined"
                        + " offersRescinded");
        state(
                Subscription.class,
                "framework role node wanted suppressed competing",
                "filteredOn",
                "the agents whose filters name it");
        state(
                Client.class,
                "path held allocations",
                "weight",
                "of the role's weight",
                "share",
                "worked out when it is sorted");
        state(
                RoleNode.class,
                "role used",
                "parent children",
                "of the path",
                "competitors competing leaf",
                "of the subscriptions that compete");
        state(RoleNode.Leaf.class, "members", "frameworks", "of the members that compete");
        state(RoleTree.class, "nodes weights", "totals", "of the agents that count", "root", "has no account");
        state(ClusterTotals.class, "", "numbers totals revision", "of the agents that count");
        state(QuotaBook.class, "quotas", "roles", wiring, "reserved", "of the agents that count");
        state(FrameworkBook.class, "living removed completed nextNumber", "termId completedKept", settings);
        state(
                Task.class,
                "spec agentId state charged executor superseded holdsResources forwarded killRequested killGracePeriod"
                        + " unacknowledged statuses");
        state(Executor.class, "key spec charged liveTasks");
        state(OutstandingOffer.class, "offer agent subscription timeout");
        state(RefusalFilters.class, "filters");
        state(FilterTable.class, "", "timetable agenda", wiring, "refuseMin", settings);
        state(Timetable.class, "nextSequence", "entries", "kept with what they are about");
        state(
                Agenda.class,
                "atInterval atOnce heldBack allAtOnce lastInterval",
                "interval",
                settings,
                "agents",
                "the agents, in their order");
        state(OfferBook.class, "nextNumber", "cluster", wiring);
        state(OperationBook.class, "nextNumber", "cluster", wiring);
        state(OperationBook.Finished.class, "id agentId uuid repeat");
        state(Eligibility.class, "ownMinimums", "config", settings, "filters", wiring);
        state(SplitMix.class, "state");
        state(
                AllocationCycle.class,
                "",
                "cluster offers eligibility random",
                wiring,
                "byFramework headroom passedOver made",
                "only while a cycle runs");
        for (Class<?> type : List.of(
                TaskBook.class,
                FrameworkLifecycle.class,
                AgentLifecycle.class,
                AgentLoss.class,
                HeldTasks.class,
                Preferences.class,
                Acceptance.class,
                OperatorChanges.class,
                QuotaChanges.class,
                TaskTraffic.class,
                Reconciliation.class,
                MasterUpdates.class)) {
            state(
                    type,
                    "",
                    "cluster offers heldTasks loss tasks updates operations reconciliation frameworks feedback",
                    wiring);
        }
        state(
                OfferEngine.class,
                "",
                "cluster agents loss frameworks offers eligibility preferences acceptance changes quotas operations traffic"
                        + " reconciliation random cycle views invariants",
                wiring,
                "busy",
                "false between two commands");
        state(ViewBuilder.class, "", "cluster explanation", wiring);
        state(Explanation.class, "", "cluster eligibility", wiring, "headroom", "only while it explains");
        state(Invariants.class, "", "cluster", wiring);
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
    void everyClassThatTheEngineIsMadeOfIsLookedAt() {
        Set<Class<?>> reached = new java.util.LinkedHashSet<>();
        reach(OfferEngine.class, reached);
        assertThat(reached)
                .as("classes of the engine's own that it refers to: list them in this test with their fields")
                .allMatch(STATE::containsKey);
    }

    private static void reach(Class<?> type, Set<Class<?>> reached) {
        if (type.getPackageName().equals("io.offerplane.engine")
                && !type.isRecord()
                && !type.isEnum()
                && !type.isInterface()
                && !Set.of(Outbox.class, Headroom.class, Payload.class).contains(type)
                && reached.add(type)) {
            for (Field field : type.getDeclaredFields()) {
                reach(field.getType(), reached);
            }
        }
    }
}
