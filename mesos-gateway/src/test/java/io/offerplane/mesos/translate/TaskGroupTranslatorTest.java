package io.offerplane.mesos.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.TaskSpec;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts are Mesos' own where it has any. */
class TaskGroupTranslatorTest {
    private static final FrameworkId FRAMEWORK = new FrameworkId("f");
    private static final String OWN = "resources {name: 'cpus' type: SCALAR scalar {value: 0.1}}"
            + " resources {name: 'mem' type: SCALAR scalar {value: 32}}"
            + " resources {name: 'disk' type: SCALAR scalar {value: 32}} ";
    private static final String EXECUTOR = "executor_id {value: 'e'} type: DEFAULT " + OWN;
    private static final String TASK = "name: 'n' task_id {value: 't'} agent_id {value: 'a'}"
            + " command {value: 'true'} resources {name: 'cpus' type: SCALAR scalar {value: 0.5}} ";

    private static Operation.LaunchGroup group(String executor, String... tasks) throws TextFormat.ParseException {
        Protos.Offer.Operation.LaunchGroup.Builder launch = Protos.Offer.Operation.LaunchGroup.newBuilder();
        TextFormat.merge(executor, launch.getExecutorBuilder());
        for (String task : tasks) {
            TextFormat.merge(task, launch.getTaskGroupBuilder().addTasksBuilder());
        }
        return TaskGroupTranslator.fromProto(launch.buildPartial(), false, FRAMEWORK);
    }

    @Test
    void eachTaskBringsTheExecutorAndItsOwnCommand() throws TextFormat.ParseException {
        Operation.LaunchGroup group = group(EXECUTOR, TASK, TASK.replace("'t'", "'u'"));

        assertThat(group.fault()).isEmpty();
        assertThat(group.tasks()).extracting(TaskSpec::fault).containsOnly(Optional.empty());
        assertThat(group.executor().executorId()).isEqualTo(new ExecutorId("e"));
        assertThat(group.executor().resources().scalars().get("mem")).isEqualTo(Quantity.of(32));
        Protos.TaskInfo task = TaskTranslator.toProto(group.tasks().getFirst());
        assertThat(task.getCommand().getValue()).isEqualTo("true");
        assertThat(task.getExecutor().getType()).isEqualTo(Protos.ExecutorInfo.Type.DEFAULT);
        assertThat(task.getExecutor().getFrameworkId().getValue()).isEqualTo("f");
    }

    @Test
    void aGroupMayBeOfACustomExecutorThatHasACommand() throws TextFormat.ParseException {
        Operation.LaunchGroup group = group(
                EXECUTOR.replace("DEFAULT", "CUSTOM") + " command {value: './run'}", TASK, TASK.replace("'t'", "'u'"));

        assertThat(group.fault()).isEmpty();
        assertThat(group.tasks()).extracting(TaskSpec::fault).containsOnly(Optional.empty());
        assertThat(TaskTranslator.toProto(group.tasks().getFirst())
                        .getExecutor()
                        .getCommand()
                        .getValue())
                .isEqualTo("./run");
    }

