package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What guarantees take back from those who hold more than theirs. */
class ReclaimTest {
    private final TestCluster cluster = new TestCluster();

    private void guarantee(String role, String amounts) {
        cluster.apply(new Command.SetQuotas(
                List.of(new Command.SetQuotas.RoleQuota(
                        new RolePath(role),
                        new Quota(TestCluster.resources(amounts).scalars(), new TreeMap<>()))),
                true,
                cluster.now()));
    }

    private void allow(String role, int graceSeconds) {
        cluster.apply(new Command.SetReclaimPolicy(
                new RolePath(role),
                Optional.of(new ReclaimPolicy(true, Duration.ofSeconds(graceSeconds))),
                cluster.now()));
    }

    /** Fills an agent with tasks of one cpu, all running. */
    private void fill(String framework, String agent, int tasks) {
        cluster.tick();
        Offer offer = cluster.offers(framework).stream()
                .filter(candidate -> candidate.agentId().value().equals(agent))
                .findFirst()
                .orElseThrow();
        var specs = new io.offerplane.engine.task.TaskSpec[tasks];
        for (int i = 0; i < tasks; i++) {
            specs[i] = TestCluster.task(framework + "-" + agent + "-" + i, agent, "cpus:1;mem:128");
        }
        cluster.launch(offer, specs);
        for (int i = 0; i < tasks; i++) {
            cluster.update(agent, framework, framework + "-" + agent + "-" + i, TaskState.RUNNING);
        }
    }

    private List<TaskId> killed() {
        return cluster.take(Effect.KillTask.class).stream()
                .map(Effect.KillTask::taskId)
                .toList();
    }

    private List<TaskId> announced() {
        return cluster.take(Effect.AnnounceReclaim.class).stream()
                .flatMap(announced -> announced.tasks().stream())
                .toList();
    }

    @Test
    void offersOfOthersAreTakenBackFirst() {
        allow("ops", 0);
        cluster.agent("a", "cpus:4;mem:4096").framework("other", "ops").tick();
        assertThat(cluster.offers("other")).hasSize(1);

        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.cycle();
        assertThat(cluster.grants("app")).hasSize(2);
        assertThat(cluster.offers("other"))
                .as("the rest is offered again")
                .extracting(Offer::resources)
                .containsExactly(TestCluster.resources("cpus:2;mem:3840"));
    }

    @Test
    void tasksAreToldThenEndedAfterTheirGrace() {
        allow("ops", 10);
        cluster.agent("a", "cpus:4;mem:4096").framework("other", "ops");
        fill("other", "a", 4);
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 2, "cpus:1;mem:128");

        cluster.cycle();
        assertThat(announced())
                .as("the youngest, and no more than is lacking")
                .containsExactly(new TaskId("other-a-3"), new TaskId("other-a-2"));
        cluster.pass(9).tick();
        assertThat(killed()).isEmpty();
        cluster.pass(1).tick();
        assertThat(killed()).containsExactlyInAnyOrder(new TaskId("other-a-3"), new TaskId("other-a-2"));

