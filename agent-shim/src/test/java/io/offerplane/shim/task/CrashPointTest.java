package io.offerplane.shim.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.link.v1.AcknowledgeUpdate;
import io.offerplane.protocol.link.v1.KillTask;
import io.offerplane.protocol.link.v1.LaunchTask;
import io.offerplane.protocol.link.v1.LaunchTaskGroup;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.protocol.settings.Variables;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.container.ContainerSession;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.WaitStatus;
import io.offerplane.shim.image.ContainerBases;
import io.offerplane.shim.image.ImageSettings;
import io.offerplane.shim.image.Images;
import io.offerplane.shim.isolator.ContainerPolicy;
import io.offerplane.shim.isolator.Isolators;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.journal.JournalState;
import io.offerplane.shim.journal.v1.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A shim dies before and after every disk write and every call of the runtime on a task's way, once and twice in a life; the one
 * after it ends in the same state: each update once and in order, the container started once, nothing left.
 */
class CrashPointTest {

    private static final String FRAMEWORK = "f-0000";

    /** The process is gone in this instant. */
    private static final class SimulatedCrash extends Error {
        private static final long serialVersionUID = 1;
    }

    /** What survives a crash: the disk and the containers. And when the next crash is. */
    private static final class World {
        private final List<Entry> disk = new ArrayList<>();
        private final Map<String, String> containers = new HashMap<>();
        private final Set<String> groups = new HashSet<>();
        private final Deque<Integer> crashes = new ArrayDeque<>();
        private int starts;
        private int steps;
        private boolean dead;

        /** One indivisible effect, with a chance to die on either side. */
        void step(Runnable effect) {
            die();
            effect.run();
            die();
        }

        private void die() {
            if (dead) {
                throw new SimulatedCrash();
            }
            steps++;
            if (!crashes.isEmpty() && crashes.peek() == steps) {
                crashes.remove();
                dead = true;
                throw new SimulatedCrash();
            }
        }
    }

    private static final class FaultyJournal implements Journal {
        private final World world;
        private final JournalState state = new JournalState();

        FaultyJournal(World world) {
            this.world = world;
            world.disk.forEach(state::apply);
        }

        @Override
        public void append(List<Entry> entries) {
            for (Entry entry : entries) {
                world.step(() -> {
                    world.disk.add(entry);
                    state.apply(entry);
                });
            }
        }

        @Override
        public void appendLater(Entry entry) {
            append(List.of(entry));
        }

        @Override
        public JournalState state() {
            return state.copy();
        }
    }

    private final class FaultyRuntime implements ContainerRuntime {
        private final World world;
        private final Set<String> madeAhead = new HashSet<>();

        FaultyRuntime(World world) {
            this.world = world;
        }

        @Override
        public String newId(String cgroup, boolean plain) {
            String id = UUID.randomUUID().toString();
            if (warm && plain) {
                try {
                    Files.createDirectories(prepared(id));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                world.containers.put(id, "parked");
                madeAhead.add(id);
            }
            return id;
        }

        @Override
        public Optional<Path> preparedSandbox(String id) {
            world.die();
            return Optional.of(prepared(id)).filter(Files::isDirectory);
        }

        private Path prepared(String id) {
            return folder.resolve("parked").resolve(id);
        }

        @Override
        public void enclose(String cgroup, ContainerLimits limits) {
            world.step(() -> world.groups.add(cgroup));
        }

        @Override
        public void release(String cgroup) {
            world.step(() -> world.groups.remove(cgroup));
        }

        @Override
        public void start(ContainerSpec spec) {
            if ("parked".equals(world.containers.get(spec.id()))) {
                if (madeAhead.remove(spec.id())) {
                    world.step(() -> {
                        world.starts++;
                        world.containers.put(spec.id(), "running");
                    });
                    return;
                }
                world.step(() -> world.containers.remove(spec.id()));
            }
            if (!world.containers.containsKey(spec.id())) {
                world.step(() -> world.containers.put(spec.id(), "created"));
            }
            if ("created".equals(world.containers.get(spec.id()))) {
                world.step(() -> {
                    world.starts++;
                    world.containers.put(spec.id(), "running");
                });
            }
        }

        @Override
        public void update(ContainerSpec spec) {}

        @Override
        public WaitStatus exec(ContainerSpec spec, String purpose, Program program, Duration timeout) {
            throw new AssertionError("nothing is checked here");
        }

        @Override
        public ContainerSession join(
                ContainerSpec spec, Program program, Optional<ContainerSession.WindowSize> terminal) {
            throw new AssertionError("nobody joins here");
        }

        @Override
        public ContainerExit awaitExit(ContainerSpec spec) {
            if ("running".equals(world.containers.get(spec.id()))) {
                whileRunning.run();
                world.die();
                if (killing && !"signalled".equals(world.containers.get(spec.id()))) {
                    throw new AssertionError("the task was never signalled");
                }
            }
            WaitStatus status =
                    switch (world.containers.getOrDefault(spec.id(), "gone")) {
                        case "running" -> new WaitStatus.Exited(failing ? 3 : 0);
                        case "signalled" -> new WaitStatus.Signaled(15, false);
                        default -> new WaitStatus.Unknown();
                    };
            return new ContainerExit(status, Optional.empty());
        }

        @Override
        public void signal(ContainerSpec spec, Signal signal) {
            world.step(() -> world.containers.computeIfPresent(spec.id(), (id, s) -> "signalled"));
        }

        @Override
        public void remove(ContainerSpec spec) {
            world.step(() -> world.containers.remove(spec.id()));
        }

        @Override
        public Optional<ContainerUsage> usage(ContainerSpec spec) {
            return Optional.empty();
        }
    }