    @Test
    void whatAnAgentHoldsOfAGroupIsOfTheSameExecutor() throws TextFormat.ParseException {
        TaskSpec launched = group(EXECUTOR, TASK).tasks().getFirst();
        TaskSpec held = TaskTranslator.fromProto(TaskTranslator.toProto(launched), FRAMEWORK);

        assertThat(held.executor()).isEqualTo(launched.executor());
        assertThat(held.resources()).isEqualTo(launched.resources());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    container {type: DOCKER docker {image: 'i'}} | Docker ContainerInfo is not supported on the task
                    container {type: MESOS network_infos {name: 'n'}} health_check {type: TCP tcp {port: 1}} | HTTP and TCP health checks are not supported for nested containers not joining parent's network
                    limits {key: 'cpus' value {value: 1}} | Resource limits may only be set for tasks within a task group when the 'share_cgroups' field is set to 'false'.
                    limits {key: 'disk' value {value: 1}} | Only cpus and mem may be included in a task's resource limits
                    """)
    void saysWhatIsWrongWithATask(String part, String fault) throws TextFormat.ParseException {
        assertThat(group(EXECUTOR, TASK + part).tasks().getFirst().fault()).contains(fault);
    }

    @Test
    void allTasksAreOfTheExecutorAndShareItsLimitsAlike() throws TextFormat.ParseException {
        assertThat(group(EXECUTOR, TASK + "executor {executor_id {value: 'other'}}")
                        .fault())
                .contains("The `ExecutorInfo` of task 't' is different from executor 'e'");
        assertThat(group(EXECUTOR, TASK + "executor {" + EXECUTOR + "}").fault())
                .isEmpty();
        assertThat(group(EXECUTOR, TASK, TASK + "container {type: MESOS linux_info {share_cgroups: false}}")
                        .fault())
                .contains("If set, the value of 'share_cgroups' must be the same for all tasks in each task group and"
                        + " under a single executor");
    }

    @Test
    void aTaskWithLimitsOfItsOwnMayHaveThem() throws TextFormat.ParseException {
        String own = "limits {key: 'cpus' value {value: 1}} container {type: MESOS linux_info {share_cgroups: false}}";
        assertThat(group(EXECUTOR, TASK + own).tasks().getFirst().fault()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    executor_id {value: 'e'} | 'ExecutorInfo.type' must be set
                    executor_id {value: 'e'} type: CUSTOM | 'ExecutorInfo.command' must be set for 'CUSTOM' executor
                    executor_id {value: 'e'} type: UNKNOWN | Unknown executor type
                    executor_id {value: 'e'} type: DEFAULT command {value: 'x'} | 'ExecutorInfo.command' must not be set for 'DEFAULT' executor
                    executor_id {value: 'e'} type: DEFAULT container {type: DOCKER docker {image: 'i'}} | 'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor
                    executor_id {value: 'e'} type: DEFAULT container {type: MESOS mesos {image {type: DOCKER docker {name: 'i'}}}} | 'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor
                    executor_id {value: 'e/'} type: DEFAULT | 'e/' contains invalid characters
                    executor_id {value: 'e'} type: DEFAULT framework_id {value: 'zz'} | ExecutorInfo has an invalid FrameworkID (Actual: zz vs Expected: f)
                    executor_id {value: 'e'} type: DEFAULT | Executor 'e' uses less CPUs (None) than the minimum required (0.01)
                    executor_id {value: 'e'} type: DEFAULT resources {name: 'cpus' type: SCALAR scalar {value: 0.1}} | Executor 'e' uses less memory (None) than the minimum required (32MB)
                    """)
    void saysWhatIsWrongWithTheExecutor(String executor, String fault) throws TextFormat.ParseException {
        assertThat(group(executor, TASK).fault()).contains(fault);
    }

    @Test
    void aGroupIsBoundedByWhatTheLinkToAnAgentTakes() throws TextFormat.ParseException {
        String large = EXECUTOR + "data: '" + "x".repeat(800_000) + "' ";
        assertThat(group(large, TASK, TASK, TASK, TASK).fault()).isEmpty();
        String[] tasks = List.of(TASK, TASK, TASK, TASK, TASK, TASK, TASK, TASK).toArray(String[]::new);
        assertThat(group(large, tasks).fault().orElseThrow()).startsWith("Task group is too large");
    }

    @Test
    void anIdOfTheOperationIsRefused() throws TextFormat.ParseException {
        Protos.Offer.Operation.LaunchGroup.Builder launch = Protos.Offer.Operation.LaunchGroup.newBuilder();
        TextFormat.merge(EXECUTOR, launch.getExecutorBuilder());
        TextFormat.merge(TASK, launch.getTaskGroupBuilder().addTasksBuilder());
        assertThat(TaskGroupTranslator.fromProto(launch.build(), true, FRAMEWORK)
                        .fault())
                .contains("The `id` field cannot be set on LAUNCH_GROUP operations");
    }
}
