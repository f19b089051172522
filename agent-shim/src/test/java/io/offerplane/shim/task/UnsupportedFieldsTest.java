package io.offerplane.shim.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which parts of a task are refused because nothing here would act on them, and which pass. */
class UnsupportedFieldsTest {

    private static List<String> of(String fields) throws Exception {
        return UnsupportedFields.of(TextFormat.parse(
                "name: 't' task_id {value: 't'} agent_id {value: 'a'} command {value: 'true'} " + fields,
                TaskInfo.class));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            executor {executor_id {value: 'e'}} | TaskInfo.executor
            container {type: DOCKER docker {image: 'busybox' network: BRIDGE}} | TaskInfo.container.docker.network of BRIDGE
            container {type: MESOS mesos {image {type: APPC appc {name: 'busybox'}}}} | TaskInfo.container.mesos.image of type APPC
            container {type: MESOS volumes {mode: RW container_path: '/d' image {type: DOCKER docker {name: 'b'}}}} | TaskInfo.container.volumes.image
            container {type: MESOS volumes {mode: RW container_path: '/d' source {type: DOCKER_VOLUME docker_volume {name: 'v'}}}} | TaskInfo.container.volumes.source of type DOCKER_VOLUME
            container {type: MESOS volumes {mode: RW container_path: '/d' source {type: CSI_VOLUME}}} | TaskInfo.container.volumes.source of type CSI_VOLUME
            container {type: MESOS volumes {mode: RW container_path: '/d' source {}}} | TaskInfo.container.volumes.source of type UNKNOWN
            container {type: MESOS volumes {mode: RW container_path: '/d' source {type: SANDBOX_PATH sandbox_path {type: PARENT path: 'p'}}}} | TaskInfo.container.volumes.source.sandbox_path of type PARENT
            container {type: MESOS volumes {mode: RW container_path: '/d' source {type: HOST_PATH host_path {path: '/p' mount_propagation {mode: BIDIRECTIONAL}}}}} | TaskInfo.container.volumes.source.host_path.mount_propagation of mode BIDIRECTIONAL
            container {type: MESOS network_infos {name: 'net'}} | TaskInfo.container.network_infos.name
            container {type: MESOS network_infos {port_mappings {host_port: 1 container_port: 2}}} | TaskInfo.container.network_infos.port_mappings
            container {type: MESOS network_infos {ip_addresses {ip_address: '10.0.0.9'}}} | TaskInfo.container.network_infos.ip_addresses
            container {type: MESOS tty_info {}} | TaskInfo.container.tty_info
            container {type: MESOS linux_info {share_pid_namespace: true}} | TaskInfo.container.linux_info.share_pid_namespace
            container {type: MESOS linux_info {share_cgroups: false}} | TaskInfo.container.linux_info.share_cgroups
            resources {name: 'gpus' type: SCALAR scalar {value: 1}} | TaskInfo.resources of 'gpus'
            resources {name: 'disk' type: SCALAR scalar {value: 1} disk {volume {mode: RW container_path: 'p'}}} | TaskInfo.resources.disk
            resources {name: 'disk' type: SCALAR scalar {value: 1} disk {persistence {id: 'p'} source {type: MOUNT}}} | TaskInfo.resources.disk.source
            resources {name: 'disk' type: SCALAR scalar {value: 1} disk {persistence {id: 'p'} volume {mode: RW container_path: 'p' host_path: '/h'}}} | TaskInfo.resources.disk.volume.host_path
            """)
    void whatNothingHereActsOnIsNamed(String fields, String name) throws Exception {
        assertThat(of(fields)).containsExactly(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                // What clients of Mesos always send along.
                "container {type: MESOS}",
                "container {type: MESOS mesos {}}",
                "container {type: MESOS network_infos {}}",
                "container {type: MESOS network_infos {ip_addresses {protocol: IPv4} groups: 'g' labels {}}}",
                "container {type: MESOS rlimit_info {} linux_info {}}",
                "container {type: MESOS linux_info {share_pid_namespace: false share_cgroups: true ipc_mode: PRIVATE}}",
                "container {type: MESOS linux_info {seccomp {unconfined: false}}}",
                // Images.
                "container {type: DOCKER docker {image: 'busybox'}}",
                "container {type: DOCKER docker {image: 'busybox' network: HOST privileged: false force_pull_image: true}}",
                "container {type: MESOS mesos {image {type: DOCKER cached: false docker {name: 'busybox'}}}}",
                "container {type: MESOS mesos {image {type: DOCKER docker {name: 'b' config {type: VALUE value {data: '{}'}}}}}}",
                // What the isolators act on.
                "container {type: MESOS hostname: 'h' rlimit_info {rlimits {type: RLMT_NOFILE soft: 1 hard: 2}}}",
                "container {type: MESOS linux_info {capability_info {} ipc_mode: SHARE_PARENT shm_size: 128}}",
                "container {type: MESOS linux_info {bounding_capabilities {} effective_capabilities {}}}",
                "container {type: MESOS linux_info {seccomp {profile_name: 'p' unconfined: true}}}",
                "container {type: MESOS volumes {mode: RW container_path: '/data' host_path: '/srv'}}",
                "container {type: MESOS volumes {mode: RO container_path: 'd' source {type: SECRET}}}",
                "resources {name: 'disk' type: SCALAR scalar {value: 1} disk {persistence {id: 'p'} volume {mode: RW container_path: 'p'}}}",
                "labels {labels {key: 'k'}} discovery {visibility: CLUSTER name: 'n'} data: 'd'",
                "kill_policy {grace_period {nanoseconds: 1}} max_completion_time {nanoseconds: 1}",
                "limits {key: 'mem' value {value: 64}}",
                "resources {name: 'gpus' type: SCALAR scalar {value: 0}}",
                "resources {name: 'disk' type: SCALAR scalar {value: 10}}",
                "resources {name: 'ports' type: RANGES ranges {range {begin: 1 end: 2}}}"
            })
    void whatIsHonouredOrOnlyTellsPasses(String fields) throws Exception {
        assertThat(of(fields)).isEmpty();
    }

    @Test
    void allAreNamedAtOnce() throws Exception {
        assertThat(
                        of(
                                "container {type: DOCKER docker {image: 'b' privileged: true}"
                                        + " volumes {mode: RO container_path: '/a' image {type: APPC}} volumes {mode: RO container_path: '/b' image {type: APPC}}}"))
                .containsExactly("TaskInfo.container.docker.privileged", "TaskInfo.container.volumes.image");
    }

    private static List<String> inGroup(String task, String executor) throws Exception {
        return UnsupportedFields.inGroup(TextFormat.parse(
                "name: 't' task_id {value: 't'} agent_id {value: 'a'} command {value: 'true'} " + task
                        + " executor {executor_id {value: 'e'} type: DEFAULT " + executor + "}",
                TaskInfo.class));
    }

    @Test
    void aTaskOfAGroupMayShareFoldersAndHaveLimitsOfItsOwn() throws Exception {
        assertThat(inGroup(
                        "container {type: MESOS linux_info {share_cgroups: false} volumes {mode: RW container_path: 'd'"
                                + " source {type: SANDBOX_PATH sandbox_path {type: PARENT path: 'p'}}}}",
                        ""))
                .isEmpty();
        assertThat(inGroup("", "container {type: MESOS}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            container {type: MESOS linux_info {ipc_mode: SHARE_PARENT}} | "" | TaskInfo.container.linux_info.ipc_mode of SHARE_PARENT
            container {type: MESOS tty_info {}} | "" | TaskInfo.container.tty_info
            "" | container {type: MESOS volumes {mode: RW container_path: 'd' host_path: '/d'}} | ExecutorInfo.container.volumes
            "" | resources {name: 'disk' type: SCALAR scalar {value: 1} disk {persistence {id: 'p'} volume {mode: RW container_path: 'p'}}} | ExecutorInfo.resources.disk.persistence
            """)
    void whatAGroupsExecutorWouldHaveToDoIsRefused(String task, String executor, String field) throws Exception {
        assertThat(inGroup(task, executor)).containsExactly(field);
    }

    @Test
    void aVolumeOfATaskInAnExecutorThatRunsAlreadyIsRefused() throws Exception {
        TaskInfo task = TextFormat.parse(
                "name: 't' task_id {value: 't'} agent_id {value: 'a'} resources {name: 'disk' type: SCALAR"
                        + " scalar {value: 1} disk {persistence {id: 'p'} volume {mode: RW container_path: 'p'}}}",
                TaskInfo.class);
        assertThat(UnsupportedFields.ofTaskInExecutor(task)).containsExactly("TaskInfo.resources.disk.persistence");
    }
}
