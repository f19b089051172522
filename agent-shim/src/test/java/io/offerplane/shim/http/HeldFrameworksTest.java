package io.offerplane.shim.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.executor.Executors;
import io.offerplane.shim.journal.ExecutorKey;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.status.StatusUpdateStreams;
import io.offerplane.shim.task.HeldTasks;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.Value;
import org.junit.jupiter.api.Test;

/** Who is live and who is completed, as Mesos' agent sorts them. */
class HeldFrameworksTest {

    private static final FrameworkInfo FRAMEWORK =
            FrameworkInfo.newBuilder().setName("f").setUser("root").build();

    private static Resource cpus(double value) {
        return Resource.newBuilder()
                .setName("cpus")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    private static ExecutorInfo executor(String id) {
        return ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .addResources(cpus(0.5))
                .build();
    }

    private static HeldTasks.View task(String framework, String id, TaskState state, Optional<ExecutorInfo> executor) {
        TaskInfo.Builder info = TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(AgentID.newBuilder().setValue("a-S0"))
                .addResources(cpus(1));
        executor.ifPresentOrElse(
                info::setExecutor,
                () -> info.setCommand(CommandInfo.newBuilder().setValue("sleep 1000000 # and more")));
        String executorId = executor.map(e -> e.getExecutorId().getValue()).orElse(id);
        return new HeldTasks.View(
                new TaskKey(framework, id),
                executorId,
                FRAMEWORK,
                info.build(),
                "eng",
                state,
                "c-" + executorId,
                "/sandboxes/" + executorId,
                "/pod/c-" + executorId,
                Optional.empty(),
                new StatusUpdateStreams.Told(List.of(), Optional.empty()));
    }

    private static HeldTasks.View command(String framework, String id, TaskState state) {
        return task(framework, id, state, Optional.empty());
    }

    private static Executors.View custom(String framework, String id, String... queued) {
        return new Executors.View(
                new ExecutorKey(framework, id),
                FRAMEWORK,
                executor(id),
                "eng",
                "c-" + id,
                "/sandboxes/" + id,
                "/pod/c-" + id,
                Executors.Stage.RUNNING,
                Set.of(queued));
    }

    private static List<String> ids(List<HeldFrameworks.Executor> executors) {
        return executors.stream().map(HeldFrameworks.Executor::id).toList();
    }

    private static List<String> tasks(List<HeldTasks.View> tasks) {
        return tasks.stream().map(task -> task.key().taskId()).toList();
    }

    @Test
    void aCommandTaskIsAnExecutorOfItsOwnUntilItsLastUpdateIsAcknowledged() {
        HeldFrameworks held = HeldFrameworks.of(
                List.of(
                        command("f", "starting", TaskState.TASK_STAGING),
                        command("f", "running", TaskState.TASK_RUNNING),
                        command("f", "ended", TaskState.TASK_FINISHED)),
                List.of(command("f", "gone", TaskState.TASK_FAILED), command("g", "other", TaskState.TASK_KILLED)),
                List.of());
        assertThat(held.live()).hasSize(1);
        HeldFrameworks.Framework framework = held.live().getFirst();
        assertThat(framework.info().getId().getValue()).isEqualTo("f");
        assertThat(ids(framework.executors())).containsExactly("starting", "running", "ended");
        assertThat(tasks(framework.executors().get(0).queued())).containsExactly("starting");
        assertThat(tasks(framework.executors().get(1).launched())).containsExactly("running");
        assertThat(tasks(framework.executors().get(2).terminated())).containsExactly("ended");
        assertThat(framework.executors().get(2).allocated()).isEmpty();
        assertThat(ids(framework.completedExecutors())).containsExactly("gone");
        assertThat(held.completed()).hasSize(1);
        assertThat(held.completed().getFirst().id()).isEqualTo("g");
        assertThat(ids(held.completed().getFirst().completedExecutors())).containsExactly("other");
        assertThat(ids(held.executors())).containsExactly("starting", "running", "ended");
    }

    @Test
    @SuppressWarnings("deprecation")
    void aCommandTasksExecutorLooksAsMesosAgentMakesIt() {
        HeldFrameworks.Executor executor = HeldFrameworks.of(
                        List.of(command("f", "t", TaskState.TASK_RUNNING)), List.of(), List.of())
                .executors()
                .getFirst();
        assertThat(executor.isCustom()).isFalse();
        assertThat(executor.info().getName())
                .isEqualTo("Command Executor (Task: t) (Command: sh -c 'sleep 100000...')");
        assertThat(executor.info().getSource()).isEqualTo("t");
        assertThat(executor.frameworkId()).isEqualTo("f");
        assertThat(executor.directory()).isEqualTo("/sandboxes/t");
        assertThat(executor.cgroup()).isEqualTo("/pod/c-t");
        assertThat(executor.role()).isEqualTo("eng");
        // 1 of the task; no executor takes anything beside it.
        assertThat(AgentResources.sum(executor.allocated().stream(), "cpus")).isEqualTo(1);
    }

    @Test
    void tasksOfOneCustomExecutorShareItAndAnIdleOneIsLive() {
        ExecutorInfo info = executor("e");
        HeldFrameworks held = HeldFrameworks.of(
                List.of(
                        task("f", "waits", TaskState.TASK_STAGING, Optional.of(info)),
                        task("f", "handed", TaskState.TASK_STAGING, Optional.of(info)),
                        task("f", "runs", TaskState.TASK_RUNNING, Optional.of(info)),
                        task("f", "ended", TaskState.TASK_FINISHED, Optional.of(info))),
                List.of(
                        task("f", "before", TaskState.TASK_FINISHED, Optional.of(info)),
                        task("f", "runs", TaskState.TASK_RUNNING, Optional.of(info))),
                List.of(custom("f", "e", "waits"), custom("g", "idle")));
        assertThat(held.live()).extracting(HeldFrameworks.Framework::id).containsExactly("f", "g");
        HeldFrameworks.Executor executor = held.live().getFirst().executors().getFirst();
        assertThat(executor.isCustom()).isTrue();
        assertThat(tasks(executor.queued())).containsExactly("waits");
        assertThat(tasks(executor.launched())).containsExactly("handed", "runs");
        assertThat(tasks(executor.terminated())).containsExactly("ended");
        assertThat(tasks(executor.completed())).containsExactly("before");
        // 0.5 of the executor, 1 of each of three living tasks
        assertThat(AgentResources.sum(executor.allocated().stream(), "cpus")).isEqualTo(3.5);
        HeldFrameworks.Executor idle = held.live().get(1).executors().getFirst();
        assertThat(idle.frameworkId()).isEqualTo("g");
        assertThat(AgentResources.sum(idle.allocated().stream(), "cpus")).isEqualTo(0.5);
    }

    @Test
    void anExecutorThatIsGoneIsCompletedWithItsTasks() {
        ExecutorInfo info = executor("e");
        HeldFrameworks held = HeldFrameworks.of(
                List.of(),
                List.of(
                        task("f", "one", TaskState.TASK_FINISHED, Optional.of(info)),
                        task("f", "two", TaskState.TASK_FINISHED, Optional.of(info))),
                List.of());
        assertThat(held.live()).isEmpty();
        HeldFrameworks.Framework framework = held.completed().getFirst();
        assertThat(ids(framework.completedExecutors())).containsExactly("e");
        assertThat(tasks(framework.completedExecutors().getFirst().completed())).containsExactly("one", "two");
    }
}
