package io.offerplane.engine;

import static io.offerplane.engine.TestCluster.resources;
import static io.offerplane.engine.TestCluster.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tasks that start together in one executor, or not at all. */
class TaskGroupTest {
    private final TestCluster cluster = new TestCluster();

    private Offer offer() {
        cluster.framework("f", "*").agent("s", "cpus:4;mem:1024").tick();
        return cluster.offers("f").getFirst();
    }

    private static TaskSpec in(String executor, String own, TaskSpec task) {
        return new TaskSpec(
                task.taskId(),
                task.name(),
                task.agentId(),
                task.resources(),
                Optional.of(new TaskSpec.ExecutorSpec(new ExecutorId(executor), resources(own), Payload.EMPTY)),
                task.fault(),
                task.resourceFault(),
                task.info());
    }

    private static TaskSpec faulty(String fault, TaskSpec task) {
        return new TaskSpec(
                task.taskId(),
                task.name(),
                task.agentId(),
                task.resources(),
                task.executor(),
                Optional.of(fault),
                task.resourceFault(),
                task.info());
    }

    private void launch(List<OfferId> offers, Optional<String> fault, TaskSpec... tasks) {
        cluster.apply(new Command.AcceptOffers(
                new FrameworkId("f"),
                offers,
                List.of(new Operation.LaunchGroup(List.of(tasks), fault)),
                Optional.of(0.0),
                cluster.now()));
    }

    private void launch(Offer offer, TaskSpec... tasks) {
        launch(List.of(offer.id()), Optional.empty(), tasks);
    }

    private List<String> errors() {
        return cluster.updates().stream()
                .map(update -> update.taskId() + " " + update.state() + " "
                        + update.reason().orElseThrow() + " " + update.message().orElseThrow())
                .toList();
    }

    @Test
    void goesOutWholeAndIsChargedForItsExecutorOnce() {
        Offer offer = offer();
        TaskSpec a = in("e", "cpus:0.1;mem:32", task("a", "s", "cpus:1;mem:128"));
        TaskSpec b = in("e", "cpus:0.1;mem:32", task("b", "s", "cpus:1;mem:64"));

        launch(offer, a, b);

        assertThat(cluster.agentView("s").allocated()).isEqualTo(resources("cpus:2.1;mem:224"));
        List<Effect.LaunchTaskGroup> sent = cluster.take(Effect.LaunchTaskGroup.class);
        assertThat(sent).hasSize(1);
        assertThat(sent.getFirst().agentId()).isEqualTo(new AgentId("s"));
        assertThat(sent.getFirst().tasks()).containsExactly(a, b);
        assertThat(cluster.frameworkView("f").tasks()).hasSize(2);
    }

    @Test
    void holdsItsExecutorsResourcesUntilTheLastTaskHasEnded() {
        Offer offer = offer();
        launch(
                offer,
                in("e", "cpus:0.1;mem:32", task("a", "s", "cpus:1;mem:128")),
                in("e", "cpus:0.1;mem:32", task("b", "s", "cpus:1;mem:64")));

        cluster.update("s", "f", "a", TaskState.FINISHED);
        assertThat(cluster.agentView("s").allocated()).isEqualTo(resources("cpus:1.1;mem:96"));
        cluster.update("s", "f", "b", TaskState.FAILED);
        assertThat(cluster.agentView("s").allocated()).isEqualTo(Resources.EMPTY);
    }

    @Test
    void aSecondGroupInARunningExecutorIsChargedForItsTasksOnly() {
        Offer offer = offer();
        launch(offer, in("e", "cpus:0.1;mem:32", task("a", "s", "cpus:1;mem:128")));
        cluster.cycle();
        launch(cluster.offers("f").getFirst(), in("e", "cpus:0.1;mem:32", task("b", "s", "cpus:1;mem:64")));

        assertThat(cluster.agentView("s").allocated()).isEqualTo(resources("cpus:2.1;mem:224"));
    }

