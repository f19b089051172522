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
            container {type: DOCKER docker {image: 'busybox'}} | TaskInfo.container.docker
            container {type: MESOS mesos {image {type: DOCKER docker {name: 'busybox'}}}} | TaskInfo.container.mesos.image
            container {type: MESOS volumes {mode: RW container_path: '/data' host_path: '/srv'}} | TaskInfo.container.volumes
            container {type: MESOS hostname: 'h'} | TaskInfo.container.hostname
            container {type: MESOS network_infos {name: 'net'}} | TaskInfo.container.network_infos.name
            container {type: MESOS network_infos {port_mappings {host_port: 1 container_port: 2}}} | TaskInfo.container.network_infos.port_mappings
            container {type: MESOS network_infos {ip_addresses {ip_address: '10.0.0.9'}}} | TaskInfo.container.network_infos.ip_addresses
            container {type: MESOS rlimit_info {rlimits {type: RLMT_NOFILE soft: 1 hard: 2}}} | TaskInfo.container.rlimit_info
            container {type: MESOS tty_info {}} | TaskInfo.container.tty_info
            container {type: MESOS linux_info {capability_info {}}} | TaskInfo.container.linux_info.capability_info
            container {type: MESOS linux_info {bounding_capabilities {}}} | TaskInfo.container.linux_info.bounding_capabilities
            container {type: MESOS linux_info {effective_capabilities {}}} | TaskInfo.container.linux_info.effective_capabilities
            container {type: MESOS linux_info {share_pid_namespace: true}} | TaskInfo.container.linux_info.share_pid_namespace
            container {type: MESOS linux_info {seccomp {unconfined: true}}} | TaskInfo.container.linux_info.seccomp
            container {type: MESOS linux_info {seccomp {profile_name: 'p'}}} | TaskInfo.container.linux_info.seccomp
            container {type: MESOS linux_info {ipc_mode: SHARE_PARENT}} | TaskInfo.container.linux_info.ipc_mode
            container {type: MESOS linux_info {shm_size: 128}} | TaskInfo.container.linux_info.shm_size
            container {type: MESOS linux_info {share_cgroups: false}} | TaskInfo.container.linux_info.share_cgroups
            resources {name: 'gpus' type: SCALAR scalar {value: 1}} | TaskInfo.resources of 'gpus'
            resources {name: 'disk' type: SCALAR scalar {value: 1} disk {persistence {id: 'p'}}} | TaskInfo.resources.disk
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
        assertThat(of("container {type: DOCKER docker {image: 'b'}"
                        + " volumes {mode: RO container_path: '/a'} volumes {mode: RO container_path: '/b'}}"))
                .containsExactly("TaskInfo.container.docker", "TaskInfo.container.volumes");
    }
}
