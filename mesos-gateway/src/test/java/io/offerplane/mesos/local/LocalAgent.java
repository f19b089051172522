package io.offerplane.mesos.local;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import io.offerplane.mesos.translate.StatusTranslator;
import io.offerplane.mesos.translate.TaskTranslator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent that runs command tasks as child processes, and tells of them as Mesos' agent and command executor do: one update of a
 * task at a time, again until it is acknowledged.
 */
final class LocalAgent implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalAgent.class);
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(3);

    private record TaskKey(FrameworkId frameworkId, TaskId taskId) {}

    private final AgentId id;
    private final AgentSpec spec;
    private final Resources total;
    private final Path sandboxes;
    private final EngineGate gate;
    /** The agent's one thread: all fields below and all tasks belong to it. */
    private final ScheduledExecutorService thread;

    private final Map<TaskKey, LocalTask> tasks = new HashMap<>();

    LocalAgent(AgentId id, AgentSpec spec, Resources total, Path sandboxes, EngineGate gate) {
        this.id = id;
        this.spec = spec;
        this.total = total;
        this.sandboxes = sandboxes;
        this.gate = gate;
        this.thread = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
                .name("local-agent-" + id.value().replaceAll(".*-", ""))
                .daemon()
                .factory());
    }

    void register(long connection) {
        submit(new Command.RegisterAgent(id, spec, total, List.of(), List.of(), connection, gate.now()));
    }

    void perform(Effect.ToAgent effect) {
        execute(() -> {
            switch (effect) {
                case Effect.LaunchTask launch -> launch(launch);
                // Its tasks are processes of their own, whatever they were launched with.
                case Effect.LaunchTaskGroup group ->
                    group.tasks()
                            .forEach(task -> launch(new Effect.LaunchTask(
                                    group.agentId(), group.frameworkId(), group.framework(), group.role(), task)));
                case Effect.KillTask kill -> {
                    LocalTask task = tasks.get(new TaskKey(kill.frameworkId(), kill.taskId()));
                    if (task != null) {
                        task.kill(kill.gracePeriod());
                    }
                }
                case Effect.DrainTask drain -> {
                    LocalTask task = tasks.get(new TaskKey(drain.frameworkId(), drain.taskId()));
                    if (task != null) {
                        task.drain(drain.maxGracePeriod(), drain.gone());
                    }
                }
                case Effect.SendAgentAway away -> {
                    tasks.values().forEach(LocalTask::forget);
                    tasks.clear();
                }
                // Its tasks have nothing but their sandboxes.
                case Effect.KeepVolumes keep -> {}
                // Plays command tasks only: there is nobody to speak to.
                case Effect.MessageExecutor message -> {}
                case Effect.ShutdownExecutor shutdown -> {
                    LocalTask task = tasks.get(new TaskKey(
                            shutdown.frameworkId(),
                            new TaskId(shutdown.executorId().value())));
                    if (task != null) {
                        task.kill(Optional.empty());
                    }
                }
                case Effect.ShutdownFramework shutdown -> {
                    tasks.forEach((key, task) -> {
                        if (key.frameworkId().equals(shutdown.frameworkId())) {
                            task.forget();
                        }
                    });
                    tasks.keySet().removeIf(key -> key.frameworkId().equals(shutdown.frameworkId()));
                }
                case Effect.AcknowledgeUpdate ack -> {
                    TaskKey key = new TaskKey(ack.frameworkId(), ack.taskId());
                    LocalTask task = tasks.get(key);
                    if (task != null && task.acknowledge(ack.uuid())) {
                        tasks.remove(key);
                    }
                }
                case Effect.ReportTaskUnknown unknown -> {
                    TaskKey key = new TaskKey(unknown.frameworkId(), unknown.taskId());
                    LocalTask task = tasks.computeIfAbsent(key, k -> new LocalTask(key));
                    task.report(
                            unknown.state(),
                            StatusSource.AGENT,
                            Optional.of(StatusReason.RECONCILIATION),
                            Optional.of("Reconciliation: task unknown to the agent"));
                }
            }
        });
    }

    @Override
    public void close() {
        execute(() -> tasks.values().forEach(LocalTask::forget));
        thread.shutdown();
    }

    private void launch(Effect.LaunchTask launch) {
        TaskKey key = new TaskKey(launch.frameworkId(), launch.task().taskId());
        LocalTask task = new LocalTask(key);
        tasks.put(key, task);
        task.start(
                TaskTranslator.toProto(launch.task()), launch.framework().has(FrameworkCapability.TASK_KILLING_STATE));
    }

    private void execute(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    log.error("agent {} failed", id, e);
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("agent {} has stopped", id);
        }
    }

    private void after(Duration delay, Runnable task) {
        try {
            var _ = thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("agent {} has stopped", id);
        }
    }

    private void submit(Command command) {
        if (!gate.submit(command, answer -> {})) {
            after(Duration.ofMillis(20), () -> submit(command));
        }
    }

    /** A task's process and its stream of updates. Only the agent's thread touches it. */
    private final class LocalTask {
        private final TaskKey key;
        private final String containerId = UUID.randomUUID().toString();
        private final UpdateStream stream;
        private Optional<Process> process = Optional.empty();
        private Protos.TaskInfo info = Protos.TaskInfo.getDefaultInstance();
        private boolean saysKilling;
        private boolean killed;
        private Optional<TaskState> drained = Optional.empty();
        private boolean forgotten;

        LocalTask(TaskKey key) {
            this.key = key;
            this.stream = new UpdateStream(
                    (update, latest) ->
                            submit(new Command.UpdateTask(id, key.frameworkId(), update, latest, gate.now())),
                    LocalAgent.this::after);
        }

        void start(Protos.TaskInfo task, boolean killing) {
            info = task;
            saysKilling = killing;
            Protos.CommandInfo command = task.getCommand();
            Optional<String> volume = task.getResourcesList().stream()
                    .filter(resource -> resource.getDisk().hasPersistence())
                    .map(resource -> resource.getDisk().getPersistence().getId())
                    .findFirst();
            if (volume.isPresent()) {
                report(
                        TaskState.FAILED,
                        StatusSource.AGENT,
                        Optional.of(StatusReason.CONTAINER_LAUNCH_FAILED),
                        Optional.of("Failed to mount persistent volume '" + volume.get()
                                + "': the local master's agents mount none"));
                return;
            }
            if (command.getUrisCount() > 0) {
                report(
                        TaskState.FAILED,
                        StatusSource.AGENT,
                        Optional.of(StatusReason.CONTAINER_LAUNCH_FAILED),
                        Optional.of("Failed to launch container: Failed to fetch all URIs for container '" + containerId
                                + "': exited with status 1"));
                log.info("task {}: the local master fetches no URIs", key.taskId());
                return;
            }
            report(TaskState.STARTING);
            try {
                Process started = process(command);
                process = Optional.of(started);
                report(TaskState.RUNNING);
                var _ = started.onExit().thenRun(() -> execute(() -> ended(started.exitValue())));
            } catch (IOException e) {
                report(
                        TaskState.FAILED,
                        StatusSource.EXECUTOR,
                        Optional.empty(),
                        Optional.of("Command exited with status 1"));
                log.info("task {}: {}", key.taskId(), e.getMessage());
            }
        }

        private Process process(Protos.CommandInfo command) throws IOException {
            // A session of its own, so that a kill reaches all that it starts.
            List<String> words = new ArrayList<>(List.of("setsid"));
            if (command.getShell()) {
                words.addAll(List.of("sh", "-c", command.getValue()));
            } else {
                words.add(command.getValue());
                words.addAll(command.getArgumentsList().stream().skip(1).toList());
            }
            Path sandbox = Files.createDirectories(sandboxes.resolve(containerId));
            ProcessBuilder builder = new ProcessBuilder(words).directory(sandbox.toFile());
            builder.environment().put("MESOS_SANDBOX", sandbox.toString());
            builder.environment().put("MESOS_TASK_ID", key.taskId().value());
            for (Protos.Environment.Variable variable : command.getEnvironment().getVariablesList()) {
                builder.environment().put(variable.getName(), variable.getValue());
            }
            return builder.redirectOutput(sandbox.resolve("stdout").toFile())
                    .redirectError(sandbox.resolve("stderr").toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        }

        private void ended(int status) {
            if (forgotten) {
                return;
            }
            // setsid's word for a program that isn't there; Mesos' launcher says 1.
            int exit = status == 127 && !info.getCommand().getShell() ? 1 : status;
            // Java adds 128 to the number of the signal that ended a process.
            String message = exit > 128 && exit <= 128 + 64
                    ? "Command terminated with signal " + Signals.description(exit - 128)
                    : "Command exited with status " + exit;
            TaskState state;
            if (killed) {
                state = TaskState.KILLED;
            } else {
                state = exit == 0 ? TaskState.FINISHED : TaskState.FAILED;
            }
            report(
                    drained.orElse(state),
                    StatusSource.EXECUTOR,
                    drained.map(end -> StatusReason.AGENT_DRAINING),
                    Optional.of(message));
        }

        void kill(Optional<Duration> asked) {
            Optional<Process> target = process.filter(Process::isAlive);
            if (target.isEmpty() || killed) {
                return;
            }
            killed = true;
            if (saysKilling) {
                report(TaskState.KILLING);
            }
            Signals.sendToGroup(target.get().pid(), "TERM");
            after(asked.orElse(grace()), () -> {
                if (target.get().isAlive()) {
                    Signals.sendToGroup(target.get().pid(), "KILL");
                }
            });
        }

        /** Its agent is to be empty: within what it has for its end, or less. */
        void drain(Optional<Duration> most, boolean gone) {
            drained = Optional.of(gone ? TaskState.GONE_BY_OPERATOR : TaskState.KILLED);
            Duration own = grace();
            kill(Optional.of(most.filter(bound -> bound.compareTo(own) < 0).orElse(own)));
        }

        private Duration grace() {
            return info.hasKillPolicy() && info.getKillPolicy().hasGracePeriod()
                    ? Duration.ofNanos(info.getKillPolicy().getGracePeriod().getNanoseconds())
                    : DEFAULT_GRACE;
        }

        /** Its framework is gone: ends it, and nobody is told. */
        void forget() {
            forgotten = true;
            stream.close();
            process.filter(Process::isAlive).ifPresent(alive -> Signals.sendToGroup(alive.pid(), "KILL"));
        }

        boolean acknowledge(UUID uuid) {
            return stream.acknowledge(uuid);
        }

        void report(TaskState state) {
            report(state, StatusSource.EXECUTOR, Optional.empty(), Optional.empty());
        }

        void report(TaskState state, StatusSource source, Optional<StatusReason> reason, Optional<String> message) {
            Protos.TaskStatus.Builder status = Protos.TaskStatus.newBuilder()
                    .setTaskId(Protos.TaskID.newBuilder().setValue(key.taskId().value()))
                    .setState(StatusTranslator.state(state))
                    .setSource(Protos.TaskStatus.Source.valueOf("SOURCE_" + source.name()))
                    .setAgentId(Protos.AgentID.newBuilder().setValue(id.value()))
                    .setUuid(StatusTranslator.bytes(UUID.randomUUID()));
            message.ifPresent(status::setMessage);
            if (process.isPresent() || reason.isEmpty() || reason.get() != StatusReason.RECONCILIATION) {
                status.setExecutorId(
                        Protos.ExecutorID.newBuilder().setValue(key.taskId().value()));
            }
            reason.ifPresent(why -> status.setReason(Protos.TaskStatus.Reason.valueOf("REASON_" + why.name())));
            status.getContainerStatusBuilder()
                    .setContainerId(Protos.ContainerID.newBuilder().setValue(containerId))
                    .addNetworkInfosBuilder()
                    .addIpAddressesBuilder()
                    .setProtocol(Protos.NetworkInfo.Protocol.IPv4)
                    .setIpAddress(spec.ip());
            stream.add(StatusTranslator.fromProto(status.build(), gate.now()));
        }
    }

    static Path newSandboxes(String name) {
        try {
            return Files.createTempDirectory("offerplane-local-" + name);
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for sandboxes", e);
        }
    }
}
