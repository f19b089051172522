package io.offerplane.shim.task;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.link.v1.AcknowledgeUpdate;
import io.offerplane.protocol.link.v1.HeldFramework;
import io.offerplane.protocol.link.v1.HeldTask;
import io.offerplane.protocol.link.v1.KillTask;
import io.offerplane.protocol.link.v1.LaunchTask;
import io.offerplane.protocol.link.v1.LaunchTaskGroup;
import io.offerplane.protocol.link.v1.ReportTaskUnknown;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.fetch.Fetcher;
import io.offerplane.shim.journal.ExecutorKey;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.journal.JournalState;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.Forget;
import io.offerplane.shim.journal.v1.GroupMember;
import io.offerplane.shim.journal.v1.Kill;
import io.offerplane.shim.journal.v1.KillCause;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.status.StatusUpdateStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All tasks of the node, and the leader's messages about them. A task is held from its launch until its container is removed
 * and its last update acknowledged. Methods don't wait for tasks; each task goes its way on a thread of its own. Safe for use by
 * several threads; messages about one task must come in their order.
 */
public final class HeldTasks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HeldTasks.class);

    /** How many ended tasks /state still tells of; Mesos keeps 150 executors per framework. */
    private static final int HISTORY = 200;

    /**
     * A task for those who look.
     *
     * @param key its ids
     * @param framework its framework as of the launch
     * @param task as it was launched
     * @param role that it is charged to
     * @param state latest
     * @param containerId of its container
     * @param directory its sandbox on the host
     * @param executorId the task's own id, unless it runs in a custom executor
     * @param cgroup its container's control group; empty when there never was one
     * @param parent what its container is within, if it isn't alone
     * @param told what its updates said
     */
    public record View(
            TaskKey key,
            String executorId,
            FrameworkInfo framework,
            TaskInfo task,
            String role,
            TaskState state,
            String containerId,
            String directory,
            String cgroup,
            Optional<Parent> parent,
            StatusUpdateStreams.Told told) {}

    /**
     * An executor that is nothing but its tasks.
     *
     * @param containerId that it would have
     * @param directory its sandbox on the host
     * @param cgroup its control group; empty when there never was one
     */
    public record Parent(String containerId, String directory, String cgroup) {}

    private final Map<TaskKey, TaskLife> runs = new ConcurrentHashMap<>();
    private final Deque<View> history = new ArrayDeque<>();
    private final StatusUpdateStreams streams;
    private final DefaultExecutors defaultExecutors;
    private final GroupLaunches groups;
    private final Journal journal;
    private final ContainerRuntime runtime;
    private final Fetcher fetcher;
    private final Sandboxes sandboxes;
    private final ScheduledExecutorService timers;
    private final Clock clock;
    private final ThreadFactory threads;
    private final Set<Thread> going = ConcurrentHashMap.newKeySet();
    private @Nullable ExecutorHost executors;
    private InnerContainers inner = InnerContainers.NONE;

    /**
     * @param timers for retries, grace periods and completion times; its tasks don't block
     * @param threads where tasks go their ways; virtual ones outside tests
     * @param sender hands an update to the link, or drops it while there is none; never blocks
     */
    public HeldTasks(
            Journal journal,
            ContainerRuntime runtime,
            Fetcher fetcher,
            Sandboxes sandboxes,
            ScheduledExecutorService timers,
            Clock clock,
            ThreadFactory threads,
            Consumer<StatusUpdate> sender) {
        this.journal = journal;
        this.runtime = runtime;
        this.fetcher = fetcher;
        this.sandboxes = sandboxes;
        this.timers = timers;
        this.clock = clock;
        this.threads = threads;
        this.defaultExecutors = new DefaultExecutors(runtime, sandboxes, () -> inner, this::exited);
        this.groups = new GroupLaunches(
                journal,
                defaultExecutors,
                clock,
                (launch, identity, executor) -> new TaskRun(node(identity), launch, null, executor));
        this.streams = new StatusUpdateStreams(journal, timers, sender, this::forgetIfDone);
    }

    /** Who takes the tasks that bring an executor; without one they are refused. To be called before anything else. */
    public void hostExecutors(ExecutorHost host) {
        executors = host;
    }

    /** Who has containers within those of tasks. To be called before anything else. */
    public void hostInner(InnerContainers containers) {
        inner = containers;
    }

    private void exited(String frameworkId, String executorId, int waitStatus) {
        ExecutorHost host = executors;
        if (host != null) {
            host.tellExited(frameworkId, executorId, waitStatus);
        }
    }

    /** Where the updates of all tasks go. */
    public StatusUpdateStreams streams() {
        return streams;
    }

    private TaskRun.Node node(NodeIdentity identity) {
        return new TaskRun.Node(
                identity, journal, streams, runtime, fetcher, sandboxes, defaultExecutors, inner, timers, clock);
    }

    /**
     * Takes up what an earlier shim held.
     *
     * @param rebooted whether the node was started anew since: then no container lives, and the runtime's folders are empty
     * @throws IOException when the journal holds what is no message
     */
    public void recover(JournalState state, NodeIdentity identity, boolean rebooted) throws IOException {
        List<Runnable> ways = new ArrayList<>();
        for (var entry : state.tasks().entrySet()) {
            TaskKey key = entry.getKey();
            JournalState.Task task = entry.getValue();
            streams.restore(key, task.launch().getLatestState(), task.unacknowledged());
            if (task.launch().getContainerId().isEmpty()) {
                // An answer about a task that never was here: only its update is held.
                forgetIfDone(key);
                continue;
            }
            ExecutorHost host = executors;
            Kill kill = task.kill().orElse(null);
            TaskLife run;
            if (task.launch().hasMember()) {
                run = defaultExecutors.restore(
                        task.launch(), (launch, executor) -> new TaskRun(node(identity), launch, kill, executor));
            } else if (host != null && !task.launch().getExecutorId().isEmpty()) {
                run = host.restore(task.launch(), kill);
            } else {
                run = new TaskRun(node(identity), task.launch(), kill);
            }
            runs.put(key, run);
            ways.add(() -> go(run, rebooted));
        }
        log.info("Taking up {} tasks{}", runs.size(), rebooted ? " of before the node's reboot" : "");
        ways.forEach(this::start);
    }

    private void start(Runnable way) {
        Thread thread = threads.newThread(() -> {
            try {
                way.run();
            } finally {
                going.remove(Thread.currentThread());
            }
        });
        going.add(thread);
        thread.start();
    }

    /** Leaves every task where it is, for the next shim. */
    @Override
    public void close() {
        going.forEach(Thread::interrupt);
    }

    private void go(TaskLife run, boolean rebooted) {
        try {
            if (rebooted) {
                run.endByReboot();
            } else {
                run.run();
            }
            forgetIfDone(run.key());
        } catch (InterruptedException e) {
            log.debug("{} is left to the next shim", run.key());
        }
    }

    /**
     * Launches a task, unless it is held already: the leader repeats itself after a lost connection.
     *
     * @param taskGroup the control group, relative to each hierarchy's root, below which the task's own will be; empty when the claim's
     *     isn't there
     */
    public void launch(LaunchTask message, NodeIdentity identity, String taskGroup)
            throws InvalidProtocolBufferException {
        TaskInfo task = TaskInfo.parseFrom(message.getTaskInfo());
        TaskKey key = new TaskKey(message.getFrameworkId(), task.getTaskId().getValue());
        if (runs.containsKey(key)) {
            log.debug("{} is launched already", key);
            return;
        }
        ExecutorHost host = executors;
        if (host != null && task.hasExecutor()) {
            launchInExecutor(host, message, key, task, identity, taskGroup);
            return;
        }
        String containerId = runtime.newId(taskGroup, WarmFit.hindrance(task).isEmpty());
        Launch.Builder launch = Launch.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setTaskId(key.taskId())
                .setFrameworkInfo(message.getFrameworkInfo())
                .setTaskInfo(message.getTaskInfo())
                .setRole(message.getRole())
                .setContainerId(containerId)
                .setAcceptedAtMillis(clock.millis());
        String refusal = "";
        try {
            launch.setSandbox(
                    sandboxes.path(identity.agentId(), key, containerId).toString());
        } catch (IllegalArgumentException e) {
            refusal = String.valueOf(e.getMessage());
        }
        if (!taskGroup.isEmpty()) {
            launch.setCgroup(taskGroup + "/" + containerId);
        }
        Launch accepted = launch.build();
        TaskRun run;
        try {
            run = new TaskRun(node(identity), accepted, null);
        } catch (InvalidProtocolBufferException e) {
            runtime.abandon(containerId);
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("only parsing throws here", e);
        }
        if (runs.putIfAbsent(key, run) != null) {
            runtime.abandon(containerId);
            return;
        }
        String refused = refusal;
        start(() -> {
            if (!refused.isEmpty()) {
                runtime.abandon(containerId);
                run.refuse(refused);
                return;
            }
            try {
                run.writeDown();
            } catch (IOException e) {
                log.error("Cannot write down {}", key, e);
                runtime.abandon(containerId);
                run.refuse("the node can't write to its disk: " + e.getMessage());
                return;
            }
            go(run, false);
        });
    }

    /**
     * Launches the tasks of a group, unless they are held already, all or none.
     *
     * @param taskGroup as of {@link #launch}
     */
    public void launchGroup(LaunchTaskGroup message, NodeIdentity identity, String taskGroup)
            throws InvalidProtocolBufferException {
        List<TaskInfo> tasks = new ArrayList<>();
        for (ByteString bytes : message.getTaskInfosList()) {
            TaskInfo task = TaskInfo.parseFrom(bytes);
            tasks.add(task);
            if (runs.containsKey(
                    new TaskKey(message.getFrameworkId(), task.getTaskId().getValue()))) {
                log.debug(
                        "The group of {} is launched already", task.getTaskId().getValue());
                return;
            }
        }
        if (tasks.isEmpty()) {
            return;
        }
        GroupLaunches.Accepted group;
        try {
            group = groups.accept(message, tasks, identity, taskGroup, Optional.ofNullable(executors));
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("only parsing throws here", e);
        }
        group.tasks().forEach(run -> runs.put(run.key(), run));
        start(() -> {
            try {
                group.write().run();
            } catch (IOException e) {
                log.error("Cannot write down a group of framework {}", message.getFrameworkId(), e);
                group.tasks().forEach(run -> run.refuse("the node can't write to its disk: " + e.getMessage()));
                return;
            }
            group.tasks().forEach(run -> start(() -> go(run, false)));
        });
    }

    private void launchInExecutor(
            ExecutorHost host, LaunchTask message, TaskKey key, TaskInfo task, NodeIdentity identity, String taskGroup)
            throws InvalidProtocolBufferException {
        Launch launch = Launch.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setTaskId(key.taskId())
                .setFrameworkInfo(message.getFrameworkInfo())
                .setTaskInfo(message.getTaskInfo())
                .setRole(message.getRole())
                .setExecutorId(task.getExecutor().getExecutorId().getValue())
                .setAcceptedAtMillis(clock.millis())
                .build();
        TaskLife run;
        try {
            run = host.accept(launch, task, identity, taskGroup);
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("only parsing throws here", e);
        }
        runs.put(key, run);
        start(() -> go(run, false));
    }

    /** Kills a task; one that isn't held is passed over, as the leader answers for those. */
    public void kill(KillTask message) {
        TaskLife run = runs.get(new TaskKey(message.getFrameworkId(), message.getTaskId()));
        if (run == null) {
            log.debug(
                    "Kill of task {} of framework {}, which isn't here", message.getTaskId(), message.getFrameworkId());
            return;
        }
        Duration own = run.ownGrace();
        Duration given = message.hasGracePeriodNanos() ? Duration.ofNanos(message.getGracePeriodNanos()) : own;
        if (!message.getDraining()) {
            start(() -> run.kill(KillCause.KILL_CAUSE_ASKED, given));
            return;
        }
        KillCause cause = message.getGone() ? KillCause.KILL_CAUSE_DRAINING_AND_GONE : KillCause.KILL_CAUSE_DRAINING;
        start(() -> run.kill(cause, given.compareTo(own) < 0 ? given : own));
    }

    /** Ends a task that holds revocable resources, at once, as they are needed; one that isn't held is passed over. */
    public void preempt(TaskKey key) {
        TaskLife run = runs.get(key);
        if (run != null) {
            start(() -> run.kill(KillCause.KILL_CAUSE_PREEMPTED, Duration.ZERO));
        }
    }

    /** Ends an executor with its tasks: a command task is its own executor's only one. */
    public void shutdownExecutor(String frameworkId, String executorId) {
        if (executors != null) {
            executors.shutdown(frameworkId, executorId);
        }
        for (TaskLife run : runs.values()) {
            if (run.key().frameworkId().equals(frameworkId)
                    && run.executorId().equals(executorId)
                    && run.launch().getExecutorId().isEmpty()) {
                start(() -> run.kill(KillCause.KILL_CAUSE_ASKED, run.ownGrace()));
            }
        }
    }

    /** Ends all tasks of a framework and forgets their updates. */
    public void shutdownFramework(String frameworkId) {
        if (executors != null) {
            executors.shutdownFramework(frameworkId);
        }
        for (TaskLife run : runs.values()) {
            if (run.key().frameworkId().equals(frameworkId)) {
                start(() -> {
                    run.kill(KillCause.KILL_CAUSE_FRAMEWORK_SHUTDOWN, run.ownGrace());
                    streams.forget(run.key());
                    forgetIfDone(run.key());
                });
            }
        }
    }

    /** Moves a task's stream of updates on. */
    public void acknowledge(AcknowledgeUpdate message) {
        streams.acknowledge(new TaskKey(message.getFrameworkId(), message.getTaskId()), message.getUuid());
    }

    /** Tells, reliably, that a task isn't here; says what there is when it is here after all. */
    public void reportUnknown(ReportTaskUnknown message, NodeIdentity identity) {
        TaskKey key = new TaskKey(message.getFrameworkId(), message.getTaskId());
        if (runs.containsKey(key)) {
            log.warn("The leader takes {} for unknown, but it is here", key);
            return;
        }
        if (!streams.isDrained(key)) {
            return;
        }
        TaskStatus status = TaskStatuses.byAgent(
                        identity.agentId(),
                        key.taskId(),
                        message.getState().equals("TASK_GONE") ? TaskState.TASK_GONE : TaskState.TASK_LOST,
                        clock.millis() / 1000.0,
                        null)
                .clearExecutorId()
                .setReason(TaskStatus.Reason.REASON_RECONCILIATION)
                .setMessage("Reconciliation: task unknown to the agent")
                .build();
        start(() -> {
            try {
                streams.append(key, status);
            } catch (IOException e) {
                log.warn("Cannot write that {} is unknown; it is told from memory", key, e);
                streams.appendUnwritten(key, status);
            }
        });
    }

    /** Sends what is unacknowledged again; for a new connection. */
    public void resend() {
        streams.resend();
    }

    private void forgetIfDone(TaskKey key) {
        TaskLife run = runs.get(key);
        if (run != null) {
            boolean done = run.isTerminal() && run.isRemoved() && (run.isUnwanted() || streams.isDrained(key));
            if (!done || !runs.remove(key, run)) {
                return;
            }
            synchronized (history) {
                history.addLast(view(run));
                if (history.size() > HISTORY) {
                    history.removeFirst();
                }
            }
        } else if (!streams.isDrained(key)) {
            return;
        }
        streams.forget(key);
        journal.appendLater(Entry.newBuilder()
                .setForget(Forget.newBuilder().setFrameworkId(key.frameworkId()).setTaskId(key.taskId()))
                .build());
    }

    /** What a registration tells: every task that is held. */
    public List<HeldTask> held() {
        List<HeldTask> held = new ArrayList<>();
        for (TaskLife run : runs.values()) {
            if (run.isUnwanted()) {
                continue;
            }
            HeldTask.Builder task = HeldTask.newBuilder()
                    .setFrameworkId(run.key().frameworkId())
                    .setTaskInfo(run.launch().getTaskInfo())
                    .setRole(run.launch().getRole())
                    .setLatestState(run.latest().name());
            streams.inFlight(run.key()).ifPresent(task::setForwarded);
            held.add(task.build());
        }
        return held;
    }

    /** The frameworks of held tasks. */
    public List<HeldFramework> frameworks() {
        Map<String, HeldFramework> frameworks = new LinkedHashMap<>();
        for (TaskLife run : runs.values()) {
            if (!run.isUnwanted()) {
                frameworks.put(
                        run.key().frameworkId(),
                        HeldFramework.newBuilder()
                                .setFrameworkId(run.key().frameworkId())
                                .setFrameworkInfo(run.launch().getFrameworkInfo())
                                .build());
            }
        }
        return List.copyOf(frameworks.values());
    }

    /** Tasks whose container runs or is being started. */
    public int running() {
        return (int) runs.values().stream().filter(r -> !r.isTerminal()).count();
    }

    /** The containers that tasks have for themselves, while they live. */
    public List<HeldContainer> ownContainers() {
        return living().filter(run -> run.launch().getExecutorId().isEmpty())
                .map(HeldTasks::container)
                .toList();
    }

    /** What living tasks hold of the containers of their custom executors. */
    public Map<ExecutorKey, HeldContainer> containersOfExecutors() {
        return living().filter(run -> !run.launch().getExecutorId().isEmpty())
                .collect(Collectors.toMap(
                        run -> new ExecutorKey(
                                run.key().frameworkId(), run.launch().getExecutorId()),
                        HeldTasks::container,
                        HeldContainer::with));
    }

    private Stream<TaskLife> living() {
        return runs.values().stream().filter(run -> !run.isTerminal());
    }

    private static HeldContainer container(TaskLife run) {
        return new HeldContainer(
                run.launch().getContainerId(),
                run.launch().getCgroup(),
                Optional.empty(),
                List.of(run.key()),
                run.task().getResourcesList(),
                run.launch().getAcceptedAtMillis());
    }

    /** Held tasks. */
    public List<View> views() {
        return runs.values().stream().map(this::view).toList();
    }

    /** One held task. */
    public Optional<View> find(TaskKey key) {
        return Optional.ofNullable(runs.get(key)).map(this::view);
    }

    /**
     * The container of a task, or of an executor that is nothing but its tasks; empty while it isn't there.
     *
     * @throws ContainerLaunchException when the node has lost what it stands on
     */
    public Optional<HostContainer> host(ContainerName name) throws ContainerLaunchException, InterruptedException {
        for (TaskLife run : runs.values()) {
            if (run.launch().getContainerId().equals(name.ids().getLast())
                    && run.launch().getExecutorId().isEmpty()
                    && name.equals(name(run.launch()))) {
                String root = run.launch().hasMember()
                        ? run.launch().getMember().getExecutorSandbox()
                        : run.launch().getSandbox();
                return run.running()
                        .map(spec -> new HostContainer(
                                name,
                                spec,
                                true,
                                Path.of(root),
                                run.key().frameworkId(),
                                run.executorId(),
                                run.framework().getUser()));
            }
        }
        return name.parent().isPresent() ? Optional.empty() : defaultExecutors.host(name);
    }

    private static ContainerName name(Launch launch) {
        return launch.hasMember()
                ? ContainerName.of(launch.getMember().getExecutorContainerId(), launch.getContainerId())
                : ContainerName.of(launch.getContainerId());
    }

    /** Whether something is left of such a container, so that what lies in it may live on. */
    public boolean hosts(ContainerName name) {
        return runs.values().stream()
                .anyMatch(run -> !run.isTerminal()
                        && run.launch().getExecutorId().isEmpty()
                        && (name.equals(name(run.launch()))
                                || name(run.launch()).isWithin(name)));
    }

    /** The last tasks that are held no more, oldest first. */
    public List<View> history() {
        synchronized (history) {
            return List.copyOf(history);
        }
    }

    private static Optional<Parent> parent(Launch launch) {
        GroupMember member = launch.getMember();
        return launch.hasMember()
                ? Optional.of(new Parent(
                        member.getExecutorContainerId(), member.getExecutorSandbox(), member.getExecutorCgroup()))
                : Optional.empty();
    }

    private View view(TaskLife run) {
        return new View(
                run.key(),
                run.executorId(),
                run.framework(),
                run.task(),
                run.launch().getRole(),
                run.latest(),
                run.launch().getContainerId(),
                run.launch().getSandbox(),
                run.launch().getCgroup(),
                parent(run.launch()),
                streams.told(run.key()));
    }

    /** Containers whose sandboxes aren't to be collected. */
    public Set<String> containers() {
        Set<String> containers =
                runs.values().stream().map(r -> r.launch().getContainerId()).collect(Collectors.toSet());
        containers.addAll(defaultExecutors.containers());
        if (executors != null) {
            containers.addAll(executors.containers());
        }
        return containers;
    }
}