    @TempDir
    private Path folder;

    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
    private NodeIdentity identity;
    private Runnable whileRunning = () -> {};
    private boolean warm;
    private boolean withoutFiles;
    private boolean killing;
    private boolean failing;

    @BeforeEach
    void makeRootfs() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving sandboxes away needs root");
        Files.createDirectories(folder.resolve("rootfs/etc"));
        Files.writeString(folder.resolve("rootfs/etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
        identity = new NodeIdentity(
                "a-S0",
                "10.0.0.1",
                5051,
                new ContainerBases(
                        folder.resolve("rootfs"),
                        Images.open(ImageSettings.of(new Variables(Map.of(), "IMAGES_"), folder)),
                        "docker.io"),
                false,
                OptionalLong.empty(),
                new Isolators(ContainerPolicy.NOTHING, folder, "10.0.0.1"));
    }

    @AfterEach
    void stop() {
        timers.shutdownNow();
    }

    /** The leader's and the framework's side: remembers what came, acknowledges it later. */
    private static final class Outside {
        private final Map<String, TaskState> byUuid = new LinkedHashMap<>();
        private final Map<String, Map<ByteString, TaskState>> byTask = new HashMap<>();
        private final Deque<TaskStatus> toAcknowledge = new ArrayDeque<>();

        List<TaskState> states(String task) {
            return byTask.getOrDefault(task, Map.of()).values().stream().toList();
        }

        void receive(StatusUpdate update) {
            try {
                TaskStatus status = TaskStatus.parseFrom(update.getTaskStatus());
                byTask.computeIfAbsent(status.getTaskId().getValue(), absent -> new LinkedHashMap<>())
                        .put(status.getUuid(), status.getState());
                byUuid.put(status.getUuid().toString(java.nio.charset.StandardCharsets.ISO_8859_1), status.getState());
                toAcknowledge.add(status);
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private HeldTasks shim(World world, FaultyJournal journal, Outside outside) {
        world.dead = false;
        // A thread that runs where it is started: one order of events per crash point.
        return new HeldTasks(
                journal,
                new FaultyRuntime(world),
                (uris, sandbox, user) -> world.step(() -> {}),
                new Sandboxes(folder.resolve("work"), Duration.ofDays(7)),
                timers,
                Clock.systemUTC(),
                way -> new Thread(way) {
                    @Override
                    public synchronized void start() {
                        way.run();
                    }
                },
                update -> {
                    if (!world.dead) {
                        outside.receive(update);
                    }
                });
    }

    private LaunchTask launch() {
        CommandInfo.Builder command = CommandInfo.newBuilder().setValue("true");
        if (!withoutFiles) {
            command.addUris(CommandInfo.URI.newBuilder().setValue("http://h/f"));
        }
        return LaunchTask.newBuilder()
                .setFrameworkId(FRAMEWORK)
                .setFrameworkInfo(FrameworkInfo.newBuilder()
                        .setName("n")
                        .setUser("root")
                        .addCapabilities(FrameworkInfo.Capability.newBuilder()
                                .setType(FrameworkInfo.Capability.Type.TASK_KILLING_STATE))
                        .build()
                        .toByteString())
                .setTaskInfo(TaskInfo.newBuilder()
                        .setName("t")
                        .setTaskId(TaskID.newBuilder().setValue("t"))
                        .setAgentId(AgentID.newBuilder().setValue("a-S0"))
                        .setCommand(command)
                        .build()
                        .toByteString())
                .setRole("*")
                .build();
    }

    private static final KillTask KILL = KillTask.newBuilder()
            .setFrameworkId(FRAMEWORK)
            .setTaskId("t")
            .setGracePeriodNanos(Duration.ofHours(1).toNanos())
            .build();

    /** Runs a task's whole life with crashes at the given steps; returns how many steps there were. */
    private int live(List<TaskState> expected, int... crashes) throws Exception {
        World world = new World();
        for (int crash : crashes) {
            world.crashes.add(crash);
        }
        Outside outside = new Outside();
        for (int life = 0; life <= crashes.length + 1; life++) {
            FaultyJournal journal = new FaultyJournal(world);
            HeldTasks tasks = shim(world, journal, outside);
            whileRunning = killing ? () -> tasks.kill(KILL) : () -> {};
            try {
                outside.toAcknowledge.clear();
                tasks.recover(journal.state(), identity, false);
                // As the agent does with what nobody knows.
                world.containers
                        .entrySet()
                        .removeIf(container -> container.getValue().equals("parked")
                                && !tasks.containers().contains(container.getKey()));
                tasks.resend();
                boolean known =
                        !outside.byUuid.isEmpty() || !journal.state().tasks().isEmpty();
                if (!known) {
                    tasks.launch(launch(), identity, "/pod/offerplane");
                }
                while (!outside.toAcknowledge.isEmpty()) {
                    TaskStatus status = outside.toAcknowledge.remove();
                    tasks.acknowledge(AcknowledgeUpdate.newBuilder()
                            .setFrameworkId(FRAMEWORK)
                            .setTaskId("t")
                            .setUuid(status.getUuid())
                            .build());
                }
                if (world.crashes.isEmpty()) {
                    String where = "crashes at " + java.util.Arrays.toString(crashes);
                    assertThat(outside.byUuid.values()).as(where).containsExactlyElementsOf(expected);
                    assertThat(world.starts).as(where).isEqualTo(1);
                    assertThat(world.containers).as(where).isEmpty();
                    assertThat(tasks.views()).as(where).isEmpty();
                    assertThat(journal.state().tasks()).as(where).isEmpty();
                    return world.steps;
                }
            } catch (SimulatedCrash crash) {
                assertThat(world.dead).isTrue();
            }
        }
        // A crash step beyond the end of the task's life.
        return world.steps;
    }

    private void crashEverywhere(List<TaskState> expected) throws Exception {
        int steps = live(expected);
        assertThat(steps).isGreaterThan(15);
        for (int first = 1; first <= steps; first++) {
            live(expected, first);
            // The second life has at most as many steps again.
            for (int second = first + 1; second <= first + steps; second += 3) {
                live(expected, first, second);
            }
        }
    }

    @Test
    void aTaskThatFinishesDoesSoAfterAnyCrash() throws Exception {
        crashEverywhere(List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED));
    }

    @Test
    void aTaskThatIsKilledIsSoAfterAnyCrash() throws Exception {
        killing = true;
        crashEverywhere(List.of(
                TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING, TaskState.TASK_KILLED));
    }

    @Test
    void aTaskThatIsWrittenDownWithItsFirstUpdateFinishesAfterAnyCrash() throws Exception {
        withoutFiles = true;
        crashEverywhere(List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED));
        warm = true;
        crashEverywhere(List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED));
    }

    @Test
    void aTaskInAContainerMadeAheadFinishesAfterAnyCrash() throws Exception {
        warm = true;
        crashEverywhere(List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED));
    }

