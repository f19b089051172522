package io.offerplane.shim.task;

import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.WaitStatus;
import io.offerplane.shim.fetch.FetchException;
import io.offerplane.shim.fetch.Fetcher;
import io.offerplane.shim.image.ContainerBase;
import io.offerplane.shim.isolator.DiskQuota;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.Kill;
import io.offerplane.shim.journal.v1.KillCause;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.journal.v1.Removed;
import io.offerplane.shim.status.StatusUpdateStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerStatus;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task's way: written down, files fetched, STARTING, container started, RUNNING, waited for, terminal update, container
 * removed. Each step is durable, or repeatable, before the next begins; a restarted shim runs the same method, which passes
 * over the steps whose updates were written. {@link #kill} may come from any thread at any time.
 */
final class TaskRun implements TaskLife {

    private static final Logger log = LoggerFactory.getLogger(TaskRun.class);

    /** Mesos' default for command tasks when neither KILL nor the task says otherwise. */
    static final Duration DEFAULT_GRACE = Duration.ofSeconds(3);

    private static final Duration WRITE_AGAIN_AFTER = Duration.ofSeconds(1);

    /** What a task's way needs of the node. */
    record Node(
            NodeIdentity identity,
            Journal journal,
            StatusUpdateStreams streams,
            ContainerRuntime runtime,
            Fetcher fetcher,
            Sandboxes sandboxes,
            DefaultExecutors executors,
            InnerContainers inner,
            ScheduledExecutorService timers,
            Clock clock) {}

    /** Of which a framework hears while the task still ends, if it wants to: for the others there is nobody, or no grace. */
    private static final Set<KillCause> TOLD_KILLS =
            EnumSet.of(KillCause.KILL_CAUSE_ASKED, KillCause.KILL_CAUSE_DRAINING, KillCause.KILL_CAUSE_UNHEALTHY);

    private enum Phase {
        LAUNCHING,
        RUNNING,
        ENDED
    }

    private final Node node;
    private final TaskKey key;
    private final Launch launch;
    private final FrameworkInfo framework;
    private final TaskInfo task;
    private final ContainerStatus containerStatus;
    private final @Nullable DefaultExecutor executor;
    private final TaskChecks checks;
    private final PreparationProgress progress = new PreparationProgress(this::tellProgress, System::nanoTime);
    private final long acceptedNanos = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile TaskState latest;
    private volatile long runningAtMillis;
    private volatile boolean removed;
    private Phase phase = Phase.LAUNCHING;
    private @Nullable Kill kill;
    private boolean killing;
    private volatile DiskQuota.@Nullable Exceeded diskExceeded;
    private @Nullable Thread preparing;
    private volatile @Nullable ContainerBase base;
    private @Nullable Future<?> escalation;
    private @Nullable Future<?> completionTimer;

    /** A command task's; as {@link #TaskRun(Node, Launch, Kill, DefaultExecutor)}. */
    TaskRun(Node node, Launch launch, @Nullable Kill kill) throws IOException {
        this(node, launch, kill, null);
    }

    /**
     * @param launch as it is, or will be, in the journal
     * @param kill asked for before this process started
     * @param executor that its container is within; null for a command task
     */
    TaskRun(Node node, Launch launch, @Nullable Kill kill, @Nullable DefaultExecutor executor) throws IOException {
        this.node = node;
        this.executor = executor;
        this.key = new TaskKey(launch.getFrameworkId(), launch.getTaskId());
        this.framework = FrameworkInfo.parseFrom(launch.getFrameworkInfo());
        this.task = TaskInfo.parseFrom(launch.getTaskInfo());
        this.launch = launch;
        this.checks = new TaskChecks(task, launch);
        this.kill = kill;
        this.latest =
                launch.getLatestState().isEmpty() ? TaskState.TASK_STAGING : TaskState.valueOf(launch.getLatestState());
        this.runningAtMillis = launch.getRunningAtMillis();
        this.removed = launch.getRemoved();
        this.containerStatus = launch.getContainerStatus().isEmpty()
                ? TaskStatuses.container(
                        launch.getContainerId(),
                        launch.getMember().getExecutorContainerId(),
                        node.identity().ip())
                : ContainerStatus.parseFrom(launch.getContainerStatus());
    }

    @Override
    public TaskKey key() {
        return key;
    }

    @Override
    public Launch launch() {
        return launch;
    }

    @Override
    public FrameworkInfo framework() {
        return framework;
    }

    @Override
    public TaskInfo task() {
        return task;
    }

    @Override
    public TaskState latest() {
        return latest;
    }

    @Override
    public String executorId() {
        return executor == null ? key.taskId() : executor.self().getExecutorId();
    }

    /** True when nothing but the sandbox, and perhaps unacknowledged updates, is left. */
    @Override
    public boolean isRemoved() {
        return removed;
    }

    /** True when the framework is gone and no update is wanted. */
    @Override
    public boolean isUnwanted() {
        lock.lock();
        try {
            return kill != null && kill.getCause() == KillCause.KILL_CAUSE_FRAMEWORK_SHUTDOWN;
        } finally {
            lock.unlock();
        }
    }

    /** The container as far as removing, signalling and measuring it goes; its command isn't needed for that. */
    @Override
    public ContainerSpec handle() {
        return ContainerSpec.handle(
                launch.getContainerId(),
                launch.getCgroup(),
                Path.of(launch.getSandbox()),
                node.identity().bases().usual(),
                limits());
    }

    @Override
    public Optional<ContainerSpec> running() throws ContainerLaunchException, InterruptedException {
        lock.lock();
        try {
            boolean before = latest == TaskState.TASK_RUNNING || latest == TaskState.TASK_KILLING;
            if (phase != Phase.RUNNING && !(phase == Phase.LAUNCHING && before)) {
                return Optional.empty();
            }
        } finally {
            lock.unlock();
        }
        return Optional.of(spec(base(true).user(task.getCommand(), framework.getUser())));
    }

    private ContainerBase base(boolean again) throws ContainerLaunchException, InterruptedException {
        ContainerBase found = base;
        if (found == null) {
            found = node.identity().bases().provide(task.getContainer(), again, (image, bytes) -> {});
            base = found;
        }
        return found;
    }

    /** What it would be held to if it were alone. */
    ContainerLimits ownLimits() {
        return ContainerLimits.of(
                task, node.identity().hardCpu(), node.identity().pids());
    }

    private ContainerLimits limits() {
        ContainerLimits own = ownLimits();
        if (executor == null || !DefaultExecutor.shares(task)) {
            return own;
        }
        return new ContainerLimits(
                own.cpuShares(), OptionalLong.empty(), OptionalLong.empty(), own.memoryReservationBytes(), own.pids());
    }

    /**
     * Puts the launch into the journal. Nothing stands between it and TASK_STARTING of a task that needs no files and no container of its own kind, so the
     * two share a flush.
     *
     * @throws IOException when it isn't there
     */
    void writeDown() throws IOException {
        Entry entry = Entry.newBuilder().setLaunch(launch).build();
        if (isKilled() || !startsAtOnce()) {
            node.journal().append(entry);
            return;
        }
        TaskStatus starting = executorUpdate(TaskState.TASK_STARTING);
        node.streams().appendFirst(entry, key, starting);
        latest = TaskState.TASK_STARTING;
    }

    private boolean startsAtOnce() {
        return executor == null
                && WarmFit.hindrance(task).isEmpty()
                && task.getCommand().getUrisCount() == 0
                && mayStart();
    }

    /** Whether nothing is wrong with it that can be told without doing anything. */
    private boolean mayStart() {
        try {
            refuseUnsupported();
            base = node.identity().bases().pool();
            spec(base().user(task.getCommand(), framework.getUser()));
            return true;
        } catch (ContainerLaunchException e) {
            return false;
        }
    }

    /** Goes the way from wherever it is to its end. On interruption everything stays as it is, for the next shim. */
    @Override
    public void run() throws InterruptedException {
        ContainerSpec handle = handle();
        if (!isTerminal()) {
            boolean started = latest == TaskState.TASK_RUNNING || latest == TaskState.TASK_KILLING || launchContainer();
            if (started) {
                afterStart();
                ContainerExit exit;
                DiskQuota.Watch watch = watchDisk(handle);
                try {
                    exit = node.runtime().awaitExit(handle);
                } finally {
                    watch.close();
                }
                exit = withLimit(exit);
                KillCause asked = enterEnd();
                end(ended(exit, asked));
            }
        }
        if (executor != null) {
            executor.ended(this);
        }
        remove(handle, 0);
    }

    private TaskStatus ended(ContainerExit exit, KillCause asked) {
        DiskQuota.Exceeded exceeded = diskExceeded;
        if (exceeded != null) {
            return DiskLimitation.of(agentStatus(TaskState.TASK_FAILED), exceeded);
        }
        boolean finished = exit.status().equals(new WaitStatus.Exited(0));
        return asked == KillCause.KILL_CAUSE_PREEMPTED && !finished
                ? TaskStatuses.preempted(agentStatus(goneOrLost()))
                : TaskStatuses.ended(node.identity().agentId(), task, exit, asked, seconds(), containerStatus);
    }

    private TaskStatus.Builder agentStatus(TaskState state) {
        return TaskStatuses.byAgent(node.identity().agentId(), key.taskId(), state, seconds(), containerStatus);
    }

    /** The end of a task that the node didn't leave the time to end. */
    private TaskState goneOrLost() {
        return has(FrameworkInfo.Capability.Type.PARTITION_AWARE) ? TaskState.TASK_GONE : TaskState.TASK_LOST;
    }

    /** What it ran into may be the limit of all. */
    private ContainerExit withLimit(ContainerExit exit) {
        if (executor == null || !DefaultExecutor.shares(task)) {
            return exit;
        }
        OptionalLong limit = executor.limits().memoryLimitBytes();
        return new ContainerExit(
                exit.status(),
                exit.outOfMemory()
                        .map(memory -> new ContainerExit.OutOfMemory(limit, memory.peakBytes(), memory.statistics())));
    }

    private DiskQuota.Watch watchDisk(ContainerSpec handle) {
        OptionalLong quota = DiskQuota.bytes(task.getResourcesList());
        return node.identity().isolators().diskQuota().watch(handle.sandbox(), () -> quota, exceeded -> {
            diskExceeded = exceeded;
            node.runtime().signal(handle, ContainerRuntime.Signal.KILL);
        });
    }

    /** The node was rebooted, so the container is gone: the task ends by Mesos' rule for an executor that doesn't return. */
    @Override
    public void endByReboot() throws InterruptedException {
        if (!isTerminal()) {
            enterEnd();
            end(agentStatus(goneOrLost())
                    .setReason(TaskStatus.Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT)
                    .setMessage("Executor did not reregister: the node was rebooted")
                    .build());
        }
        remove(handle(), -1);
    }

    /** Returns true when the container runs, or ran; false when the task has ended without it. */
    private boolean launchContainer() throws InterruptedException {
        try {
            if (killedBeforeStart()) {
                return false;
            }
            long began = System.nanoTime();
            refuseUnsupported();
            boolean again = latest != TaskState.TASK_STAGING;
            whileNotKilled(() -> base = node.identity().bases().provide(task.getContainer(), again, progress));
            if (killedBeforeStart()) {
                return false;
            }
            ContainerUser user = prepareSandbox();
            ContainerSpec spec = spec(user);
            if (!again) {
                whileNotKilled(() -> fetch(user));
                if (killedBeforeStart()) {
                    return false;
                }
                update(executorUpdate(TaskState.TASK_STARTING));
            }
            long prepared = System.nanoTime();
            if (killedBeforeStart()) {
                return false;
            }
            node.runtime().start(spec);
            long started = System.nanoTime();
            update(executorUpdate(TaskState.TASK_RUNNING));
            log.debug(
                    "Launch of {}: queued and written {} us, sandbox, files and STARTING {} us, container {} us, RUNNING written {} us",
                    key,
                    (began - acceptedNanos) / 1000,
                    (prepared - began) / 1000,
                    (started - prepared) / 1000,
                    (System.nanoTime() - started) / 1000);
            return true;
        } catch (ContainerLaunchException e) {
            log.info("Cannot launch {}: {}", key, e.getMessage());
            enterEnd();
            end(launchFailure(String.valueOf(e.getMessage())));
            return false;
        }
    }

    private void refuseUnsupported() throws ContainerLaunchException {
        List<String> unsupported = executor == null ? UnsupportedFields.of(task) : UnsupportedFields.inGroup(task);
        if (!unsupported.isEmpty()) {
            throw new ContainerLaunchException("the task asks for what is not supported by this agent: "
                    + String.join(", ", unsupported)
                    + "; leave it out");
        }
        List<String> faults = checks.faults();
        if (!faults.isEmpty()) {
            throw new ContainerLaunchException(String.join("; ", faults));
        }
        if (launch.getCgroup().isEmpty()) {
            throw new ContainerLaunchException("the claim pod's control group is not on this node");
        }
    }

    private ContainerUser prepareSandbox() throws ContainerLaunchException {
        ContainerUser user = base().user(task.getCommand(), framework.getUser());
        if (executor != null) {
            executor.prepare(this, user);
            return user;
        }
        try {
            node.sandboxes()
                    .create(
                            Path.of(launch.getSandbox()),
                            user,
                            node.runtime().preparedSandbox(launch.getContainerId()));
        } catch (IOException e) {
            throw new ContainerLaunchException("Failed to create the sandbox " + launch.getSandbox() + ": " + e, e);
        }
        return user;
    }

    private ContainerBase base() {
        return Objects.requireNonNull(base, "what the container stands on is found before anything else of it");
    }

    private ContainerSpec spec(ContainerUser user) throws ContainerLaunchException {
        ContainerBase on = base();
        Program program = on.program(task.getCommand());
        return new ContainerSpec(
                launch.getContainerId(),
                launch.getCgroup(),
                Path.of(launch.getSandbox()),
                on.rootfs(),
                program.command(),
                program.arguments(),
                TaskEnvironment.of(
                        node.identity(),
                        framework,
                        key.frameworkId(),
                        executorId(),
                        task,
                        launch.getRole(),
                        Path.of(launch.getSandbox()),
                        on.environment(user)),
                user,
                on.workingDirectory(),
                limits(),
                node.identity()
                        .isolators()
                        .prepare(
                                task.getContainer(),
                                task.getResourcesList(),
                                user,
                                Optional.ofNullable(executor).map(DefaultExecutor::sandbox)));
    }

    /** What may take long before the container is there. */
    private interface Preparation {
        void run() throws ContainerLaunchException, InterruptedException;
    }

    /** A kill interrupts it, and then it neither fails nor is done. */
    private void whileNotKilled(Preparation preparation) throws ContainerLaunchException, InterruptedException {
        lock.lock();
        try {
            if (kill != null) {
                return;
            }
            preparing = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        try {
            preparation.run();
        } catch (ContainerLaunchException e) {
            if (!isKilled()) {
                throw e;
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            boolean killed;
            lock.lock();
            try {
                preparing = null;
                killed = kill != null;
            } finally {
                lock.unlock();
            }
            // A kill interrupts the preparation only; the interrupt may also have come just after its end.
            if (killed) {
                Thread.interrupted();
                interrupted = false;
            }
        }
        if (interrupted) {
            throw new InterruptedException("the shim stops");
        }
    }

    private void fetch(ContainerUser user) throws ContainerLaunchException, InterruptedException {
        List<CommandInfo.URI> uris = task.getCommand().getUrisList();
        if (uris.isEmpty()) {
            return;
        }
        try {
            node.fetcher().fetch(uris, Path.of(launch.getSandbox()), user, progress);
        } catch (FetchException e) {
            throw new ContainerLaunchException(
                    "Failed to fetch all URIs for container '" + launch.getContainerId() + "': " + e.getMessage(), e);
        }
    }

    /** Tells the framework how far it is. The task stays STAGING: a restarted shim has to begin anew. */
    private void tellProgress(String message) {
        try {
            append(agentStatus(TaskState.TASK_STAGING).setMessage(message).build());
        } catch (IOException e) {
            log.debug("Nobody hears how far {} is", key, e);
        }
    }

    private boolean isKilled() {
        lock.lock();
        try {
            return kill != null;
        } finally {
            lock.unlock();
        }
    }

    private boolean killedBeforeStart() throws InterruptedException {
        if (!isKilled()) {
            return false;
        }
        // A container of an earlier attempt may exist even though its RUNNING was never written.
        KillCause asked = enterEnd();
        end(
                asked == KillCause.KILL_CAUSE_PREEMPTED
                        ? TaskStatuses.preempted(agentStatus(goneOrLost()))
                        : agentStatus(TaskState.TASK_KILLED)
                                .setReason(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH)
                                .setMessage("Killed before delivery to the executor")
                                .build());
        return true;
    }

    private void afterStart() throws InterruptedException {
        boolean asked;
        lock.lock();
        try {
            phase = Phase.RUNNING;
            asked = kill != null;
        } finally {
            lock.unlock();
        }
        if (asked) {
            carryOutKill();
        } else if (checks.areWanted()) {
            startChecks();
        }
        if (task.getMaxCompletionTime().getNanoseconds() > 0) {
            long since = runningAtMillis == 0 ? node.clock().millis() : runningAtMillis;
            long left = since
                    + TimeUnit.NANOSECONDS.toMillis(task.getMaxCompletionTime().getNanoseconds())
                    - node.clock().millis();
            completionTimer = node.timers()
                    .schedule(
                            () -> Thread.ofVirtual()
                                    .start(() -> kill(KillCause.KILL_CAUSE_MAX_COMPLETION_TIME, Duration.ZERO)),
                            Math.max(0, left),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void startChecks() throws InterruptedException {
        try {
            checks.start(
                    node.runtime(),
                    spec(base(true).user(task.getCommand(), framework.getUser())),
                    Instant.ofEpochMilli(runningAtMillis == 0 ? node.clock().millis() : runningAtMillis),
                    node.clock(),
                    new TaskChecks.Listener() {
                        @Override
                        public void checked() {
                            tell(TaskStatus.Reason.REASON_TASK_CHECK_STATUS_UPDATED);
                        }

                        @Override
                        public void judged(boolean kill) {
                            tell(TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);
                            if (kill) {
                                // Not on the checks' own thread, which a kill interrupts.
                                Thread.ofVirtual().start(() -> kill(KillCause.KILL_CAUSE_UNHEALTHY, ownGrace()));
                            }
                        }
                    });
        } catch (ContainerLaunchException e) {
            // It could be started once, so that is a node whose image has lost what it had.
            log.error("Cannot check {} any more: {}", key, e.getMessage());
        }
    }

    private void tell(TaskStatus.Reason reason) {
        lock.lock();
        try {
            if (phase == Phase.RUNNING && kill == null) {
                append(executorUpdate(TaskState.TASK_RUNNING).toBuilder()
                        .setReason(reason)
                        .build());
            }
        } catch (IOException e) {
            log.warn("Cannot write what the checks of {} show", key, e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks the task to end. Repeated asking can only shorten the grace period, as in Mesos' command executor.
     *
     * @param grace between SIGTERM and SIGKILL
     */
    @Override
    public void kill(KillCause cause, Duration grace) {
        boolean running;
        lock.lock();
        try {
            if (phase == Phase.ENDED && cause != KillCause.KILL_CAUSE_FRAMEWORK_SHUTDOWN) {
                return;
            }
            long now = node.clock().millis();
            Kill before = kill;
            Kill.Builder next = Kill.newBuilder()
                    .setFrameworkId(key.frameworkId())
                    .setTaskId(key.taskId())
                    .setCause(cause)
                    .setAskedAtMillis(now)
                    .setGraceNanos(grace.toNanos());
            if (before != null) {
                boolean sooner = now + grace.toMillis() < deadlineMillis(before);
                if (!sooner) {
                    next.setAskedAtMillis(before.getAskedAtMillis()).setGraceNanos(before.getGraceNanos());
                }
                if (cause != KillCause.KILL_CAUSE_FRAMEWORK_SHUTDOWN) {
                    next.setCause(before.getCause());
                }
            }
            Kill decided = next.build();
            if (decided.equals(before)) {
                return;
            }
            kill = decided;
            write(Entry.newBuilder().setKill(decided).build());
            if (preparing != null) {
                preparing.interrupt();
            }
            running = phase == Phase.RUNNING;
        } finally {
            lock.unlock();
        }
        if (running) {
            carryOutKill();
        }
    }

    private static long deadlineMillis(Kill kill) {
        return kill.getAskedAtMillis() + TimeUnit.NANOSECONDS.toMillis(kill.getGraceNanos());
    }

    private void write(Entry entry) {
        try {
            node.journal().append(entry);
        } catch (IOException e) {
            // A kill that a crash forgets will be asked for again by whoever wanted it; not to kill would be worse.
            log.warn("Cannot write down what happens to {}", key, e);
        }
    }

    private void carryOutKill() {
        Kill asked;
        boolean first;
        lock.lock();
        try {
            asked = kill;
            if (asked == null || phase != Phase.RUNNING) {
                return;
            }
            first = !killing;
            killing = true;
        } finally {
            lock.unlock();
        }
        checks.close();
        long left = deadlineMillis(asked) - node.clock().millis();
        if (first) {
            if (TOLD_KILLS.contains(asked.getCause())
                    && latest == TaskState.TASK_RUNNING
                    && has(FrameworkInfo.Capability.Type.TASK_KILLING_STATE)) {
                try {
                    appendUnlessEnded(killing(asked.getCause()));
                } catch (IOException e) {
                    log.warn("Cannot write TASK_KILLING of {}", key, e);
                }
            }
            if (left > 0) {
                node.runtime().signal(handle(), ContainerRuntime.Signal.TERM);
            }
        }
        lock.lock();
        try {
            if (phase == Phase.ENDED) {
                return;
            }
            if (escalation != null) {
                escalation.cancel(false);
            }
            // Of the kill as it stands now: another may have shortened the grace period while this one sent its signal.
            long remaining =
                    deadlineMillis(kill == null ? asked : kill) - node.clock().millis();
            escalation = node.timers()
                    .schedule(
                            () -> Thread.ofVirtual()
                                    .start(() -> node.runtime().signal(handle(), ContainerRuntime.Signal.KILL)),
                            Math.max(0, remaining),
                            TimeUnit.MILLISECONDS);
        } finally {
            lock.unlock();
        }
    }

    private TaskStatus killing(KillCause cause) {
        TaskStatus status = executorUpdate(TaskState.TASK_KILLING);
        return cause == KillCause.KILL_CAUSE_UNHEALTHY
                ? status.toBuilder().setHealthy(false).build()
                : status;
    }

    private void appendUnlessEnded(TaskStatus status) throws IOException {
        lock.lock();
        try {
            if (phase != Phase.ENDED) {
                append(status);
            }
        } finally {
            lock.unlock();
        }
    }

    /** From here on nothing but the terminal update follows. Returns why the task was killed, if it was. */
    private KillCause enterEnd() {
        lock.lock();
        try {
            phase = Phase.ENDED;
            checks.close();
            if (escalation != null) {
                escalation.cancel(false);
            }
            if (completionTimer != null) {
                completionTimer.cancel(false);
            }
            return kill == null ? KillCause.KILL_CAUSE_UNSPECIFIED : kill.getCause();
        } finally {
            lock.unlock();
        }
    }

    /** RUNNING is never told without a durable record; writing is tried until it works. */
    private void update(TaskStatus status) throws InterruptedException {
        while (true) {
            try {
                append(status);
                return;
            } catch (IOException e) {
                log.warn("Cannot write {} of {}; trying again", status.getState(), key, e);
                Thread.sleep(WRITE_AGAIN_AFTER);
            }
        }
    }

    /** A terminal update is told even when the disk won't take it. */
    private void end(TaskStatus unnamed) {
        TaskStatus status = named(unnamed);
        log.info(
                "{} ended: {} {}",
                key,
                status.getState(),
                status.getMessage().lines().findFirst().orElse(""));
        if (isUnwanted()) {
            latest = status.getState();
            return;
        }
        try {
            append(status);
        } catch (IOException e) {
            log.error("Cannot write {} of {}; it is told from memory", status.getState(), key, e);
            node.streams().appendUnwritten(key, status);
            latest = status.getState();
        }
    }

    private void append(TaskStatus unnamed) throws IOException {
        TaskStatus status = named(unnamed);
        node.streams().append(key, status);
        latest = status.getState();
        if (status.getState() == TaskState.TASK_RUNNING && runningAtMillis == 0) {
            runningAtMillis = (long) (status.getTimestamp() * 1000);
        }
    }

    private TaskStatus named(TaskStatus status) {
        return executor == null
                ? status
                : status.toBuilder()
                        .setExecutorId(ExecutorID.newBuilder().setValue(executorId()))
                        .build();
    }

    private ContainerName name() {
        return executor == null
                ? ContainerName.of(launch.getContainerId())
                : ContainerName.of(executor.self().getExecutorContainerId(), launch.getContainerId());
    }

    /** @param waitStatus of its executor, if that ends with it */
    private void remove(ContainerSpec handle, int waitStatus) throws InterruptedException {
        if (removed) {
            return;
        }
        node.inner().endWithin(name());
        while (true) {
            try {
                node.runtime().remove(handle);
                node.journal()
                        .append(Entry.newBuilder()
                                .setRemoved(Removed.newBuilder()
                                        .setFrameworkId(key.frameworkId())
                                        .setTaskId(key.taskId()))
                                .build());
                break;
            } catch (IOException e) {
                log.warn("Cannot remove the container of {}; trying again", key, e);
                Thread.sleep(WRITE_AGAIN_AFTER);
            }
        }
        node.sandboxes().ended(handle.sandbox());
        removed = true;
        node.executors().left(this, executor, waitStatus);
    }

    private TaskStatus executorUpdate(TaskState state) {
        TaskStatus.Builder status =
                TaskStatuses.byExecutor(node.identity().agentId(), task, state, seconds(), containerStatus);
        if (state == TaskState.TASK_RUNNING) {
            checks.addTo(status);
        }
        return status.build();
    }

    private TaskStatus launchFailure(String message) {
        return agentStatus(TaskState.TASK_FAILED)
                .setReason(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED)
                .setMessage("Failed to launch container: " + message)
                .build();
    }

    /** The task could not even be written down. */
    @Override
    public void refuse(String message) {
        enterEnd();
        TaskStatus status = named(launchFailure(message));
        node.streams().appendUnwritten(key, status);
        latest = status.getState();
        removed = true;
        node.executors().left(this, executor, 0);
    }

    private boolean has(FrameworkInfo.Capability.Type capability) {
        return framework.getCapabilitiesList().stream().anyMatch(c -> c.getType() == capability);
    }

    private double seconds() {
        return node.clock().millis() / 1000.0;
    }

    /** The grace period of a kill that names none. */
    @Override
    public Duration ownGrace() {
        return task.getKillPolicy().hasGracePeriod()
                ? Duration.ofNanos(task.getKillPolicy().getGracePeriod().getNanoseconds())
                : DEFAULT_GRACE;
    }
}
