package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.offerplane.shim.isolator.DiskQuota;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a container is asked to be beside its volumes, on a node that allows it, in real containers. */
class ContainerWishesTest {

    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create();
        Path profiles = Files.createDirectories(node.folder().resolve("profiles"));
        // Laid out as a mounted ConfigMap is. As Docker's: by capability, architecture and argument.
        Path version = Files.createDirectories(profiles.resolve("..2026_01_01"));
        Files.createSymbolicLink(profiles.resolve("..data"), version.getFileName());
        Files.createSymbolicLink(profiles.resolve("no-folders.json"), Path.of("..data", "no-folders.json"));
        Files.writeString(version.resolve("no-folders.json"), """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
                             {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
                 "syscalls": [
                   {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "args": [], "comment": "", "includes": {}, "excludes": {}},
                   {"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
                   {"names": ["unlink", "unlinkat"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_SYS_ADMIN"]}}]}
                """);
        Files.writeString(profiles.resolve("torn.json"), "{\"defaultAction\": ");
        node.set("CAPABILITIES", "NET_ADMIN, CAP_SYS_NICE")
                .set("SECCOMP_PROFILES", profiles.toString())
                .set("SECCOMP_UNCONFINED", "true")
                .set("SHARE_IPC", "true")
                .set("ENFORCE_CONTAINER_DISK_QUOTA", "true")
                .set("CONTAINER_DISK_WATCH_INTERVAL_SECONDS", "1");
        node.startShim();
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    private static TaskInfo.Builder task(String id, String command, String container) throws Exception {
        return TestNode.shell(id, command)
                .setContainer(TextFormat.parse("type: MESOS " + container, ContainerInfo.class));
    }

    private static String output(String id, String command, String container) throws Exception {
        node.finish(task(id, command, container), TaskState.TASK_FINISHED);
        return node.stdout(id);
    }

