package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.ReclaimRevocable;
import io.offerplane.protocol.link.v1.RevocableTask;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.task.HeldTasks;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;

/** What lies idle is lent and taken back, with real containers on a claim of four cores. */
class OversubscriptionTest {

    private static final String SPIN = "while :; do :; done";

    /** tail keeps the last line, which has no end. */
    private static String holding(int megabytes) {
        return "{ head -c %d /dev/zero; sleep 1000; } | tail > /dev/null".formatted(megabytes << 20);
    }

    /**
     * Pressure is more than 160 MiB of the claim's 4 GiB in use. How much cpu the tasks get, and how long other processes of the machine wait, is whoever
     * else's matter.
     */
    private static TestNode lender() throws Exception {
        return TestNode.create()
                .set("CGROUPS_ENABLE_CFS", "true")
                .set("OVERSUBSCRIPTION_ENABLED", "true")
                .set("OVERSUBSCRIPTION_WINDOW_SECONDS", "3")
                .set("OVERSUBSCRIPTION_STOP_AT_CPU_USE_PERCENT", "100")
                .set("OVERSUBSCRIPTION_STOP_AT_MEMORY_USE_PERCENT", "4")
                .set("OVERSUBSCRIPTION_STOP_AT_CPU_PRESSURE_PERCENT", "100")
                .set("OVERSUBSCRIPTION_STOP_AT_MEMORY_PRESSURE_PERCENT", "100")
                .startShim();
    }

    private static TaskInfo.Builder task(String id, String command, double cpus) {
        return TestNode.shell(id, command)
                .clearResources()
                .addResources(TestNode.scalar("cpus", cpus))
                .addResources(TestNode.scalar("mem", 64));
    }

    private static TaskInfo revocable(String id, String command, double cpus) {
        TaskInfo.Builder task = task(id, command, cpus);
        task.setResources(
                0, task.getResources(0).toBuilder().setRevocable(Resource.RevocableInfo.getDefaultInstance()));
        return task.build();
    }

    private static void run(TestNode node, TaskInfo task, FrameworkInfo.Capability.Type... capabilities) {
        node.leader().launch(task, TestNode.framework(capabilities));
        node.leader().awaitState(task.getTaskId().getValue(), TaskState.TASK_RUNNING);
    }

    private static double lent(List<Resource> resources) {
        return resources.stream()
                .filter(resource -> resource.getName().equals("cpus") && resource.hasRevocable())
                .mapToDouble(resource -> resource.getScalar().getValue())
                .sum();
    }

    private static double lent(NodeReport report) {
        return report.getOversubscribedList().stream()
                .map(OversubscriptionTest::parsed)
                .mapToDouble(resource -> lent(List.of(resource)))
                .sum();
    }