        cluster.update("a", "other", "other-a-3", TaskState.KILLED);
        assertThat(cluster.updates()).singleElement().satisfies(update -> {
            assertThat(update.reason()).hasValue(StatusReason.CONTAINER_PREEMPTED);
            assertThat(update.message()).hasValue("Reclaimed for role 'eng', which has less than it is guaranteed");
        });
        cluster.tick();
        assertThat(cluster.grants("app")).hasSize(1);
        cluster.pass(5).tick();
        assertThat(killed()).as("nothing more than is lacking").isEmpty();
    }

    @Test
    void whoDoesNotAllowItKeepsItsTasks() {
        cluster.agent("a", "cpus:4;mem:4096").framework("other", "ops");
        fill("other", "a", 4);
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.cycle().cycle().cycle();
        assertThat(killed()).isEmpty();
    }

    @Test
    void nobodyIsBroughtBelowItsOwnGuarantee() {
        allow("ops", 0);
        cluster.agent("a", "cpus:4;mem:4096").framework("other", "ops");
        fill("other", "a", 4);
        guarantee("ops", "cpus:3;mem:384");
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.cycle().tick().cycle();
        assertThat(killed()).containsExactly(new TaskId("other-a-3"));
    }

    @Test
    void nothingIsTakenForWhoWantsNothing() {
        allow("ops", 0);
        cluster.agent("a", "cpus:4;mem:4096").framework("other", "ops");
        fill("other", "a", 4);
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng");
        cluster.cycle().tick().cycle();
        assertThat(killed()).isEmpty();
    }

    @Test
    void aTaskStaysWhenItIsNoLongerLackingByTheEndOfItsGrace() {
        allow("ops", 10);
        cluster.agent("a", "cpus:2;mem:4096").framework("other", "ops");
        fill("other", "a", 2);
        guarantee("eng", "cpus:1;mem:128");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:1;mem:128");
        cluster.cycle();
        assertThat(announced()).hasSize(1);
        cluster.ask("app", 1, 0, "cpus:1;mem:128");
        cluster.pass(20).tick();
        assertThat(killed()).isEmpty();
    }

    @Test
    void theApplicationsMasterIsTakenLast() {
        allow("ops", 0);
        cluster.agent("a", "cpus:3;mem:4096").application("other", "ops");
        Ask master = new Ask(
                new AskKey(9, 0),
                TestCluster.resources("cpus:1;mem:128").scalars(),
                1,
                Locality.ANYWHERE,
                Placement.ANY,
                Optional.empty(),
                true);
        cluster.ask("other", master).ask("other", 1, 2, "cpus:1;mem:128").tick();
        List<Grant> grants = cluster.grants("other");
        grants.forEach(grant -> cluster.update("a", "other", grant.container().value(), TaskState.RUNNING));
        TaskId masters = grants.stream()
                .filter(Grant::applicationMaster)
                .map(Grant::container)
                .findFirst()
                .orElseThrow();
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.cycle().tick();
        assertThat(killed()).hasSize(2).doesNotContain(masters);
    }

    @Test
    void onlyAgentsWhereItMakesRoomForOneContainerAreTouched() {
        allow("ops", 0);
        cluster.agent("small", "cpus:1;mem:4096").framework("other", "ops");
        fill("other", "small", 1);
        cluster.agent("large", "cpus:2;mem:4096");
        fill("other", "large", 2);
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:2;mem:256");
        cluster.cycle().tick();
        assertThat(killed()).containsExactlyInAnyOrder(new TaskId("other-large-0"), new TaskId("other-large-1"));
    }

    @Test
    void whatIsTakenIsOnOneAgentWhereAContainerNeedsMoreThanOneTask() {
        allow("ops", 0);
        cluster.framework("other", "ops");
        for (String agent : List.of("a", "b")) {
            cluster.agent(agent, "cpus:2;mem:4096");
            fill("other", agent, 2);
        }
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:2;mem:256");
        cluster.cycle().tick();
        List<TaskId> killed = killed();
        assertThat(killed).hasSize(2);
        assertThat(killed.getFirst().value().charAt("other-".length()))
                .isEqualTo(killed.getLast().value().charAt("other-".length()));
    }

    @Test
    void aRoleTakesFromItsSiblingWhatTheirParentHoldsAnyway() {
        allow("eng/b", 0);
        cluster.agent("a", "cpus:4;mem:4096").framework("other", "eng/b");
        fill("other", "a", 4);
        guarantee("eng", "cpus:4;mem:512");
        guarantee("eng/a", "cpus:2;mem:256");
        cluster.application("app", "eng/a").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.cycle().tick();
        assertThat(killed()).hasSize(2);
    }

    @Test
    void whatIsLackingAtTwoLevelsIsTakenOnce() {
        allow("ops", 0);
        cluster.agent("a", "cpus:4;mem:4096").framework("other", "ops");
        fill("other", "a", 4);
        guarantee("eng", "cpus:2;mem:256");
        guarantee("eng/a", "cpus:2;mem:256");
        cluster.application("app", "eng/a").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.cycle().tick();
        assertThat(killed()).hasSize(2);
    }

    @Test
    void offersWhereNothingOfUseWouldFitStay() {
        cluster.agent("a", "cpus:1;mem:4096").framework("other", "ops").tick();
        guarantee("eng", "cpus:2;mem:256");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:2;mem:256");
        cluster.tick();
        cluster.take(Effect.RescindOffer.class);
        cluster.cycle().cycle().cycle();
        assertThat(cluster.take(Effect.RescindOffer.class)).isEmpty();
    }

    @Test
    void aTaskStaysWhenItsRoleHasOnlyItsGuaranteeByTheEndOfItsGrace() {
        allow("ops", 10);
        cluster.agent("a", "cpus:3;mem:4096").framework("other", "ops");
        fill("other", "a", 3);
        guarantee("ops", "cpus:2;mem:256");
        guarantee("eng", "cpus:3;mem:384");
        cluster.application("app", "eng").ask("app", 1, 3, "cpus:1;mem:128");
        cluster.cycle();
        assertThat(announced()).containsExactly(new TaskId("other-a-2"));
        cluster.update("a", "other", "other-a-0", TaskState.FINISHED);
        cluster.pass(20).tick();
        assertThat(killed()).isEmpty();
    }

    @Test
    void itGoesOnFromASnapshotInTheMiddleOfAGrace() {
        allow("ops", 10);
        cluster.agent("a", "cpus:2;mem:4096").framework("other", "ops");
        fill("other", "a", 2);
        guarantee("eng", "cpus:1;mem:128");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:1;mem:128");
        cluster.cycle();
        EngineSnapshot snapshot = cluster.snapshot();
        OfferEngine restored = OfferEngine.restore(TestCluster.CONFIG, snapshot);
        Decision decision = restored.apply(new Command.Tick(cluster.now().plusSeconds(10)));
        assertThat(decision.effects())
                .contains(new Effect.KillTask(
                        new io.offerplane.engine.agent.AgentId("a"),
                        new FrameworkId("other"),
                        new TaskId("other-a-1"),
                        Optional.empty()));
    }
}
