package io.offerplane.shim;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.fetch.UriFetcher;
import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;

/**
 * This machine as a node: a claim pod's control group made by hand, a root filesystem of busybox, a leader, and a shim, in this
 * process or in one that can be killed. Everything is removed at the end.
 */
final class TestNode implements AutoCloseable {

    private final Path folder;
    private final String cgroupParent = "/offerplane-shimtest-" + UUID.randomUUID();
    private final String podUid = UUID.randomUUID().toString();
    private final CgroupHierarchy cgroups;
    private final LinkCertificates certificates;
    private FakeLeader leader;
    private Agent agent;
    private Process process;
    private int httpPort;
    private final Map<String, String> settings = new HashMap<>();

    /** Makes the node, or skips the test where containers can't run. */
    static TestNode create() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "containers need root");
        for (String program : List.of("/usr/bin/crun", "/usr/bin/conmon", "/usr/bin/unshare")) {
            assumeTrue(Files.isExecutable(Path.of(program)), program + " is not installed");
        }
        assumeTrue(busybox().isPresent(), "no static busybox is installed");
        assumeTrue(Files.isWritable(Path.of("/sys/fs/cgroup/memory")), "control groups are not writable");
        return new TestNode();
    }

    /** A program that needs no libraries and is many. */
    static Optional<Path> busybox() {
        return Stream.of("/usr/bin/busybox", "/bin/busybox")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    private TestNode() throws Exception {
        folder = Files.createTempDirectory("offerplane-shimtest");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        cgroups = CgroupHierarchy.detect(Path.of("/sys/fs/cgroup"));
        cgroups.create(podGroup());
        certificates = LinkCertificates.create(folder.resolve("tls"));
        Files.writeString(folder.resolve("token"), "token-1\n");
        makeRootfs(folder.resolve("rootfs"));
        leader = new FakeLeader(certificates, claim());
    }

    private static void makeRootfs(Path root) throws IOException {
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve("etc"));
        Files.copy(busybox().orElseThrow(), root.resolve("bin/busybox"));
        for (String name : List.of(
                "sh",
                "sleep",
                "echo",
                "cat",
                "ls",
                "id",
                "dd",
                "head",
                "yes",
                "kill",
                "mount",
                "ps",
                "env",
                "touch",
                "seq",
                "tail",
                "umount",
                "mkdir",
                "stat",
                "chmod",
                "true",
                "setsid",
                "nohup",
                "pwd",
                "hostname",
                "wc",
                "tr")) {
            Files.createSymbolicLink(root.resolve("bin").resolve(name), Path.of("busybox"));
        }
        Files.writeString(
                root.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\nmesos:x:1234:1235:Mesos:/home/mesos:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\nmesos:x:1235:\nvideo:x:44:mesos\n");
    }

    Claim claim() {
        return Claim.newBuilder()
                .setNamespace("offerplane-system")
                .setPodName("offerplane-claim-node-1")
                .setPodUid(podUid)
                .setCpuMilli(4000)
                .setMemoryBytes(1L << 32)
                .addResources(scalar("cpus", 4).toByteString())
                .addResources(scalar("mem", 4096).toByteString())
                .addResources(scalar("disk", 20000).toByteString())
                .addResources(ports(31000, 32000).toByteString())
                .addAttributes(Attribute.newBuilder()
                        .setName("rack")
                        .setType(Value.Type.TEXT)
                        .setText(Value.Text.newBuilder().setValue("a"))
                        .build()
                        .toByteString())
                .build();
    }

    String podGroup() {
        return cgroupParent + "/kubepods/pod" + podUid;
    }

    CgroupHierarchy cgroups() {
        return cgroups;
    }

    FakeLeader leader() {
        return leader;
    }

    Path work() {
        return folder.resolve("work");
    }

    Path folder() {
        return folder;
    }

    Agent agent() {
        return agent;
    }

    Process process() {
        return process;
    }

    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("OFFERPLANE_LINK_ADDRESS", "127.0.0.1:" + leader.port());
        environment.put("OFFERPLANE_LINK_CA", certificates.authority().toString());
        environment.put("OFFERPLANE_LINK_CERT", certificates.shim().toString());
        environment.put("OFFERPLANE_LINK_KEY", certificates.shimKey().toString());
        environment.put("OFFERPLANE_TOKEN_FILE", folder.resolve("token").toString());
        environment.put("OFFERPLANE_NODE_NAME", "node-1");
        environment.put("OFFERPLANE_NODE_IP", "127.0.0.1");
        environment.put("OFFERPLANE_WORK_DIR", work().toString());
        environment.put("OFFERPLANE_HTTP_PORT", Integer.toString(httpPort));
        environment.put("OFFERPLANE_DEFAULT_ROOTFS", folder.resolve("rootfs").toString());
        environment.put("OFFERPLANE_LOG_LEVEL", "info");
        environment.put("OFFERPLANE_FETCH_FOLDERS", folder.resolve("files").toString());
        environment.put("OFFERPLANE_LOG_ROTATE_BYTES", "1000000");
        environment.put("OFFERPLANE_LOG_KEPT_FILES", "3");
        // Most tests count containers; those that want some ready ahead say so. The others may be tried with some, too.
        environment.put("OFFERPLANE_WARM_SLOTS", System.getProperty("shim.warmSlots", "0"));
        environment.putAll(settings);
        return environment;
    }

    /** Gives the next shims a setting. */
    TestNode set(String name, String value) {
        settings.put("OFFERPLANE_" + name, value);
        return this;
    }

    /** Has the next shims tell their executors of this port; 0, as long as nothing is said, lets the kernel choose. */
    void httpPort(int port) {
        httpPort = port;
    }

    /** Starts a shim in this process and waits until it is registered. */
    TestNode startShim() throws Exception {
        int before = leader.registrations().size();
        ShimConfig config = ShimConfig.of(environment());
        Path rootfs =
                DefaultRootfs.prepare(config.defaultRootfs(), config.workDir().resolve("rootfs"));
        agent = new Agent(config, rootfs, UriFetcher.open(config.fetch()));
        agent.start();
        FakeLeader.await("a registration", () -> leader.registrations().size() > before);
        return this;
    }

    /** Starts a shim in a process of its own, to be killed. */
    TestNode startShimProcess() throws Exception {
        int before = leader.registrations().size();
        ProcessBuilder builder = new ProcessBuilder(shimCommand());
        builder.environment().putAll(environment());
        // As in the image.
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        builder.redirectErrorStream(true);
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("shim.log").toFile()));
        process = builder.start();
        FakeLeader.await("a registration", () -> leader.registrations().size() > before, () -> {
            try {
                return Files.readString(folder.resolve("shim.log"));
            } catch (IOException e) {
                return e.toString();
            }
        });
        return this;
    }

    /** With the virtual machine's options of the image, unless the properties name other ones, or another Java and class path. */
    private static List<String> shimCommand() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty(
                "shim.java",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Files.readAllLines(Path.of("src/main/dist/jvm.options")));
        String more = System.getProperty("shim.options", "");
        if (!more.isEmpty()) {
            command.addAll(List.of(more.split(" ")));
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("shim.classpath", System.getProperty("java.class.path")),
                "io.offerplane.shim.Main"));
        return command;
    }

    /** SIGKILL. */
    void killShimProcess() {
        process.destroyForcibly().onExit().join();
    }

    /** Ends the shim of this process; its tasks stay. */
    void stopShim() throws IOException {
        agent.close();
    }

    /** A new leader at the same address; the old one is gone with its memory. */
    void replaceLeader(long term) throws IOException {
        int port = leader.port();
        leader.close();
        leader = new FakeLeader(certificates, claim(), port);
        leader.term(term);
    }

    static FrameworkInfo framework(FrameworkInfo.Capability.Type... capabilities) {
        FrameworkInfo.Builder framework = FrameworkInfo.newBuilder()
                .setId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                .setName("test")
                .setUser("root");
        for (FrameworkInfo.Capability.Type type : capabilities) {
            framework.addCapabilities(FrameworkInfo.Capability.newBuilder().setType(type));
        }
        return framework.build();
    }

    static TaskInfo.Builder shell(String id, String command) {
        return task(id, CommandInfo.newBuilder().setShell(true).setValue(command));
    }

    static TaskInfo.Builder task(String id, CommandInfo.Builder command) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(org.apache.mesos.v1.Protos.AgentID.newBuilder().setValue(FakeLeader.AGENT))
                .setCommand(command)
                .addResources(scalar("cpus", 0.25))
                .addResources(scalar("mem", 64));
    }

    static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    static Resource ports(long begin, long end) {
        return Resource.newBuilder()
                .setName("ports")
                .setType(Value.Type.RANGES)
                .setRanges(Value.Ranges.newBuilder()
                        .addRange(Value.Range.newBuilder().setBegin(begin).setEnd(end)))
                .build();
    }

    /** The sandbox of a task's last run. */
    Path sandbox(String task) {
        return work().resolve("slaves/" + FakeLeader.AGENT + "/frameworks/" + FakeLeader.FRAMEWORK + "/executors/"
                + task + "/runs/latest");
    }

    /** What a task wrote to its standard output. */
    String stdout(String task) {
        try {
            return Files.readString(sandbox(task).resolve("stdout"));
        } catch (IOException notYet) {
            return "";
        }
    }

    /** Launches a task and waits for its end; says how it ended, with what it wrote. */
    TaskStatus finish(TaskInfo.Builder task, TaskState state) {
        String id = task.getTaskId().getValue();
        leader.launch(task.build(), framework());
        FakeLeader.await(
                "the end of " + id,
                () -> leader.states(id).stream().anyMatch(TaskStatuses::isTerminal),
                () -> leader.updates(id).toString());
        TaskStatus last = leader.updates(id).getLast();
        if (last.getState() != state) {
            throw new AssertionError(last + stdout(id) + stderr(id));
        }
        return last;
    }

    private String stderr(String task) {
        try {
            return Files.readString(sandbox(task).resolve("stderr"));
        } catch (IOException none) {
            return "";
        }
    }

    /** Containers whose control groups exist. */
    List<String> containerGroups() throws IOException {
        return cgroups.children(podGroup() + "/offerplane");
    }

    /** Folders of this node in the file system that version 2's mount beside version 1 hides, where it is mounted. */
    List<String> besideControlGroups() throws IOException, InterruptedException {
        Process find = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        "umount /sys/fs/cgroup/unified 2>/dev/null; find \"/sys/fs/cgroup/unified$1\" 2>/dev/null",
                        "find",
                        cgroupParent)
                .start();
        String found = new String(find.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        find.waitFor();
        List<String> all = new java.util.ArrayList<>(found.lines().toList());
        for (long pid : cgroups.processes(podGroup() + "/offerplane-supervisors")) {
            Path inside = Path.of("/proc/" + pid + "/root/sys/fs/cgroup/unified" + podGroup() + "/offerplane");
            if (Files.isDirectory(inside)) {
                try (Stream<Path> groups = Files.list(inside)) {
                    groups.map(Path::toString).forEach(all::add);
                }
            }
        }
        return all;
    }

    /** The process that starts conmon and crun. */
    long spawner() throws IOException {
        for (long pid : cgroups.processes(podGroup() + "/offerplane-supervisors")) {
            if (Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains("spawner.sh")) {
                return pid;
            }
        }
        throw new IllegalStateException("no spawner runs");
    }

    /** Everything that a run may leave, besides sandboxes. */
    List<String> leftovers() throws IOException {
        Path runtime = work().resolve("runtime");
        java.util.ArrayList<String> left = new java.util.ArrayList<>(containerGroups());
        for (String name : List.of("bundles", "exits", "crun")) {
            try (Stream<Path> entries = Files.list(runtime.resolve(name))) {
                entries.map(Path::toString).forEach(left::add);
            }
        }
        for (long pid : cgroups.processes(podGroup())) {
            Path comm = Path.of("/proc/" + pid + "/comm");
            if (Files.exists(comm, LinkOption.NOFOLLOW_LINKS)) {
                String name = Files.readString(comm).strip();
                // The spawner stays as long as its shim.
                if (!name.equals("sh")) {
                    left.add(name + " " + pid);
                }
            }
        }
        return left;
    }

    @Override
    public void close() throws IOException {
        if (agent != null) {
            agent.close();
        }
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
        leader.close();
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (true) {
            for (long pid : cgroups.processes(cgroupParent)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            try {
                cgroups.remove(cgroupParent);
                break;
            } catch (IOException busy) {
                if (System.nanoTime() > deadline) {
                    throw busy;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        }
        DefaultRootfs.removeTree(folder);
    }
}