    private static Resource parsed(ByteString bytes) {
        try {
            return Resource.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static ContainerUsage usage(TestNode node, String task) throws IOException {
        HeldTasks.View view = node.agent().tasks().views().stream()
                .filter(held -> held.key().taskId().equals(task))
                .findFirst()
                .orElseThrow();
        return node.cgroups().usage(view.cgroup()).orElseThrow();
    }

    private static void reclaim(TestNode node, String... tasks) {
        ReclaimRevocable.Builder message = ReclaimRevocable.newBuilder();
        for (String task : tasks) {
            message.addTasks(RevocableTask.newBuilder()
                    .setFrameworkId(FakeLeader.FRAMEWORK)
                    .setTaskId(task));
        }
        node.leader().send(ToAgent.newBuilder().setReclaimRevocable(message));
    }

    @Test
    void theIdlePartOfAClaimIsLentAndComesBackWhenItsOwnerWantsIt() throws Exception {
        try (TestNode node = lender()) {
            run(
                    node,
                    task("idle", "while [ ! -e go ]; do sleep 0.2; done; " + holding(300), 1)
                            .setResources(1, TestNode.scalar("mem", 512))
                            .build());
            run(node, task("busy", SPIN, 0.2).build());
            FakeLeader.await(
                    "about half of the idle core",
                    () -> lent(node.agent().oversubscription().resources()) >= 0.3,
                    () -> node.agent().oversubscription().resources().toString());
            assertThat(lent(node.agent().oversubscription().resources())).isLessThanOrEqualTo(0.6);
            FakeLeader.await(
                    "a report of it",
                    () -> lent(node.leader().reports().getLast()) >= 0.3,
                    () -> node.leader().reports().toString());

            run(node, revocable("guest", holding(20), 0.2));
            assertThat(usage(node, "guest").cpuShares()).isEqualTo(2);
            assertThat(usage(node, "guest").cpuQuotaMicros()).hasValue(20_000);
            assertThat(node.agent().oversubscription().preempted()).isZero();

            Files.createFile(node.sandbox("idle").resolve("go"));
            TaskStatus end = node.leader().awaitState("guest", TaskState.TASK_LOST);
            assertThat(end.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_PREEMPTED);
            assertThat(end.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
            assertThat(end.getMessage()).isEqualTo("Container preempted by QoS correction");
            FakeLeader.await(
                    "the word that nothing is lent any more",
                    () -> node.leader().reports().getLast().getOversubscribedCount() == 0);
            assertThat(node.agent().oversubscription().preempted()).isEqualTo(1);
            assertThat(node.leader().states("idle")).endsWith(TaskState.TASK_RUNNING);
            assertThat(node.leader().states("busy")).endsWith(TaskState.TASK_RUNNING);
        }
    }

    @Test
    void whatTheLeaderFindsTooMuchStaysAsLongAsTheNodeHasIt() throws Exception {
        try (TestNode node = lender()) {
            run(node, task("idle", "sleep 1000", 2).build());
            FakeLeader.await(
                    "half of two cores",
                    () -> lent(node.agent().oversubscription().resources()) >= 0.8);
            run(node, revocable("fits", "sleep 1000", 0.5));
            run(node, revocable("too-much", "sleep 1000", 3));
            reclaim(node, "too-much", "fits");
            TaskStatus end = node.leader().awaitState("too-much", TaskState.TASK_LOST);
            assertThat(end.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_PREEMPTED);
            assertThat(node.leader().states("fits")).endsWith(TaskState.TASK_RUNNING);
            assertThat(node.agent().oversubscription().preempted()).isEqualTo(1);
        }
    }

    @Test
    void whereNothingIsLentAnyMoreRevocableTasksEnd() throws Exception {
        try (TestNode node = TestNode.create().startShim()) {
            run(node, revocable("guest", "sleep 1000", 0.5), FrameworkInfo.Capability.Type.PARTITION_AWARE);
            run(node, task("owner", "sleep 1000", 0.5).build());
            assertThat(node.agent().oversubscription().resources()).isEmpty();
            reclaim(node, "guest", "owner", "nobody");
            TaskStatus end = node.leader().awaitState("guest", TaskState.TASK_GONE);
            assertThat(end.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_PREEMPTED);
            assertThat(node.leader().states("owner")).endsWith(TaskState.TASK_RUNNING);
        }
    }

    @Test
    void anExecutorEndsWithTheRevocableTasksThatItHas() throws Exception {
        try (TestNode node = TestNode.create().startShim()) {
            ExecutorInfo executor = ExecutorInfo.newBuilder()
                    .setType(ExecutorInfo.Type.CUSTOM)
                    .setExecutorId(ExecutorID.newBuilder().setValue("executor"))
                    .setFrameworkId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                    .setCommand(CommandInfo.newBuilder().setValue("touch started; exec sleep 1000"))
                    .addResources(TestNode.scalar("mem", 32))
                    .build();
            node.leader()
                    .launch(
                            revocable("guest", "", 0.5).toBuilder()
                                    .clearCommand()
                                    .setExecutor(executor)
                                    .build(),
                            TestNode.framework());
            FakeLeader.await(
                    "the executor", () -> Files.exists(node.sandbox("executor").resolve("started")));
            reclaim(node, "guest");
            TaskStatus end = node.leader().awaitState("guest", TaskState.TASK_LOST);
            assertThat(end.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_PREEMPTED);
            FakeLeader.await(
                    "the end of the executor", () -> !node.leader().exits().isEmpty());
        }
    }
}
