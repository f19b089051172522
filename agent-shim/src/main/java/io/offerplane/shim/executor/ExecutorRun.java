package io.offerplane.shim.executor;

import com.google.protobuf.ByteString;
import io.offerplane.shim.cgroup.ContainerUsage;
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
import io.offerplane.shim.image.ContainerBase;
import io.offerplane.shim.image.ContainerBases;
import io.offerplane.shim.isolator.DiskQuota;
import io.offerplane.shim.journal.ExecutorKey;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.ExecutorLaunch;
import io.offerplane.shim.journal.v1.ExecutorProgress;
import io.offerplane.shim.journal.v1.ExecutorRemoved;
import io.offerplane.shim.journal.v1.ExecutorShutdown;
import io.offerplane.shim.journal.v1.ExecutorStage;
import io.offerplane.shim.journal.v1.ShutdownCause;
import io.offerplane.shim.task.DiskLimitation;
import io.offerplane.shim.task.HostContainer;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.TaskStatuses;
import io.offerplane.shim.task.UnsupportedFields;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One custom executor's way: written down with its first task, files fetched, container started, subscribed, given tasks, ended,
 * its tasks ended with it, removed. Each step is durable, or repeatable, before the next begins; a restarted shim runs the same
 * method. Everything but {@link #run} returns without waiting for the executor. Safe for use by several threads.
 *
 * <p>Source of the behaviour: Mesos 1.11 slave.cpp.
 */
final class ExecutorRun {

    private static final Logger log = LoggerFactory.getLogger(ExecutorRun.class);

    /** Mesos' EXECUTOR_SHUTDOWN_GRACE_PERIOD. */
    static final Duration DEFAULT_SHUTDOWN_GRACE = Duration.ofSeconds(5);

    /** What a task's executor is told when neither KILL nor the task says otherwise. */
    static final Duration DEFAULT_KILL_GRACE = Duration.ofSeconds(3);

    private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);

    private final ExecutorNode node;
    private final ExecutorKey key;
    private final ExecutorLaunch launch;
    private final FrameworkInfo framework;
    private final ExecutorInfo info;
    private final Consumer<ExecutorRun> starter;
    private final BiConsumer<ExecutorRun, Integer> gone;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock. In order of arrival, live ones only.
    private final Map<String, ExecutorTask> tasks = new LinkedHashMap<>();
    private @Nullable ExecutorConnection stream;
    private @Nullable ExecutorShutdown shutdown;
    private @Nullable Thread preparing;
    private @Nullable Future<?> silence;
    private @Nullable DriverReconnection reconnection;
    private String driverPid;
    private @Nullable Future<?> escalation;
    private boolean written;
    private boolean fetched;
    private boolean subscribedOnce;
    private boolean running;
    private boolean ended;
    private OptionalLong memoryLimit = OptionalLong.empty();
    private @Nullable ContainerLimits applied;
    private boolean going;
    private boolean listening;
    private volatile DiskQuota.@Nullable Exceeded diskExceeded;

    /**
     * @param written whether the launch is in the journal already
     * @param shutdown begun by an earlier shim
     * @param starter has {@link #run} called on a thread of its own
     * @param gone told when nothing of it is left, with how it ended as wait(2) encodes that, or -1
     */
    ExecutorRun(
            ExecutorNode node,
            ExecutorLaunch launch,
            @Nullable ExecutorShutdown shutdown,
            boolean written,
            Consumer<ExecutorRun> starter,
            BiConsumer<ExecutorRun, Integer> gone)
            throws IOException {
        this.node = node;
        this.launch = launch;
        this.shutdown = shutdown;
        this.written = written;
        this.starter = starter;
        this.gone = gone;
        this.key = new ExecutorKey(launch.getFrameworkId(), launch.getExecutorId());
        this.framework = FrameworkInfo.parseFrom(launch.getFrameworkInfo());
        this.info = ExecutorInfo.parseFrom(launch.getExecutorInfo());
        this.fetched = launch.getStage() != ExecutorStage.EXECUTOR_STAGE_UNSPECIFIED;
        this.subscribedOnce = launch.getStage() == ExecutorStage.EXECUTOR_STAGE_SUBSCRIBED;
        this.driverPid = launch.getDriverPid();
    }

    ExecutorKey key() {
        return key;
    }

    ExecutorLaunch launch() {
        return launch;
    }

    /** For those who look. */
    Executors.View view() {
        lock.lock();
        try {
            Executors.Stage stage;
            if (ended || shutdown != null) {
                stage = Executors.Stage.TERMINATING;
            } else {
                stage = stream == null ? Executors.Stage.REGISTERING : Executors.Stage.RUNNING;
            }
            return new Executors.View(
                    key,
                    framework,
                    info,
                    launch.getRole(),
                    launch.getContainerId(),
                    launch.getSandbox(),
                    launch.getCgroup(),
                    stage,
                    tasks.values().stream()
                            .filter(task -> !task.isHandedOver())
                            .map(task -> task.key().taskId())
                            .collect(Collectors.toSet()));
        } finally {
            lock.unlock();
        }
    }

    /** The container as far as removing, signalling and measuring it goes. */
    ContainerSpec handle() {
        return ContainerSpec.handle(
                launch.getContainerId(),
                launch.getCgroup(),
                Path.of(launch.getSandbox()),
                node.identity().get().bases().usual(),
                limits());
    }

    /** What it was started with, for what is to run in it or within it; empty while it isn't there. */
    Optional<HostContainer> host() throws ContainerLaunchException, InterruptedException {
        lock.lock();
        try {
            if (ended || !(running || subscribedOnce)) {
                return Optional.empty();
            }
        } finally {
            lock.unlock();
        }
        ContainerBase base = node.identity().get().bases().provide(info.getContainer(), true, (image, bytes) -> {});
        return Optional.of(new HostContainer(
                ContainerName.of(launch.getContainerId()),
                spec(base, base.user(info.getCommand(), framework.getUser())),
                true,
                Path.of(launch.getSandbox()),
                key.frameworkId(),
                key.executorId(),
                framework.getUser()));
    }

    private ContainerSpec spec(ContainerBase base, ContainerUser user) throws ContainerLaunchException {
        NodeIdentity identity = node.identity().get();
        Program program = base.program(info.getCommand());
        return new ContainerSpec(
                launch.getContainerId(),
                launch.getCgroup(),
                Path.of(launch.getSandbox()),
                base.rootfs(),
                program.command(),
                program.arguments(),
                ExecutorEnvironment.of(identity, framework, info, launch, shutdownGrace(), base.environment(user)),
                user,
                base.workingDirectory(),
                limits(),
                identity.isolators().prepare(info.getContainer(), info.getResourcesList(), user));
    }

    private ContainerLimits limits() {
        lock.lock();
        try {
            List<TaskInfo> held =
                    tasks.values().stream().map(ExecutorTask::task).toList();
            ContainerLimits limits = ExecutorLimits.of(node.identity().get(), info, held, memoryLimit);
            memoryLimit = limits.memoryLimitBytes();
            return limits;
        } finally {
            lock.unlock();
        }
    }

    /** Takes tasks on; false when it is ending, so that no task can reach it any more. */
    boolean enrol(List<ExecutorTask> together) {
        lock.lock();
        try {
            if (shutdown != null || ended) {
                return false;
            }
            together.forEach(task -> tasks.put(task.key().taskId(), task));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes up a task that an earlier shim had taken on, whatever became of the executor since. */
    void restore(ExecutorTask task) {
        lock.lock();
        try {
            if (!task.isTerminal()) {
                tasks.put(task.key().taskId(), task);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Puts the executor on disk, before the first of its tasks. */
    void ensureWritten() throws IOException {
        lock.lock();
        try {
            if (!written) {
                node.journal()
                        .append(Entry.newBuilder().setExecutorLaunch(launch).build());
                written = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Goes the way from wherever it is to its end. On interruption everything stays as it is, for the next shim. */
    void run() throws InterruptedException {
        int waitStatus = -1;
        try {
            if (!launch.getCgroup().isEmpty() && !isShutDownBeforeStart()) {
                start();
                watchSilence();
                ContainerExit exit;
                DiskQuota.Watch watch = watchDisk();
                try {
                    exit = node.runtime().awaitExit(handle());
                } finally {
                    watch.close();
                }
                waitStatus = exit.status().encoded();
                endTasks(exit);
            } else if (launch.getCgroup().isEmpty()) {
                throw new ContainerLaunchException("the claim pod's control group is not on this node");
            } else {
                endTasks(new ContainerExit(new WaitStatus.Unknown(), Optional.empty()));
            }
        } catch (ContainerLaunchException e) {
            log.info("Cannot launch {}: {}", key, e.getMessage());
            String message = String.valueOf(e.getMessage());
            enterEnd().forEach(task -> task.refuse(message));
        }
        remove(waitStatus);
    }

    /** The sandbox is the executor's and all its tasks'. */
    private DiskQuota.Watch watchDisk() {
        return node.identity()
                .get()
                .isolators()
                .diskQuota()
                .watch(Path.of(launch.getSandbox()), this::disk, exceeded -> {
                    diskExceeded = exceeded;
                    node.runtime().signal(handle(), ContainerRuntime.Signal.KILL);
                });
    }

    private OptionalLong disk() {
        lock.lock();
        try {
            List<Resource> all = new ArrayList<>(info.getResourcesList());
            tasks.values().forEach(task -> all.addAll(task.task().getResourcesList()));
            return DiskQuota.bytes(all);
        } finally {
            lock.unlock();
        }
    }

    /** The node was rebooted: its tasks end by themselves. */
    void endByReboot() throws InterruptedException {
        enterEnd().forEach(ExecutorTask::endByReboot);
        remove(-1);
    }

    private boolean isShutDownBeforeStart() {
        lock.lock();
        try {
            boolean nothingToDo = !subscribedOnce && tasks.isEmpty();
            return !fetched && (shutdown != null || nothingToDo);
        } finally {
            lock.unlock();
        }
    }

    private void start() throws ContainerLaunchException, InterruptedException {
        List<String> unsupported = new ArrayList<>(UnsupportedFields.of(info));
        lock.lock();
        try {
            tasks.values().forEach(task -> unsupported.addAll(UnsupportedFields.ofTaskInExecutor(task.task())));
        } finally {
            lock.unlock();
        }
        if (!unsupported.isEmpty()) {
            throw new ContainerLaunchException("the executor or its task asks for what is not supported by this agent: "
                    + String.join(", ", unsupported));
        }
        ContainerBase base = provideBase();
        ContainerUser user = base.user(info.getCommand(), framework.getUser());
        Path sandbox = Path.of(launch.getSandbox());
        try {
            node.sandboxes().create(sandbox, user);
        } catch (IOException e) {
            throw new ContainerLaunchException("Failed to create the sandbox " + sandbox + ": " + e, e);
        }
        if (!fetched) {
            whileNotShutDown(() -> fetch(user));
            progress(ExecutorStage.EXECUTOR_STAGE_FETCHED);
            fetched = true;
        }
        ContainerSpec spec = spec(base, user);
        node.runtime().start(spec);
        boolean ending;
        lock.lock();
        try {
            running = true;
            applied = spec.limits();
            ending = shutdown != null;
        } finally {
            lock.unlock();
        }
        // One that an earlier shim raised stays: what is in memory would not fit otherwise.
        Optional<ContainerUsage> usage = node.runtime().usage(handle());
        if (usage.isPresent() && usage.get().memoryLimitBytes().isPresent()) {
            lock.lock();
            try {
                long set = usage.get().memoryLimitBytes().getAsLong();
                memoryLimit = OptionalLong.of(Math.max(set, memoryLimit.orElse(set)));
            } finally {
                lock.unlock();
            }
        }
        if (ending) {
            escalate();
        }
    }

    private ContainerBase provideBase() throws ContainerLaunchException, InterruptedException {
        ContainerBases bases = node.identity().get().bases();
        if (fetched) {
            // It may be running already, and is shut down in its own way.
            return bases.provide(info.getContainer(), true, (image, bytes) -> {});
        }
        AtomicReference<@Nullable ContainerBase> found = new AtomicReference<>();
        whileNotShutDown(() -> found.set(bases.provide(
                info.getContainer(),
                false,
                (image, bytes) -> log.info("Pulling image '{}' for {}: {} bytes so far", image, key, bytes))));
        return Objects.requireNonNull(found.get(), "it is there unless the executor is shut down");
    }

    private void fetch(ContainerUser user) throws ContainerLaunchException, InterruptedException {
        try {
            node.fetcher().fetch(info.getCommand().getUrisList(), Path.of(launch.getSandbox()), user);
        } catch (FetchException e) {
            throw new ContainerLaunchException(
                    "Failed to fetch all URIs for container '" + launch.getContainerId() + "': " + e.getMessage(), e);
        }
    }

    /** What may take long before the container is there. */
    private interface Preparation {
        void run() throws ContainerLaunchException, InterruptedException;
    }

    /** @throws ContainerLaunchException when it is shut down, before or meanwhile */
    private void whileNotShutDown(Preparation preparation) throws ContainerLaunchException, InterruptedException {
        boolean interrupted = false;
        try {
            lock.lock();
            try {
                if (shutdown != null) {
                    throw new ContainerLaunchException("Executor terminating");
                }
                preparing = Thread.currentThread();
            } finally {
                lock.unlock();
            }
            preparation.run();
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            lock.lock();
            try {
                preparing = null;
                if (shutdown != null) {
                    Thread.interrupted();
                }
            } finally {
                lock.unlock();
            }
        }
        if (isShutDown()) {
            throw new ContainerLaunchException("Executor terminating");
        }
        if (interrupted) {
            throw new InterruptedException("the shim stops");
        }
    }

    private void progress(ExecutorStage stage) throws InterruptedException {
        repeat("Cannot write down how far " + key + " has come", () -> node.journal()
                .append(Entry.newBuilder()
                        .setExecutorProgress(ExecutorProgress.newBuilder()
                                .setFrameworkId(key.frameworkId())
                                .setExecutorId(key.executorId())
                                .setStage(stage)
                                .setDriverPid(driverPid))
                        .build()));
    }

    private boolean isShutDown() {
        lock.lock();
        try {
            return shutdown != null;
        } finally {
            lock.unlock();
        }
    }

    /** An executor that doesn't (re)subscribe is ended. */
    private void watchSilence() {
        lock.lock();
        try {
            if (stream != null || ended || shutdown != null) {
                return;
            }
            boolean before = subscribedOnce;
            Duration patience =
                    before ? node.timeouts().reregistration() : node.timeouts().registration();
            silence = node.timers()
                    .schedule(
                            () -> Thread.ofVirtual()
                                    .start(() -> shutdown(
                                            before
                                                    ? ShutdownCause.SHUTDOWN_CAUSE_REREGISTRATION_TIMEOUT
                                                    : ShutdownCause.SHUTDOWN_CAUSE_REGISTRATION_TIMEOUT,
                                            Duration.ZERO)),
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
            askBack();
        } finally {
            lock.unlock();
        }
    }

    /** This node listens from now on: who is asked to come back can. */
    void listening() {
        lock.lock();
        try {
            listening = true;
            askBack();
        } finally {
            lock.unlock();
        }
    }

    private void stopAskingBack() {
        if (reconnection != null) {
            reconnection.close();
            reconnection = null;
        }
    }

    private void askBack() {
        boolean awaited = silence != null && subscribedOnce && stream == null && !ended && shutdown == null;
        if (listening && awaited && reconnection == null && !driverPid.isEmpty()) {
            reconnection = DriverReconnection.begin(node, key, driverPid);
        }
    }

    // --- what the executor says

    /**
     * A subscription, which takes the place of an earlier one.
     *
     * @param self this node, as the executor is told of it
     */
    void subscribe(Call.Subscribe call, ExecutorConnection to, AgentInfo self) throws InterruptedException {
        boolean first;
        lock.lock();
        try {
            if (stream != null) {
                stream.close();
            }
            stream = null;
            if (ended || shutdown != null) {
                to.send(event(Event.Type.SHUTDOWN).build());
                to.close();
                return;
            }
            if (silence != null) {
                silence.cancel(false);
                silence = null;
            }
            stopAskingBack();
            first = !subscribedOnce;
            if (first || !driverPid.equals(to.driverPid())) {
                driverPid = to.driverPid();
                progress(ExecutorStage.EXECUTOR_STAGE_SUBSCRIBED);
                subscribedOnce = true;
            }
            to.send(event(Event.Type.SUBSCRIBED)
                    .setSubscribed(Event.Subscribed.newBuilder()
                            .setExecutorInfo(info)
                            .setFrameworkInfo(framework)
                            .setAgentInfo(self)
                            .setContainerId(ContainerID.newBuilder().setValue(launch.getContainerId())))
                    .build());
            stream = to;
        } finally {
            lock.unlock();
        }
        log.info("{} has subscribed", key);
        for (Call.Update update : call.getUnacknowledgedUpdatesList()) {
            update(update.getStatus());
        }
        dropUnknown(call.getUnacknowledgedTasksList());
        ready();
        repeatKills();
        boolean idle;
        lock.lock();
        try {
            // One whose tasks were all killed before it was there has nothing to wait for.
            idle = first && tasks.isEmpty();
        } finally {
            lock.unlock();
        }
        if (idle) {
            shutdown(ShutdownCause.SHUTDOWN_CAUSE_ASKED, shutdownGrace());
        }
    }

    /** A task that was handed over, that has not been heard of since, and that the executor doesn't have, was lost on the way. */
    private void dropUnknown(List<TaskInfo> known) {
        Set<String> ids = known.stream().map(t -> t.getTaskId().getValue()).collect(Collectors.toSet());
        List<ExecutorTask> lost;
        lock.lock();
        try {
            lost = tasks.values().stream()
                    .filter(t -> t.isHandedOver()
                            && t.latest() == TaskState.TASK_STAGING
                            && !ids.contains(t.key().taskId()))
                    .toList();
        } finally {
            lock.unlock();
        }
        lost.forEach(task ->
                task.endDropped(TaskStatus.Reason.REASON_AGENT_RESTARTED, "Task launched during agent restart"));
    }

    private void repeatKills() {
        List<ExecutorTask> killed;
        lock.lock();
        try {
            killed = tasks.values().stream().filter(ExecutorTask::isKilled).toList();
        } finally {
            lock.unlock();
        }
        killed.forEach(this::kill);
    }

    /** The subscription's connection is gone; the executor may come back. */
    void unsubscribed(ExecutorConnection which) {
        lock.lock();
        try {
            if (which.equals(stream)) {
                stream = null;
                log.info("{} has lost its connection", key);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isSubscribed() {
        lock.lock();
        try {
            return stream != null;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has ever been here, to this shim or an earlier one. */
    boolean hasSubscribed() {
        lock.lock();
        try {
            return subscribedOnce;
        } finally {
            lock.unlock();
        }
    }

    /** Where its v0 driver is connected from; empty when it isn't, or speaks v1. */
    String connectedPid() {
        lock.lock();
        try {
            return stream == null ? "" : stream.driverPid();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the executor to the next shim. */
    void disconnect() {
        lock.lock();
        try {
            stopAskingBack();
            if (stream != null) {
                stream.close();
                stream = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** An update; acknowledged to the executor when it is on disk, whatever the framework does. */
    void update(TaskStatus status) {
        ExecutorTask task;
        lock.lock();
        try {
            task = tasks.get(status.getTaskId().getValue());
        } finally {
            lock.unlock();
        }
        if (task == null) {
            // Mesos passes such updates on; here nobody could acknowledge them on the task's behalf.
            log.debug(
                    "{} tells of task {}, which it has not, or not any more",
                    key,
                    status.getTaskId().getValue());
            acknowledge(status);
            return;
        }
        switch (task.update(status)) {
            case STORED, REPEATED, LATE -> acknowledge(status);
            case NOT_STORED -> {}
        }
    }

    private void acknowledge(TaskStatus status) {
        send(event(Event.Type.ACKNOWLEDGED)
                .setAcknowledged(Event.Acknowledged.newBuilder()
                        .setTaskId(status.getTaskId())
                        .setUuid(status.getUuid()))
                .build());
    }

    // --- what the executor is told

    /** Some task is written, or over: starts the executor if need be, and hands over what waits, in order of arrival. */
    void ready() {
        lock.lock();
        try {
            if (!going) {
                going = true;
                starter.accept(this);
            }
            if (stream == null || shutdown != null) {
                return;
            }
            for (List<ExecutorTask> delivery : Deliveries.waiting(List.copyOf(tasks.values()))) {
                deliver(delivery, stream);
            }
        } finally {
            lock.unlock();
        }
    }

    private void deliver(List<ExecutorTask> delivery, ExecutorConnection to) {
        List<String> unsupported = delivery.stream()
                .flatMap(task -> UnsupportedFields.ofTaskInExecutor(task.task()).stream())
                .distinct()
                .toList();
        if (!unsupported.isEmpty()) {
            delivery.forEach(task -> task.refuse(
                    "the task asks for what is not supported by this agent: " + String.join(", ", unsupported)));
            return;
        }
        if (!to.driverPid().isEmpty() && !delivery.getFirst().group().isEmpty()) {
            // There is no message for it.
            delivery.forEach(task -> task.refuse(
                    "task groups are for executors that use the v1 executor API, and this one has a v0 driver"));
            return;
        }
        applyLimits();
        try {
            ExecutorTask.handOver(node, delivery);
        } catch (IOException e) {
            delivery.forEach(task -> task.refuse("the node can't write to its disk: " + e.getMessage()));
            return;
        }
        send(Deliveries.event(delivery));
    }

    /** Carries out a task's kill, which is on disk. */
    void kill(ExecutorTask task) {
        List<ExecutorTask> rest = List.of();
        lock.lock();
        try {
            if (!task.isHandedOver()) {
                rest = new ArrayList<>(Deliveries.group(tasks.values(), task));
                rest.remove(task);
                rest.add(task);
            }
        } finally {
            lock.unlock();
        }
        if (!rest.isEmpty()) {
            // A group that is no whole any more isn't handed over at all, as in Mesos.
            rest.forEach(ExecutorTask::endUndelivered);
            return;
        }
        send(event(Event.Type.KILL)
                .setKill(Event.Kill.newBuilder()
                        .setTaskId(task.task().getTaskId())
                        .setKillPolicy(org.apache.mesos.v1.Protos.KillPolicy.newBuilder()
                                .setGracePeriod(org.apache.mesos.v1.Protos.DurationInfo.newBuilder()
                                        .setNanoseconds(task.killGrace().toNanos()))))
                .build());
    }

    /** Hands on a framework's message, if there is a stream to put it in; lost otherwise, as in Mesos. */
    void message(ByteString data) {
        send(event(Event.Type.MESSAGE)
                .setMessage(Event.Message.newBuilder().setData(data))
                .build());
    }

    private void send(Event event) {
        lock.lock();
        try {
            if (stream != null) {
                stream.send(event);
            }
        } finally {
            lock.unlock();
        }
    }

    private static Event.Builder event(Event.Type type) {
        return Event.newBuilder().setType(type);
    }

    void taskEnded(ExecutorTask task) {
        lock.lock();
        try {
            tasks.remove(task.key().taskId(), task);
            if (ended || !running) {
                return;
            }
        } finally {
            lock.unlock();
        }
        // Not on the thread of the executor's own call.
        Thread.ofVirtual().start(this::applyLimits);
    }

    private void applyLimits() {
        lock.lock();
        try {
            ContainerSpec wanted = handle();
            if (!running || ended || wanted.limits().equals(applied)) {
                return;
            }
            node.runtime().update(wanted);
            applied = wanted.limits();
        } catch (IOException e) {
            log.warn("Cannot set the limits of {}", key, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    // --- its end

    /** How long it may take to shut down. */
    Duration shutdownGrace() {
        return info.hasShutdownGracePeriod()
                ? Duration.ofNanos(info.getShutdownGracePeriod().getNanoseconds())
                : DEFAULT_SHUTDOWN_GRACE;
    }

    /** Asks it to end, and ends it after the grace period. Repeated asking can only shorten that. */
    void shutdown(ShutdownCause cause, Duration grace) {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            long now = node.clock().millis();
            ExecutorShutdown before = shutdown;
            if (before != null && now + grace.toMillis() >= deadlineMillis(before)) {
                return;
            }
            boolean timeout = cause == ShutdownCause.SHUTDOWN_CAUSE_REGISTRATION_TIMEOUT
                    || cause == ShutdownCause.SHUTDOWN_CAUSE_REREGISTRATION_TIMEOUT;
            if (timeout && stream != null) {
                // It came in the same instant.
                return;
            }
            ExecutorShutdown asked = ExecutorShutdown.newBuilder()
                    .setFrameworkId(key.frameworkId())
                    .setExecutorId(key.executorId())
                    .setCause(before == null ? cause : before.getCause())
                    .setGraceNanos(grace.toNanos())
                    .setAskedAtMillis(now)
                    .build();
            try {
                node.journal()
                        .append(Entry.newBuilder().setExecutorShutdown(asked).build());
            } catch (IOException e) {
                log.warn("Cannot write down the shutdown of {}", key, e);
            }
            shutdown = asked;
            if (preparing != null) {
                preparing.interrupt();
            }
            if (before == null) {
                send(event(Event.Type.SHUTDOWN).build());
            }
            if (!running) {
                return;
            }
        } finally {
            lock.unlock();
        }
        escalate();
    }

    private static long deadlineMillis(ExecutorShutdown shutdown) {
        return shutdown.getAskedAtMillis() + TimeUnit.NANOSECONDS.toMillis(shutdown.getGraceNanos());
    }

    private void escalate() {
        lock.lock();
        try {
            ExecutorShutdown asked = shutdown;
            if (asked == null || ended) {
                return;
            }
            if (escalation != null) {
                escalation.cancel(false);
            }
            long left = deadlineMillis(asked) - node.clock().millis();
            escalation = node.timers()
                    .schedule(
                            () -> Thread.ofVirtual()
                                    .start(() -> node.runtime().signal(handle(), ContainerRuntime.Signal.KILL)),
                            Math.max(0, left),
                            TimeUnit.MILLISECONDS);
        } finally {
            lock.unlock();
        }
    }

    /** From here on no task is taken and nothing is sent. Returns the tasks that are left. */
    private List<ExecutorTask> enterEnd() {
        lock.lock();
        try {
            ended = true;
            for (Future<?> timer : java.util.Arrays.asList(silence, escalation)) {
                if (timer != null) {
                    timer.cancel(false);
                }
            }
            stopAskingBack();
            if (stream != null) {
                stream.close();
                stream = null;
            }
            return List.copyOf(tasks.values());
        } finally {
            lock.unlock();
        }
    }

    private void endTasks(ContainerExit exit) {
        List<ExecutorTask> left = enterEnd();
        ShutdownCause cause = shutdown == null ? ShutdownCause.SHUTDOWN_CAUSE_UNSPECIFIED : shutdown.getCause();
        log.info("{} {}, with {} tasks left", key, exit.status(), left.size());
        for (ExecutorTask task : left) {
            if (exit.outOfMemory().isPresent()) {
                ContainerExit.OutOfMemory memory = exit.outOfMemory().get();
                task.endOutOfMemory(
                        new ContainerExit.OutOfMemory(memoryLimit, memory.peakBytes(), memory.statistics()));
                continue;
            }
            DiskQuota.Exceeded exceeded = diskExceeded;
            if (exceeded != null) {
                task.end(DiskLimitation.of(task.agentStatus(TaskState.TASK_FAILED), exceeded));
                continue;
            }
            switch (cause) {
                case SHUTDOWN_CAUSE_REGISTRATION_TIMEOUT ->
                    task.end(task.agentStatus(TaskState.TASK_FAILED)
                            .setReason(TaskStatus.Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT)
                            .setMessage("Executor did not register within "
                                    + ExecutorEnvironment.text(node.timeouts().registration()))
                            .build());
                case SHUTDOWN_CAUSE_REREGISTRATION_TIMEOUT ->
                    task.end(task.agentStatus(task.goneOrLost())
                            .setReason(TaskStatus.Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT)
                            .setMessage("Executor did not reregister within "
                                    + ExecutorEnvironment.text(node.timeouts().reregistration()))
                            .build());
                case SHUTDOWN_CAUSE_PREEMPTED -> task.end(TaskStatuses.preempted(task.agentStatus(task.goneOrLost())));
                case SHUTDOWN_CAUSE_UNSPECIFIED, SHUTDOWN_CAUSE_ASKED, SHUTDOWN_CAUSE_FRAMEWORK, UNRECOGNIZED ->
                    task.end(task.agentStatus(TaskState.TASK_FAILED)
                            .setReason(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED)
                            .setMessage("Executor terminated")
                            .build());
            }
        }
    }

    private void remove(int waitStatus) throws InterruptedException {
        node.inner().endWithin(ContainerName.of(launch.getContainerId()));
        repeat("Cannot remove the container of " + key, () -> {
            node.runtime().remove(handle());
            node.journal()
                    .append(Entry.newBuilder()
                            .setExecutorRemoved(ExecutorRemoved.newBuilder()
                                    .setFrameworkId(key.frameworkId())
                                    .setExecutorId(key.executorId()))
                            .build());
        });
        node.sandboxes().ended(Path.of(launch.getSandbox()));
        gone.accept(this, waitStatus);
    }

    private interface Step {
        void take() throws IOException, InterruptedException;
    }

    private static void repeat(String failure, Step step) throws InterruptedException {
        while (true) {
            try {
                step.take();
                return;
            } catch (IOException e) {
                log.warn("{}; trying again", failure, e);
                Thread.sleep(AGAIN_AFTER);
            }
        }
    }
}