    @Test
    void aTaskInAContainerMadeAheadIsKilledAfterAnyCrash() throws Exception {
        warm = true;
        killing = true;
        crashEverywhere(List.of(
                TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING, TaskState.TASK_KILLED));
    }

    private LaunchTaskGroup group() {
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.DEFAULT)
                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                .build();
        LaunchTaskGroup.Builder group = LaunchTaskGroup.newBuilder()
                .setFrameworkId(FRAMEWORK)
                .setFrameworkInfo(launch().getFrameworkInfo())
                .setRole("*");
        for (String id : List.of("a", "b")) {
            group.addTaskInfos(TaskInfo.newBuilder()
                    .setName(id)
                    .setTaskId(TaskID.newBuilder().setValue(id))
                    .setAgentId(AgentID.newBuilder().setValue("a-S0"))
                    .setCommand(CommandInfo.newBuilder().setValue("true"))
                    .setExecutor(executor)
                    .build()
                    .toByteString());
        }
        return group.build();
    }

    /** The same of a group; the second task's way begins when the first's has ended. */
    private int liveGroup(List<TaskState> first, List<TaskState> second, int starts, int... crashes) throws Exception {
        World world = new World();
        for (int crash : crashes) {
            world.crashes.add(crash);
        }
        Outside outside = new Outside();
        for (int life = 0; life <= crashes.length + 1; life++) {
            FaultyJournal journal = new FaultyJournal(world);
            HeldTasks tasks = shim(world, journal, outside);
            try {
                outside.toAcknowledge.clear();
                tasks.recover(journal.state(), identity, false);
                // As the agent does with groups that nobody knows.
                world.groups.removeIf(group -> tasks.containers().stream().noneMatch(id -> group.endsWith("/" + id)));
                tasks.resend();
                if (outside.byUuid.isEmpty() && journal.state().tasks().isEmpty()) {
                    tasks.launchGroup(group(), identity, "/pod/offerplane");
                }
                while (!outside.toAcknowledge.isEmpty()) {
                    TaskStatus status = outside.toAcknowledge.remove();
                    tasks.acknowledge(AcknowledgeUpdate.newBuilder()
                            .setFrameworkId(FRAMEWORK)
                            .setTaskId(status.getTaskId().getValue())
                            .setUuid(status.getUuid())
                            .build());
                }
                if (world.crashes.isEmpty()) {
                    String where = "crashes at " + java.util.Arrays.toString(crashes);
                    assertThat(outside.states("a")).as(where).containsExactlyElementsOf(first);
                    assertThat(outside.states("b")).as(where).containsExactlyElementsOf(second);
                    assertThat(world.starts).as(where).isEqualTo(starts);
                    assertThat(world.containers).as(where).isEmpty();
                    assertThat(world.groups).as(where).isEmpty();
                    assertThat(tasks.views()).as(where).isEmpty();
                    assertThat(journal.state().tasks()).as(where).isEmpty();
                    return world.steps;
                }
            } catch (SimulatedCrash crash) {
                assertThat(world.dead).isTrue();
            }
        }
        return world.steps;
    }