    @Test
    void oneBadTaskFailsAllAndTakesNothing() {
        Offer offer = offer();
        launch(
                offer,
                in("e", "cpus:0.1", task("a", "s", "cpus:1")),
                faulty(
                        "Task's `max_completion_time` must be non-negative",
                        in("e", "cpus:0.1", task("b", "s", "cpus:1"))));

        String why = " ERROR TASK_GROUP_INVALID Task 'b' is invalid: Task's `max_completion_time` must be non-negative";
        assertThat(errors()).containsExactly("a" + why, "b" + why);
        assertThat(cluster.take(Effect.LaunchTaskGroup.class)).isEmpty();
        assertThat(cluster.agentView("s").allocated()).isEqualTo(Resources.EMPTY);
        assertThat(cluster.frameworkView("f").tasks()).isEmpty();
    }

    @Test
    void twoTasksOfOneIdFailTheGroup() {
        Offer offer = offer();
        launch(offer, in("e", "cpus:0.1", task("a", "s", "cpus:1")), in("e", "cpus:0.1", task("a", "s", "cpus:1")));

        assertThat(errors())
                .hasSize(2)
                .containsOnly("a ERROR TASK_GROUP_INVALID Task 'a' is invalid: Task has duplicate ID: a");
    }

    @Test
    void aFaultOfTheExecutorCountsAfterThoseOfTasks() {
        Offer offer = offer();
        launch(
                List.of(offer.id()),
                Optional.of("'ExecutorInfo.type' must be set"),
                in("e", "cpus:0.1", task("a", "s", "cpus:1")));

        assertThat(errors()).containsExactly("a ERROR TASK_GROUP_INVALID 'ExecutorInfo.type' must be set");
    }

    @Test
    void whatDoesNotFitTogetherIsRefusedThoughEachTaskWould() {
        Offer offer = offer();
        launch(offer, in("e", "cpus:0.5", task("a", "s", "cpus:2")), in("e", "cpus:0.5", task("b", "s", "cpus:2")));

        assertThat(cluster.updates()).hasSize(2).allSatisfy(update -> assertThat(update.message())
                .hasValue("Total resources cpus(allocated: *):4.5 required by task group and its executor are more"
                        + " than available cpus(allocated: *):4; mem(allocated: *):1024"));
        assertThat(cluster.agentView("s").allocated()).isEqualTo(Resources.EMPTY);
    }

    @Test
    void anExecutorThatDiffersFromTheRunningOneOfItsIdIsRefused() {
        Offer offer = offer();
        launch(offer, in("e", "cpus:0.1", task("a", "s", "cpus:1")));
        cluster.cycle();
        launch(cluster.offers("f").getFirst(), in("e", "cpus:0.2", task("b", "s", "cpus:1")));

        assertThat(cluster.updates())
                .extracting(StatusUpdate::taskId, update -> update.message().orElseThrow())
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        new TaskId("b"),
                        "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID."));
    }

    @Test
    void onAnOfferThatIsGoneAllAreDropped() {
        offer();
        launch(
                List.of(new OfferId("gone")),
                Optional.empty(),
                in("e", "cpus:0.1", task("a", "s", "cpus:1")),
                in("e", "cpus:0.1", task("b", "s", "cpus:1")));

        assertThat(cluster.updates())
                .extracting(StatusUpdate::state, update -> update.reason().orElseThrow())
                .containsExactlyElementsOf(Stream.of(1, 2)
                        .map(n -> org.assertj.core.groups.Tuple.tuple(TaskState.DROPPED, StatusReason.INVALID_OFFERS))
                        .toList());
    }

    @Test
    void aGroupOfSeveralExecutorsCannotBeMade() {
        List<TaskSpec> tasks = List.of(
                in("e", "cpus:0.1", task("a", "s", "cpus:1")), in("other", "cpus:0.1", task("b", "s", "cpus:1")));
        assertThatThrownBy(() -> new Operation.LaunchGroup(tasks, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one executor");
    }
}
