package io.offerplane.shim.executor;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.link.v1.ExecutorExited;
import io.offerplane.protocol.link.v1.ExecutorMessage;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.journal.ExecutorKey;
import io.offerplane.shim.journal.JournalState;
import io.offerplane.shim.journal.v1.ExecutorLaunch;
import io.offerplane.shim.journal.v1.Kill;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.journal.v1.ShutdownCause;
import io.offerplane.shim.task.ExecutorHost;
import io.offerplane.shim.task.HostContainer;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.TaskLife;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All custom executors of the node. Safe for use by several threads; launches must come in their order. */
public final class Executors implements ExecutorHost, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Executors.class);
    private static final int TOKEN_BYTES = 32;

    private final ExecutorNode node;
    private final ThreadFactory threads;
    private final Consumer<FromAgent> sender;
    private final SecureRandom random = new SecureRandom();
    private final Map<ExecutorKey, ExecutorRun> runs = new ConcurrentHashMap<>();
    private final Set<Thread> going = ConcurrentHashMap.newKeySet();

    /**
     * @param threads where executors go their ways; virtual ones outside tests
     * @param sender hands a message to the link, or drops it while there is none; never blocks
     */
    public Executors(ExecutorNode node, ThreadFactory threads, Consumer<FromAgent> sender) {
        this.node = node;
        this.threads = threads;
        this.sender = sender;
    }

    /** Takes up what an earlier shim held; before any task is restored. */
    public void recover(JournalState state) throws IOException {
        for (var entry : state.executors().entrySet()) {
            ExecutorRun run = new ExecutorRun(
                    node,
                    entry.getValue().launch(),
                    entry.getValue().shutdown().orElse(null),
                    true,
                    this::start,
                    this::gone);
            runs.put(entry.getKey(), run);
        }
    }

    /** Lets what was taken up go on; when all tasks are restored. */
    public void resume(boolean rebooted) {
        for (ExecutorRun run : List.copyOf(runs.values())) {
            if (rebooted) {
                start(run, true);
            } else {
                run.ready();
            }
        }
    }

    /** This node answers on its HTTP port from now on: executors of an earlier shim are asked to come back. */
    public void listening() {
        runs.values().forEach(ExecutorRun::listening);
    }

    private void start(ExecutorRun run) {
        start(run, false);
    }

    private void start(ExecutorRun run, boolean rebooted) {
        Thread thread = threads.newThread(() -> {
            try {
                if (rebooted) {
                    run.endByReboot();
                } else {
                    run.run();
                }
            } catch (InterruptedException e) {
                log.debug("{} is left to the next shim", run.key());
            } finally {
                going.remove(Thread.currentThread());
            }
        });
        going.add(thread);
        thread.start();
    }

    @Override
    public TaskLife accept(Launch launch, TaskInfo task, NodeIdentity identity, String taskGroup) throws IOException {
        return acceptGroup(List.of(launch), task.getExecutor(), identity, taskGroup)
                .getFirst();
    }

    @Override
    public List<TaskLife> acceptGroup(List<Launch> launches, ExecutorInfo info, NodeIdentity identity, String taskGroup)
            throws IOException {
        Launch first = launches.getFirst();
        ExecutorKey key = new ExecutorKey(first.getFrameworkId(), first.getExecutorId());
        ExecutorRun known = runs.get(key);
        if (known != null) {
            List<ExecutorTask> tasks = tasks(launches, known);
            if (!known.enrol(tasks)) {
                tasks.forEach(
                        task -> task.endDropped(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED, "Executor terminating"));
            }
            return List.copyOf(tasks);
        }
        String containerId = UUID.randomUUID().toString();
        byte[] token = new byte[TOKEN_BYTES];
        random.nextBytes(token);
        ExecutorLaunch.Builder executor = ExecutorLaunch.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setExecutorId(key.executorId())
                .setFrameworkInfo(first.getFrameworkInfo())
                .setExecutorInfo(info.toByteString())
                .setContainerId(containerId)
                .setRole(first.getRole())
                .setToken(HexFormat.of().formatHex(token));
        String fault = null;
        try {
            executor.setSandbox(node.sandboxes()
                    .path(identity.agentId(), key.frameworkId(), key.executorId(), containerId)
                    .toString());
        } catch (IllegalArgumentException e) {
            fault = String.valueOf(e.getMessage());
        }
        if (!taskGroup.isEmpty()) {
            executor.setCgroup(taskGroup + "/" + containerId);
        }
        ExecutorRun started = new ExecutorRun(node, executor.build(), null, false, this::start, this::gone);
        List<ExecutorTask> tasks = tasks(launches, started);
        if (fault != null) {
            String why = fault;
            tasks.forEach(task -> task.refuse(why));
            return List.copyOf(tasks);
        }
        started.enrol(tasks);
        runs.put(key, started);
        return List.copyOf(tasks);
    }

    private List<ExecutorTask> tasks(List<Launch> launches, ExecutorRun executor) throws IOException {
        List<ExecutorTask> tasks = new ArrayList<>();
        for (Launch launch : launches) {
            tasks.add(new ExecutorTask(node, executor, in(launch, executor), null, false));
        }
        return tasks;
    }

    @Override
    public void write(List<TaskLife> group) throws IOException {
        List<ExecutorTask> living = group.stream()
                .map(ExecutorTask.class::cast)
                .filter(task -> !task.isTerminal())
                .toList();
        if (!living.isEmpty()) {
            ExecutorTask.write(node, living);
        }
    }

    private static Launch in(Launch launch, ExecutorRun executor) {
        return launch.toBuilder()
                .setContainerId(executor.launch().getContainerId())
                .setSandbox(executor.launch().getSandbox())
                .setCgroup(executor.launch().getCgroup())
                .build();
    }

    @Override
    public TaskLife restore(Launch launch, @Nullable Kill kill) throws IOException {
        ExecutorKey key = new ExecutorKey(launch.getFrameworkId(), launch.getExecutorId());
        ExecutorRun executor = runs.get(key);
        if (executor != null && executor.launch().getContainerId().equals(launch.getContainerId())) {
            ExecutorTask run = new ExecutorTask(node, executor, launch, kill, true);
            executor.restore(run);
            return run;
        }
        // The executor is gone: only what the task's end was is left to tell.
        ExecutorRun before = new ExecutorRun(
                node,
                ExecutorLaunch.newBuilder()
                        .setFrameworkId(key.frameworkId())
                        .setExecutorId(key.executorId())
                        .setFrameworkInfo(launch.getFrameworkInfo())
                        .setExecutorInfo(TaskInfo.parseFrom(launch.getTaskInfo())
                                .getExecutor()
                                .toByteString())
                        .setContainerId(launch.getContainerId())
                        .setSandbox(launch.getSandbox())
                        .setCgroup(launch.getCgroup())
                        .build(),
                null,
                true,
                never -> {},
                (gone, status) -> {});
        ExecutorTask run = new ExecutorTask(node, before, launch, kill, true);
        if (!run.isTerminal()) {
            run.endDropped(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED, "Executor terminated");
        }
        return run;
    }

    @Override
    public void shutdown(String frameworkId, String executorId) {
        find(frameworkId, executorId).ifPresent(run -> Thread.ofVirtual()
                .start(() -> run.shutdown(ShutdownCause.SHUTDOWN_CAUSE_ASKED, run.shutdownGrace())));
    }

    /** Ends an executor that holds revocable resources, with its tasks, at once, as they are needed. */
    public void preempt(ExecutorKey key) {
        find(key.frameworkId(), key.executorId()).ifPresent(run -> Thread.ofVirtual()
                .start(() -> run.shutdown(ShutdownCause.SHUTDOWN_CAUSE_PREEMPTED, Duration.ZERO)));
    }

    @Override
    public void shutdownFramework(String frameworkId) {
        for (ExecutorRun run : runs.values()) {
            if (run.key().frameworkId().equals(frameworkId)) {
                Thread.ofVirtual()
                        .start(() -> run.shutdown(ShutdownCause.SHUTDOWN_CAUSE_FRAMEWORK, run.shutdownGrace()));
            }
        }
    }

    @Override
    public Set<String> containers() {
        return runs.values().stream().map(run -> run.launch().getContainerId()).collect(Collectors.toSet());
    }

    /**
     * The container of an executor; empty while it isn't there.
     *
     * @throws ContainerLaunchException when the node has lost what it stands on
     */
    public Optional<HostContainer> host(ContainerName name) throws ContainerLaunchException, InterruptedException {
        Optional<ExecutorRun> run = in(name);
        return run.isEmpty() ? Optional.empty() : run.get().host();
    }

    /** Whether something is left of an executor's container, so that what lies in it may live on. */
    public boolean hosts(ContainerName name) {
        return in(name).isPresent();
    }

    private Optional<ExecutorRun> in(ContainerName name) {
        return runs.values().stream()
                .filter(run -> name.equals(ContainerName.of(run.launch().getContainerId())))
                .findFirst();
    }

    /** The container of the executor that was given a token. */
    public Optional<ContainerName> holder(String token) {
        byte[] said = token.getBytes(StandardCharsets.UTF_8);
        return runs.values().stream()
                .map(ExecutorRun::launch)
                .filter(launch -> MessageDigest.isEqual(said, launch.getToken().getBytes(StandardCharsets.UTF_8)))
                .map(launch -> ContainerName.of(launch.getContainerId()))
                .findFirst();
    }

    /** How far an executor is. */
    public enum Stage {
        REGISTERING,
        RUNNING,
        TERMINATING
    }

    /**
     * An executor for those who look.
     *
     * @param framework as of its first task's launch
     * @param role that it is charged to
     * @param directory its sandbox on the host
     * @param cgroup its control group; empty when there never was one
     * @param queued ids of the tasks that it hasn't been handed yet
     */
    public record View(
            ExecutorKey key,
            FrameworkInfo framework,
            ExecutorInfo info,
            String role,
            String containerId,
            String directory,
            String cgroup,
            Stage stage,
            Set<String> queued) {
        public View {
            queued = Set.copyOf(queued);
        }
    }

    /** All executors, also those without a task. */
    public List<View> views() {
        return runs.values().stream().map(ExecutorRun::view).toList();
    }

    /** A message from a scheduler; lost when there is nobody to take it. */
    public void message(ExecutorMessage message) {
        find(message.getFrameworkId(), message.getExecutorId()).ifPresent(run -> run.message(message.getData()));
    }

    /** Control groups of all executors that have one. */
    List<String> groups() {
        return runs.values().stream()
                .map(run -> run.launch().getCgroup())
                .filter(group -> !group.isEmpty())
                .toList();
    }

    /** This agent's messages to v0 drivers. */
    DriverMessages driverMessages() {
        return new DriverMessages(node.identity().get());
    }

    /** A message of an executor's for its scheduler. */
    void messageFrom(ExecutorKey key, ByteString data) {
        sender.accept(FromAgent.newBuilder()
                .setExecutorMessage(ExecutorMessage.newBuilder()
                        .setFrameworkId(key.frameworkId())
                        .setExecutorId(key.executorId())
                        .setData(data))
                .build());
    }

    Optional<ExecutorRun> find(String frameworkId, String executorId) {
        return Optional.ofNullable(runs.get(new ExecutorKey(frameworkId, executorId)));
    }

    boolean knowsFramework(String frameworkId) {
        return runs.keySet().stream().anyMatch(key -> key.frameworkId().equals(frameworkId));
    }

    private void gone(ExecutorRun run, int waitStatus) {
        runs.remove(run.key(), run);
        tellExited(run.key().frameworkId(), run.key().executorId(), waitStatus);
    }

    @Override
    public void tellExited(String frameworkId, String executorId, int waitStatus) {
        sender.accept(FromAgent.newBuilder()
                .setExecutorExited(ExecutorExited.newBuilder()
                        .setFrameworkId(frameworkId)
                        .setExecutorId(executorId)
                        .setWaitStatus(waitStatus))
                .build());
    }

    /** Leaves every executor where it is, for the next shim. */
    @Override
    public void close() {
        List<Thread> ways = new ArrayList<>(going);
        ways.forEach(Thread::interrupt);
        runs.values().forEach(ExecutorRun::disconnect);
    }
}
