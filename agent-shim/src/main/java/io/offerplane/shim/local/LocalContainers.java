package io.offerplane.shim.local;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.container.v1.Container;
import io.offerplane.protocol.container.v1.Measurement;
import io.offerplane.protocol.container.v1.Output;
import io.offerplane.protocol.container.v1.ReadOutput;
import io.offerplane.protocol.container.v1.Refusal;
import io.offerplane.protocol.container.v1.SendSignal;
import io.offerplane.protocol.container.v1.Size;
import io.offerplane.protocol.container.v1.Start;
import io.offerplane.protocol.link.v1.AcknowledgeUpdate;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.KillTask;
import io.offerplane.protocol.link.v1.LaunchTask;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.WaitStatus;
import io.offerplane.shim.fetch.Fetcher;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.journal.JournalState;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.Exit;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.journal.v1.Resized;
import io.offerplane.shim.journal.v1.Update;
import io.offerplane.shim.task.HeldTasks;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.Sandboxes;
import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers that programs of the node have started: command tasks with a journal of their own, whose updates end here. An owner is a user of the
 * node, and knows of its own containers only. Methods are safe for use by several threads; those with a patience block.
 */
final class LocalContainers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalContainers.class);

    /** Ended ones count until they are removed: a client that never does is told so before the node suffers. */
    private static final int MOST = 10_000;

    private static final String FRAMEWORK = "local-";

    /** Between two looks at what nobody tells of, such as a file that grows: the kernel could, for a watch each. */
    private static final long LOOK_AGAIN_MILLIS = 100;

    /**
     * What they need of the node.
     *
     * @param timers whose tasks don't block
     * @param identity of the node, with what it does for these containers
     * @param group the control group below which theirs will be; empty when the claim's isn't there
     */
    record Node(
            ContainerRuntime runtime,
            Fetcher fetcher,
            Sandboxes sandboxes,
            ScheduledExecutorService timers,
            Clock clock,
            Supplier<NodeIdentity> identity,
            Supplier<Claim> claim,
            Supplier<String> group) {}

    private final Journal journal;
    private final Node node;
    private final HeldTasks tasks;
    private final Map<TaskKey, LocalContainer> containers = new ConcurrentHashMap<>();
    private final ReentrantLock ways = new ReentrantLock();
    private final Condition wayEnded = ways.newCondition();

    /** @param journal theirs alone */
    LocalContainers(Journal journal, Node node) {
        this.journal = journal;
        this.node = node;
        this.tasks = new HeldTasks(
                journal,
                new ExitRecorder(node.runtime(), this::exited),
                node.fetcher(),
                node.sandboxes(),
                node.timers(),
                node.clock(),
                way -> Thread.ofVirtual().name("local-container").unstarted(() -> {
                    try {
                        way.run();
                    } finally {
                        tellWayEnded();
                    }
                }),
                this::updated);
    }

    /**
     * Takes up what an earlier shim held.
     *
     * @param rebooted whether the node was started anew since
     * @throws IOException when the journal holds what is no message
     */
    void recover(boolean rebooted) throws IOException {
        JournalState state = journal.state();
        for (Map.Entry<TaskKey, JournalState.Task> held : state.tasks().entrySet()) {
            Launch launch = held.getValue().launch();
            LocalContainer container = new LocalContainer(
                    TaskInfo.parseFrom(launch.getTaskInfo()),
                    launch.getLatestState().isEmpty()
                            ? TaskState.TASK_STAGING
                            : TaskState.valueOf(launch.getLatestState()),
                    launch.hasExit() ? launch.getExit() : null);
            for (Update update : held.getValue().unacknowledged()) {
                container.update(TaskStatus.parseFrom(update.getTaskStatus()));
            }
            containers.put(held.getKey(), container);
        }
        tasks.recover(state, node.identity().get(), rebooted);
        tasks.resend();
    }

    /** Containers of the runtime that are these, and whose sandboxes aren't to be collected. */
    Set<String> containers() {
        return tasks.containers();
    }

    /** How many aren't ended. */
    int running() {
        return tasks.running();
    }

    /** Starts one, or waits for the same one that was started before. */
    Container start(String owner, Start start) throws RefusedRequestException, InterruptedException {
        NodeIdentity identity = node.identity().get();
        Claim claim = node.claim().get();
        if (claim.getPodUid().isEmpty()) {
            throw new RefusedRequestException(
                    Refusal.Cause.NOT_NOW, "the node has no claim yet, as it isn't registered; try again");
        }
        TaskInfo task = ContainerOrder.task(start, identity.agentId(), claim);
        TaskKey key = key(owner, start.getName());
        LocalContainer container = new LocalContainer(task, TaskState.TASK_STAGING, null);
        if (containers.size() >= MOST && !containers.containsKey(key)) {
            throw new RefusedRequestException(
                    Refusal.Cause.EXHAUSTED,
                    "there are " + MOST + " containers already, those included that have ended; remove some");
        }
        LocalContainer before = containers.putIfAbsent(key, container);
        if (before == null) {
            launch(key, task, identity);
        } else if (ContainerOrder.isSame(before.task(), task)) {
            container = before;
        } else {
            throw new RefusedRequestException(
                    Refusal.Cause.CONFLICT,
                    "there is another container of the name '" + start.getName()
                            + "'; choose another, or remove that one first");
        }
        container.await(state -> state != Container.State.PREPARING, patience(start.getPatienceMillis()));
        return view(key, container);
    }

    private void launch(TaskKey key, TaskInfo task, NodeIdentity identity) {
        FrameworkInfo framework = FrameworkInfo.newBuilder()
                .setId(FrameworkID.newBuilder().setValue(key.frameworkId()))
                .setName(key.frameworkId())
                .setUser(task.getCommand().getUser())
                .build();
        LaunchTask message = LaunchTask.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setFrameworkInfo(framework.toByteString())
                .setTaskInfo(task.toByteString())
                .setRole("*")
                .build();
        try {
            tasks.launch(message, identity, node.group().get());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("it was written the line before", e);
        }
    }

    /** Waits for the end of one. */
    Container await(String owner, String name, int patienceMillis)
            throws RefusedRequestException, InterruptedException {
        TaskKey key = key(owner, name);
        LocalContainer container = find(key);
        container.await(state -> state == Container.State.ENDED, patience(patienceMillis));
        return view(key, container);
    }

    /** Asks for the end of one. */
    Container stop(String owner, String name, int graceMillis) throws RefusedRequestException {
        TaskKey key = key(owner, name);
        LocalContainer container = find(key);
        tasks.kill(KillTask.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setTaskId(key.taskId())
                .setGracePeriodNanos(TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(graceMillis)))
                .build());
        return view(key, container);
    }

    /** Sends all processes of a running one a signal. */
    Container signal(String owner, String name, SendSignal.Signal signal) throws RefusedRequestException {
        ContainerRuntime.Signal sent =
                switch (signal) {
                    case HUP -> ContainerRuntime.Signal.HUP;
                    case INT -> ContainerRuntime.Signal.INT;
                    case QUIT -> ContainerRuntime.Signal.QUIT;
                    case KILL -> ContainerRuntime.Signal.KILL;
                    case USR1 -> ContainerRuntime.Signal.USR1;
                    case TERM -> ContainerRuntime.Signal.TERM;
                    case SIGNAL_UNSPECIFIED, UNRECOGNIZED ->
                        throw new RefusedRequestException(
                                Refusal.Cause.INVALID, "signal: none (expected: HUP, INT, QUIT, KILL, USR1 or TERM)");
                };
        TaskKey key = key(owner, name);
        LocalContainer container = find(key);
        node.runtime().signal(handle(running(key, container), container.task()), sent);
        return view(key, container);
    }

    /** Gives a running one other limits; they are its own again after a restart of the shim. */
    Container resize(String owner, String name, Size size) throws RefusedRequestException, InterruptedException {
        TaskKey key = key(owner, name);
        LocalContainer container = find(key);
        TaskInfo before = container.task();
        TaskInfo now = ContainerOrder.sized(before, size, node.claim().get());
        HeldTasks.View held = running(key, container);
        try {
            write(key, now);
            try {
                node.runtime().update(handle(held, now));
            } catch (IOException e) {
                write(key, before);
                node.runtime().update(handle(held, before));
                throw e;
            }
        } catch (IOException e) {
            throw new RefusedRequestException(
                    Refusal.Cause.NOT_NOW, "the size of '" + name + "' stays as it is: " + e.getMessage());
        }
        container.resized(now);
        return view(key, container);
    }

    private void write(TaskKey key, TaskInfo task) throws IOException {
        journal.append(Entry.newBuilder()
                .setResized(Resized.newBuilder()
                        .setFrameworkId(key.frameworkId())
                        .setTaskId(key.taskId())
                        .setTaskInfo(task.toByteString()))
                .build());
    }

    /** What running ones use; others are passed over. */
    List<Measurement> measure(String owner, Collection<String> names) {
        Collection<TaskKey> keys = names.isEmpty()
                ? keys(owner)
                : names.stream().map(name -> key(owner, name)).toList();
        List<Measurement> measurements = new ArrayList<>();
        for (TaskKey key : keys) {
            LocalContainer container = containers.get(key);
            Optional<HeldTasks.View> held = tasks.find(key);
            if (container != null && held.isPresent() && container.state() == Container.State.RUNNING) {
                node.runtime()
                        .usage(handle(held.get(), container.task()))
                        .ifPresent(usage -> measurements.add(measurement(key.taskId(), usage)));
            }
        }
        return measurements;
    }

    private static Measurement measurement(String name, ContainerUsage usage) {
        return Measurement.newBuilder()
                .setName(name)
                .setCpuUserNanos(usage.cpuUserNanos())
                .setCpuSystemNanos(usage.cpuSystemNanos())
                .setMemoryBytes(usage.memoryBytes())
                .setMemoryPeakBytes(usage.memoryPeakBytes())
                .setMemoryRssBytes(usage.memoryRssBytes())
                .setMemoryLimitBytes(usage.memoryLimitBytes().orElse(0))
                .setProcesses(usage.processes())
                .setThreads(usage.pids())
                .build();
    }

    /** Reads what one wrote, waiting for more where there is none yet. */
    Output read(String owner, ReadOutput request) throws RefusedRequestException, InterruptedException {
        TaskKey key = key(owner, request.getName());
        LocalContainer container = find(key);
        Path sandbox = Path.of(view(key, container).getDirectory());
        String file = request.getStream() == ReadOutput.Stream.STDERR ? "stderr" : "stdout";
        long patience = patience(request.getPatienceMillis()).toMillis();
        try {
            while (true) {
                // Asked before reading: what is written between the two would be missed.
                boolean ended = container.state() == Container.State.ENDED;
                Output output = ContainerOutput.read(sandbox, file, request.getOffset());
                if (!output.getData().isEmpty() || ended || patience <= 0) {
                    return output.toBuilder()
                            .setComplete(ended && output.getData().isEmpty())
                            .build();
                }
                long wait = Math.min(patience, LOOK_AGAIN_MILLIS);
                container.await(state -> state == Container.State.ENDED, Duration.ofMillis(wait));
                patience -= wait;
            }
        } catch (IOException e) {
            throw new RefusedRequestException(
                    Refusal.Cause.NOT_NOW, file + " of '" + request.getName() + "' can't be read: " + e.getMessage());
        }
    }

    /** All of an owner. */
    List<Container> list(String owner) {
        return keys(owner).stream()
                .flatMap(key -> Optional.ofNullable(containers.get(key)).map(c -> view(key, c)).stream())
                .toList();
    }

    /** Forgets an ended one. Returns when its name is free. */
    void remove(String owner, String name) throws RefusedRequestException, InterruptedException {
        TaskKey key = key(owner, name);
        LocalContainer container = find(key);
        if (container.state() != Container.State.ENDED) {
            throw new RefusedRequestException(
                    Refusal.Cause.NOT_NOW, "'" + name + "' hasn't ended; stop it and wait for its end first");
        }
        ways.lock();
        try {
            while (true) {
                Optional<HeldTasks.View> held = tasks.find(key);
                if (held.isEmpty()) {
                    break;
                }
                // Its stream may get another last word while the container is cleared away.
                held.get().told().forwarded().ifPresent(last -> acknowledge(key, last));
                if (tasks.find(key).isEmpty()) {
                    break;
                }
                wayEnded.awaitNanos(LOOK_AGAIN_MILLIS * 1_000_000);
            }
        } finally {
            ways.unlock();
        }
        containers.remove(key, container);
    }

    private void tellWayEnded() {
        ways.lock();
        try {
            wayEnded.signalAll();
        } finally {
            ways.unlock();
        }
    }

    private void acknowledge(TaskKey key, TaskStatus status) {
        tasks.acknowledge(AcknowledgeUpdate.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setTaskId(key.taskId())
                .setUuid(status.getUuid())
                .build());
    }

    /** All but the last word is acknowledged at once; that stays until the owner has it and removes the container. */
    private void updated(StatusUpdate update) {
        TaskStatus status;
        try {
            status = TaskStatus.parseFrom(update.getTaskStatus());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the shim's own update is none", e);
        }
        TaskKey key = new TaskKey(update.getFrameworkId(), status.getTaskId().getValue());
        LocalContainer container = containers.get(key);
        if (container != null) {
            container.update(status);
        }
        if (!TaskStatuses.isTerminal(status.getState())) {
            // Not here: whoever sends it holds the stream.
            Thread.ofVirtual().start(() -> acknowledge(key, status));
        }
    }

    private void exited(ContainerSpec spec, ContainerExit exit) {
        Optional<HeldTasks.View> held = tasks.views().stream()
                .filter(view -> view.containerId().equals(spec.id()))
                .findFirst();
        if (held.isEmpty()) {
            return;
        }
        TaskKey key = held.get().key();
        Exit.Builder how = Exit.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setTaskId(key.taskId())
                .setOutOfMemory(exit.outOfMemory().isPresent());
        switch (exit.status()) {
            case WaitStatus.Exited(int code) -> how.setExitStatus(code);
            case WaitStatus.Signaled(int signal, boolean dumped) -> how.setSignal(signal);
            case WaitStatus.Unknown() -> {}
        }
        LocalContainer container = containers.get(key);
        if (container != null) {
            container.exited(how.build());
        }
        try {
            journal.append(Entry.newBuilder().setExit(how).build());
        } catch (IOException e) {
            log.error("Cannot write down how {} ended; a restart would forget it", key, e);
        }
    }

    private LocalContainer find(TaskKey key) throws RefusedRequestException {
        LocalContainer container = containers.get(key);
        if (container == null) {
            throw new RefusedRequestException(Refusal.Cause.NOT_FOUND, "there is no container '" + key.taskId() + "'");
        }
        return container;
    }

    private HeldTasks.View running(TaskKey key, LocalContainer container) throws RefusedRequestException {
        Optional<HeldTasks.View> held = tasks.find(key);
        if (held.isEmpty() || container.state() != Container.State.RUNNING) {
            throw new RefusedRequestException(
                    Refusal.Cause.NOT_NOW,
                    "'" + key.taskId() + "' isn't running, it is " + container.state()
                            + "; wait for it, or start another");
        }
        return held.get();
    }

    /** The container as far as signalling, measuring and limiting it goes. */
    private ContainerSpec handle(HeldTasks.View held, TaskInfo task) {
        NodeIdentity identity = node.identity().get();
        return ContainerSpec.handle(
                held.containerId(),
                held.cgroup(),
                Path.of(held.directory()),
                identity.bases().usual(),
                ContainerLimits.of(task, identity.hardCpu(), identity.pids()));
    }

    private Container view(TaskKey key, LocalContainer container) {
        Container.Builder view = container.view();
        tasks.find(key).ifPresent(held -> view.setContainerId(held.containerId())
                .setDirectory(held.directory())
                .setCgroup(held.cgroup()));
        return view.build();
    }

    private List<TaskKey> keys(String owner) {
        return containers.keySet().stream()
                .filter(key -> key.frameworkId().equals(FRAMEWORK + owner))
                .toList();
    }

    private static TaskKey key(String owner, String name) {
        return new TaskKey(FRAMEWORK + owner, name);
    }

    private static Duration patience(int millis) {
        return Duration.ofMillis(Integer.toUnsignedLong(millis));
    }

    /** Leaves every container where it is, for the next shim. */
    @Override
    public void close() {
        tasks.close();
    }
}
