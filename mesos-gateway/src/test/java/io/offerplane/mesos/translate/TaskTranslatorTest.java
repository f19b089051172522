package io.offerplane.mesos.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.task.TaskSpec;
import org.apache.mesos.v1.Protos;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts are those with which a Mesos 1.11.0 master refused the same tasks. */
class TaskTranslatorTest {
    private static final FrameworkId FRAMEWORK = new FrameworkId("f");
    private static final String RESOURCES = "resources {name: 'cpus' type: SCALAR scalar {value: 0.1}}"
            + " resources {name: 'mem' type: SCALAR scalar {value: 32}} ";
    private static final String COMMAND = "command {value: 'true'} ";

    private static TaskSpec task(String text) throws TextFormat.ParseException {
        Protos.TaskInfo.Builder task = Protos.TaskInfo.newBuilder();
        TextFormat.merge("name: 'n' task_id {value: 't'} agent_id {value: 'a'} " + text, task);
        return TaskTranslator.fromProto(task.build(), FRAMEWORK);
    }

    @Test
    void aPlainTaskHasNoFault() throws TextFormat.ParseException {
        TaskSpec task = task(RESOURCES + COMMAND);
        assertThat(task.fault()).isEmpty();
        assertThat(task.resourceFault()).isEmpty();
        assertThat(task.resources().scalars().get("cpus")).isEqualTo(Quantity.of(0.1));
        assertThat(TaskTranslator.toProto(task).getCommand().getValue()).isEqualTo("true");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    kill_policy {grace_period {nanoseconds: -1}} | Task's 'kill_policy.grace_period' must be non-negative
                    max_completion_time {nanoseconds: -1} | Task's `max_completion_time` must be non-negative
                    check {} | Task uses invalid check: CheckInfo must specify 'type'
                    check {type: HTTP} | Task uses invalid check: Expecting 'http' to be set for HTTP check
                    check {type: COMMAND command {command {}}} | Task uses invalid check: Command check must contain 'shell command'
                    check {type: HTTP http {port: 80 path: 'x'}} | Task uses invalid check: The path 'x' of HTTP check must start with '/'
                    check {type: TCP tcp {port: 1} delay_seconds: -1} | Task uses invalid check: Expecting 'delay_seconds' to be non-negative
                    check {type: UNKNOWN} | Task uses invalid check: 'UNKNOWN' is not a valid check type
                    health_check {} | Task uses invalid health check: HealthCheck must specify 'type'
                    health_check {type: COMMAND} | Task uses invalid health check: Expecting 'command' to be set for COMMAND health check
                    health_check {type: HTTP http {port: 80 scheme: 'ftp'}} | Task uses invalid health check: Unsupported HTTP health check scheme: 'ftp'
                    health_check {type: COMMAND command {shell: false}} | Task uses invalid health check: Command health check must contain 'executable path'
                    health_check {type: COMMAND command {value: 'x'} grace_period_seconds: -1} | Task uses invalid health check: Expecting 'grace_period_seconds' to be non-negative
                    resources {name: 'gpus' type: SCALAR scalar {value: 0.5}} | Task uses invalid resources: Invalid 'gpus' resource: The 'gpus' resource must be an unsigned integer
                    command {environment {variables {name: 'A'}}} | Task's `CommandInfo` is invalid: Environment variable 'A' of type 'VALUE' must have a value set
                    command {environment {variables {name: 'A' type: SECRET}}} | Task's `CommandInfo` is invalid: Environment variable 'A' of type 'SECRET' must have a secret set
                    container {type: DOCKER} | Task's `ContainerInfo` is invalid: DockerInfo 'docker' is not set for DOCKER typed ContainerInfo
                    limits {key: 'disk' value {value: 1}} | Only cpus and mem may be included in a task's resource limits
                    limits {key: 'cpus' value {value: 0.01}} | The cpu limit must be greater than or equal to the cpu request
                    limits {key: 'mem' value {value: 1}} | The memory limit must be greater than or equal to the memory request
                    executor {executor_id {value: 'e'} command {value: 'x'}} | Task should have at least one (but not both) of CommandInfo or ExecutorInfo present
                    """)
    void saysInMesosWordsWhatIsWrong(String part, String fault) throws TextFormat.ParseException {
        assertThat(task(RESOURCES + COMMAND + part).fault()).contains(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    ~ ~ | Task should have at least one (but not both) of CommandInfo or ExecutorInfo present
                    executor {executor_id {value: 'e'} type: DEFAULT} | 'ExecutorInfo.type' must be 'CUSTOM'
                    executor {executor_id {value: 'e'}} | 'ExecutorInfo.command' must be set
                    executor {executor_id {value: 'e/'} command {value: 'x'}} | 'e/' contains invalid characters
                    executor {executor_id {value: 'e'} framework_id {value: 'zz'} command {value: 'x'}} | ExecutorInfo has an invalid FrameworkID (Actual: zz vs Expected: f)
                    """)
    void judgesExecutorsAsMesosDoes(String part, String fault) throws TextFormat.ParseException {
        assertThat(task(RESOURCES + part).fault()).contains(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    name: 'cpus' type: SCALAR scalar {value: -1} | Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0
                    name: 'cpus' type: SCALAR scalar {value: 0.0001} | Resource 'cpus:0' is invalid: Invalid scalar resource: value <= 0
                    name: 'cpus' type: SCALAR scalar {value: 1e300} | Resource 'cpus:-9.22337203685478e+15' is invalid: Invalid scalar resource: value <= 0
                    name: 'cpus' type: SCALAR | Resource 'cpus:0' is invalid: Invalid scalar resource
                    name: '' type: SCALAR scalar {value: 1} | Resource ':1' is invalid: Empty resource name
                    name: 'ports' type: RANGES ranges {range {begin: 31010 end: 31001}} | Resource 'ports:[31010-31001]' is invalid: Invalid ranges resource: begin > end
                    name: 'ports' type: RANGES ranges {range {begin: 31001 end: 31003} range {begin: 31002 end: 31005}} | Resource 'ports:[31001-31003, 31002-31005]' is invalid: Invalid ranges resource: overlapping ranges
                    name: 'ports' type: RANGES ranges {range {begin: 0 end: 18446744073709551615}} | Resource 'ports:[0-18446744073709551615]' is invalid: Invalid ranges resource: end is out of range
                    name: 'x' type: SET set {item: 'a' item: 'a'} | Resource 'x:{a, a}' is invalid: Invalid set resource: duplicated elements
                    """)
    void saysInMesosWordsWhichAmountCannotBe(String resource, String fault) throws TextFormat.ParseException {
        assertThat(task("resources {" + resource + "}" + COMMAND).resourceFault())
                .contains(fault);
    }

    @Test
    void takesATaskWithAnExecutorOfItsOwn() throws TextFormat.ParseException {
        TaskSpec task = task(RESOURCES + "executor {executor_id {value: 'e'} command {value: 'x'} " + RESOURCES + "}");
        assertThat(task.fault()).isEmpty();
        assertThat(task.executor().orElseThrow().executorId().value()).isEqualTo("e");
        assertThat(task.executor().orElseThrow().resources()).isEqualTo(task.resources());
    }

    @Test
    void aTaskMayUseAVolumeAndItsExecutorAnother() throws TextFormat.ParseException {
        TaskSpec task = task(RESOURCES + volume("a") + "executor {executor_id {value: 'e'} command {value: 'x'} "
                + volume("b") + "}");
        assertThat(task.fault()).isEmpty();
        assertThat(task.resources().bound().firstKey().volume().orElseThrow().id())
                .isEqualTo("a");
    }

    @Test
    void aVolumeIsUsedOnce() throws TextFormat.ParseException {
        String executor = "executor {executor_id {value: 'e'} command {value: 'x'} ";
        assertThat(task(RESOURCES + volume("a") + volume("a") + COMMAND).fault())
                .contains("Task uses duplicate persistence ID: Persistence ID 'a' is not unique");
        assertThat(task(RESOURCES + executor + volume("a") + volume("a") + "}").fault())
                .contains("Executor uses duplicate persistence ID: Persistence ID 'a' is not unique");
        assertThat(task(RESOURCES + volume("a") + executor + volume("a") + "}").fault())
                .contains("Task and its executor use duplicate persistence ID: Persistence ID 'a' is not unique");
    }

    private static String volume(String id) {
        return "resources {name: 'disk' type: SCALAR scalar {value: 1} reservations {type: DYNAMIC role: 'eng'} disk {persistence {id: '"
                + id + "'} volume {container_path: '" + id + "' mode: RW}}} ";
    }

    @Test
    void absurdAmountsBecomeTheLargestThereIsAndNeverOverflow() throws TextFormat.ParseException {
        String absurd = "resources {name: 'mem' type: SCALAR scalar {value: 5e15}} ";
        TaskSpec task = task(absurd + absurd + absurd + COMMAND);
        assertThat(task.resourceFault()).isEmpty();
        assertThat(task.resources().scalars().get("mem").milli()).isEqualTo(Quantity.MAX_MILLI);
    }

    @Test
    void readsReservationsInBothFormats() throws TextFormat.ParseException {
        String amount = "name: 'cpus' type: SCALAR scalar {value: 1} ";
        TaskSpec old = task("resources {" + amount + "role: 'eng' reservation {principal: 'p'}}" + COMMAND);
        TaskSpec refined =
                task("resources {" + amount + "reservations {type: DYNAMIC role: 'eng' principal: 'p'}}" + COMMAND);
        assertThat(old.resources()).isEqualTo(refined.resources());
        assertThat(old.resources()).hasToString("cpus(reservations: [(DYNAMIC,eng,p)]):1");
        assertThat(old.fault()).isEmpty();
        assertThat(task("resources {" + amount + "role: 'eng'}" + COMMAND).resources())
                .hasToString("cpus(reservations: [(STATIC,eng)]):1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            persistence {id: 'v'} | Task uses invalid resources: Invalid DiskInfo: Expecting 'volume' to be set for persistent volume
            volume {container_path: 'data' mode: RW} | Task uses invalid resources: Invalid DiskInfo: Non-persistent volume not supported
            source {type: MOUNT mount {root: '/mnt'}} | Task uses a disk with a source, which no agent of this master has
            "" | Task uses invalid resources: Invalid DiskInfo: DiskInfo is set but empty
            """)
    void refusesTasksOnVolumesThatNobodyWouldMount(String disk, String fault) throws TextFormat.ParseException {
        assertThat(task("resources {name: 'disk' type: SCALAR scalar {value: 1} role: 'eng' disk {" + disk + "}}"
                                + COMMAND)
                        .fault())
                .contains(fault);
    }
}