    private static String refusal(String id, String container) throws Exception {
        TaskStatus last = node.finish(task(id, "true", container), TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(node.leader().states(id)).doesNotContain(TaskState.TASK_RUNNING);
        return last.getMessage();
    }

    @Test
    void limitsOfProcessesAreSet() throws Exception {
        assertThat(output(
                        "rlimit-1",
                        "ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hs",
                        "rlimit_info {rlimits {type: RLMT_NOFILE soft: 100 hard: 200}"
                                + " rlimits {type: RLMT_CORE soft: 0 hard: 0} rlimits {type: RLMT_STACK}}"))
                .isEqualTo("100\n200\n0\nunlimited\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rlimit-2 | rlimits {type: RLMT_NOFILE soft: 100} | Failed to set RLMT_NOFILE limit: expected both
            rlimit-3 | rlimits {type: RLMT_CPU soft: 3 hard: 2} | Failed to set RLMT_CPU limit: soft limit 3 is above hard limit 2
            rlimit-4 | rlimits {type: RLMT_NOFILE soft: 1 hard: 1099511627776} | Failed to set RLMT_NOFILE limit: Operation not permitted
            rlimit-5 | rlimits {type: RLMT_AS} rlimits {type: RLMT_AS} | Failed to set RLMT_AS limit: it is given more than once
            """)
    void aLimitThatCannotBeSetIsNamed(String id, String limits, String words) throws Exception {
        assertThat(refusal(id, "rlimit_info {" + limits + "}"))
                .isEqualTo("Failed to launch container: " + words(words, id));
    }

    private static String words(String words, String id) {
        return id.equals("rlimit-2") ? words + " soft and hard limit, or neither for none" : words;
    }

    @Test
    void sharedMemoryHasTheSizeThatIsAskedFor() throws Exception {
        assertThat(output("shm-1", "cat /proc/mounts", "linux_info {shm_size: 7 ipc_mode: PRIVATE}"))
                .containsPattern("(?m)^shm /dev/shm tmpfs \\S*size=7168k");
        assertThat(output("shm-2", "cat /proc/mounts", "linux_info {}"))
                .containsPattern("(?m)^shm /dev/shm tmpfs \\S*size=65536k");
    }

    @Test
    void theAgentsIpcNamespaceIsSharedWhereThatIsAllowed() throws Exception {
        String agents = Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString();
        String command = "busybox readlink /proc/self/ns/ipc";
        assertThat(output("ipc-1", command, "linux_info {ipc_mode: SHARE_PARENT}"))
                .isEqualTo(agents + "\n");
        assertThat(output("ipc-2", command, "linux_info {ipc_mode: PRIVATE}")).isNotEqualTo(agents + "\n");
        assertThat(refusal("ipc-3", "linux_info {ipc_mode: SHARE_PARENT shm_size: 1}"))
                .contains("Shared memory size can't be set");
    }

    /** The kernel's bits of the effective and the bounding set. */
    private static String capabilities(String id, String user, String linux) throws Exception {
        TaskInfo.Builder task =
                task(id, "busybox grep -E '^Cap(Eff|Bnd)' /proc/self/status", "linux_info {" + linux + "}");
        task.getCommandBuilder().setUser(user);
        node.finish(task, TaskState.TASK_FINISHED);
        return node.stdout(id).replaceAll("Cap(Eff|Bnd):\\s*0*", "").strip().replace('\n', ' ');
    }

    @Test
    void capabilitiesAreThoseThatAreAskedFor() throws Exception {
        // CHOWN is bit 0, NET_BIND_SERVICE 10, NET_ADMIN 12.
        assertThat(capabilities("cap-1", "root", "effective_capabilities {capabilities: [CHOWN]}"))
                .isEqualTo("1 1");
        assertThat(capabilities("cap-2", "root", "effective_capabilities {}")).isEmpty();
        assertThat(capabilities("cap-3", "root", "bounding_capabilities {capabilities: [CHOWN, NET_ADMIN]}"))
                .isEqualTo("1 1001");
        assertThat(capabilities("cap-4", "root", "capability_info {capabilities: [NET_BIND_SERVICE]}"))
                .isEqualTo("400 400");
    }

    @Test
    void aUserOtherThanRootKeepsItsCapabilitiesInTheProgramsThatItRuns() throws Exception {
        assertThat(capabilities(
                        "cap-5",
                        "mesos",
                        "effective_capabilities {capabilities: NET_BIND_SERVICE}"
                                + " bounding_capabilities {capabilities: [NET_BIND_SERVICE, CHOWN]}"))
                .isEqualTo("400 401");
        assertThat(capabilities("cap-6", "mesos", "bounding_capabilities {capabilities: CHOWN}"))
                .isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cap-7 | effective_capabilities {capabilities: [CHOWN, SYS_ADMIN]} | CAP_SYS_ADMIN not allowed on this node
            cap-8 | bounding_capabilities {capabilities: SYS_PTRACE} | CAP_SYS_PTRACE not allowed on this node
            cap-9 | effective_capabilities {capabilities: CHOWN} bounding_capabilities {} | effective CAP_CHOWN not in the bounding set
            cap-10 | effective_capabilities {} capability_info {} | only one of capability_info
            cap-11 | effective_capabilities {capabilities: UNKNOWN} | CAP_UNKNOWN not allowed on this node
            """)
    void aCapabilityBeyondTheAllowedIsNamed(String id, String linux, String words) throws Exception {
        assertThat(refusal(id, "linux_info {" + linux + "}"))
                .startsWith("Failed to launch container: Failed to set capabilities: ")
                .contains(words);
    }

    @Test
    void aProfileOfTheNodeFiltersSystemCalls() throws Exception {
        assertThat(output(
                        "seccomp-1",
                        "mkdir d || echo no folder; touch f; chmod 600 f || echo no mode; busybox rm f && echo gone",
                        "linux_info {seccomp {profile_name: 'no-folders.json'}}"))
                .isEqualTo("no folder\nno mode\ngone\n");
    }

    @Test
    void aTaskWithoutAFilterMayWhatItsCapabilitiesLet() throws Exception {
        String command = "busybox grep ^Seccomp: /proc/self/status";
        assertThat(output("seccomp-2", command, "linux_info {seccomp {unconfined: true}}"))
                .isEqualTo("Seccomp:\t0\n");
        assertThat(output("seccomp-3", command, "")).isEqualTo("Seccomp:\t2\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            seccomp-4 | profile_name: 'absent.json' | profile 'absent.json' is not in the node's folder of profiles
            seccomp-5 | profile_name: '../profiles/no-folders.json' | is not in the node's folder of profiles
            seccomp-6 | profile_name: 'no-folders.json' unconfined: true | contradict each other
            seccomp-7 | profile_name: 'torn.json' | Failed to set the seccomp profile 'torn.json'
            """)
    void aProfileThatIsNotThereIsRefused(String id, String seccomp, String words) throws Exception {
        assertThat(refusal(id, "linux_info {seccomp {" + seccomp + "}}")).contains(words);
    }

    @Test
    void aHostNameOfItsOwnIsTheContainersAndFound() throws Exception {
        assertThat(output("hostname-1", "hostname; busybox grep web-1 /etc/hosts", "hostname: 'web-1.test'"))
                .isEqualTo("web-1.test\n127.0.0.1 web-1.test\n");
        assertThat(output("hostname-2", "hostname", "")).isNotEqualTo("web-1.test\n");
        assertThat(refusal("hostname-3", "hostname: 'no blanks'")).contains("Failed to set hostname 'no blanks'");
    }

    @Test
    void whatNobodyActsOnIsStillNamed() throws Exception {
        assertThat(refusal("named-1", "tty_info {} linux_info {share_pid_namespace: true share_cgroups: false}"))
                .contains("TaskInfo.container.linux_info.share_pid_namespace"
                        + ", TaskInfo.container.linux_info.share_cgroups, TaskInfo.container.tty_info");
    }

    @Test
    void aSandboxThatHoldsMoreThanItsDiskEndsTheTask() throws Exception {
        TaskStatus last = node.finish(
                TestNode.shell("disk-1", "dd if=/dev/zero of=big bs=1M count=12; exec sleep 1000")
                        .addResources(TestNode.scalar("disk", 8)),
                TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_DISK);
        assertThat(last.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
        assertThat(last.getMessage()).matches("Disk usage \\(\\d+[KM]B\\) exceeds quota \\(8MB\\)");
        assertThat(last.getLimitation().getResources(0).getName()).isEqualTo("disk");
        assertThat(last.getLimitation().getResources(0).getScalar().getValue()).isEqualTo(8);
    }

    @Test
    void whatASandboxHoldsIsKnownFromTheChecksOfItsQuota() throws Exception {
        node.leader()
                .launch(
                        TestNode.shell("disk-4", "dd if=/dev/zero of=some bs=1M count=2; exec sleep 1000")
                                .addResources(TestNode.scalar("disk", 8))
                                .build(),
                        TestNode.framework());
        node.leader().awaitState("disk-4", TaskState.TASK_RUNNING);
        Path sandbox = Path.of(node.agent().tasks().views().stream()
                .filter(view -> view.key().taskId().equals("disk-4"))
                .findFirst()
                .orElseThrow()
                .directory());
        DiskQuota quota = node.agent().identity().isolators().diskQuota();
        FakeLeader.await("a look after it was written", () -> quota.lastLook(sandbox)
                .filter(look ->
                        look.quotaBytes() == 8 << 20 && look.usedBytes() >= 2 << 20 && look.usedBytes() < 8 << 20)
                .isPresent());
        node.leader().kill("disk-4");
        node.leader().awaitState("disk-4", TaskState.TASK_KILLED);
        FakeLeader.await("nothing is known of it", () -> quota.lastLook(sandbox).isEmpty());
    }

    @Test
    void aFileWithHolesAndWhatLinksPointToDoNotCount() throws Exception {
        // Three seconds are three looks.
        node.finish(
                TestNode.shell(
                                "disk-2",
                                "dd if=/dev/zero of=sparse bs=1 count=1 seek=100000000; dd if=/dev/zero of=/tmp/big bs=1M count=12;"
                                        + " busybox ln -s /tmp/big link; sleep 3")
                        .addResources(TestNode.scalar("disk", 8)),
                TaskState.TASK_FINISHED);
    }

    @Test
    void anExecutorsSandboxIsHeldToItsDiskAndItsTasks() throws Exception {
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("disk-executor"))
                .setFrameworkId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                .setCommand(org.apache.mesos.v1.Protos.CommandInfo.newBuilder()
                        .setValue("dd if=/dev/zero of=big bs=1M count=12; exec sleep 1000"))
                .addResources(TestNode.scalar("disk", 4))
                .build();
        TaskStatus last = node.finish(
                TestNode.shell("disk-3", "")
                        .clearCommand()
                        .setExecutor(executor)
                        .addResources(TestNode.scalar("disk", 4)),
                TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_DISK);
        assertThat(last.getMessage()).endsWith("exceeds quota (8MB)");
    }
}