    private void crashEverywhere(List<TaskState> first, List<TaskState> second, int starts) throws Exception {
        int steps = liveGroup(first, second, starts);
        assertThat(steps).isGreaterThan(25);
        for (int crash = 1; crash <= steps; crash++) {
            liveGroup(first, second, starts, crash);
            for (int again = crash + 1; again <= crash + steps; again += 5) {
                liveGroup(first, second, starts, crash, again);
            }
        }
    }

    @Test
    void aGroupThatFinishesDoesSoAfterAnyCrash() throws Exception {
        List<TaskState> states = List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
        crashEverywhere(states, states, 2);
    }

    @Test
    void aGroupIsKilledAfterAnyCrashWhenOneOfItFails() throws Exception {
        failing = true;
        crashEverywhere(
                List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FAILED),
                List.of(TaskState.TASK_KILLED),
                1);
    }

    @Test
    void afterARebootARunningTaskIsLost() throws Exception {
        World world = new World();
        Outside outside = new Outside();
        // Dies as soon as it runs.
        whileRunning = () -> {
            throw new SimulatedCrash();
        };
        try {
            shim(world, new FaultyJournal(world), outside).launch(launch(), identity, "/pod/offerplane");
        } catch (SimulatedCrash crash) {
            world.containers.clear();
        }
        FaultyJournal journal = new FaultyJournal(world);
        HeldTasks tasks = shim(world, journal, outside);
        tasks.recover(journal.state(), identity, true);
        assertThat(tasks.held()).hasSize(1);
        assertThat(tasks.held().getFirst().getLatestState()).isEqualTo("TASK_LOST");
    }
}
