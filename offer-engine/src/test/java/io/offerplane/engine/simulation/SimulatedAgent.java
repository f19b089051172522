package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Command.HeldFramework;
import io.offerplane.engine.Command.HeldTask;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A node that keeps tasks and unacknowledged updates over its own restarts, and repeats what is not acknowledged. */
final class SimulatedAgent {
    record Key(FrameworkId framework, TaskId task) {}

    /** A task with the updates that are still to be acknowledged, oldest first. */
    static final class Held {
        final TaskSpec spec;
        final RolePath role;
        final FrameworkSpec framework;
        final Deque<StatusUpdate> updates = new ArrayDeque<>();
        TaskState state;
        long nextNumber = 1;

        Held(TaskSpec spec, RolePath role, FrameworkSpec framework, TaskState state) {
            this.spec = spec;
            this.role = role;
            this.framework = framework;
            this.state = state;
        }
    }

    final AgentId id;
    final Map<Key, Held> tasks = new LinkedHashMap<>();
    Resources total;
    boolean dead;
    private final Simulation simulation;
    private final World world;
    private Stream stream;

    SimulatedAgent(Simulation simulation, AgentId id, Resources total) {
        this.simulation = simulation;
        this.world = simulation.world;
        this.id = id;
        this.total = total;
        world.after(10, this::repeatUpdates);
    }

    boolean isConnected() {
        return stream != null && stream.isOpen();
    }

    void connect() {
        if (dead || isConnected()) {
            return;
        }
        Stream opened = new Stream(world, simulation.nextConnection());
        stream = opened;
        List<HeldTask> held = new ArrayList<>();
        Map<FrameworkId, HeldFramework> frameworks = new LinkedHashMap<>();
        tasks.forEach((key, task) -> {
            held.add(new HeldTask(
                    key.framework(), task.spec, task.role, task.state, Optional.ofNullable(task.updates.peekFirst())));
            frameworks.put(key.framework(), new HeldFramework(key.framework(), task.framework));
        });
        opened.toEngine(() -> {
            simulation.attach(id, this, opened);
            Answer answer = simulation.submit(new Command.RegisterAgent(
                    id,
                    TestCluster.agentSpec(id.value()),
                    total,
                    held,
                    List.copyOf(frameworks.values()),
                    opened.number,
                    world.now()));
            if (answer instanceof Answer.Refused(Answer.Reason reason, String message)
                    && reason == Answer.Reason.AGENT_REMOVED) {
                dead = true;
                tasks.clear();
            }
        });
        tasks.forEach((key, task) -> sendHead(key, task));
    }

    /** The link breaks; the engine notices at some later time, perhaps after the agent is back on another. */
    void disconnect() {
        if (!isConnected()) {
            return;
        }
        Stream broken = stream;
        broken.close();
        world.after(
                world.between(0, 4),
                () -> simulation.submit(new Command.DisconnectAgent(id, broken.number, world.now())));
    }

    /** The node restarts: what ran has ended, what was known is still known. */
    void reboot() {
        disconnect();
        tasks.forEach((key, task) -> {
            if (!task.state.isTerminal()) {
                advance(key, task, TaskState.FAILED, Optional.of(StatusReason.AGENT_RESTARTED));
            }
        });
    }

    void handle(Effect.ToAgent effect) {
        switch (effect) {
            case Effect.LaunchTask launch ->
                launch(launch.frameworkId(), launch.framework(), launch.role(), launch.task());
            case Effect.LaunchTaskGroup group ->
                group.tasks().forEach(task -> launch(group.frameworkId(), group.framework(), group.role(), task));
            case Effect.KillTask kill -> kill(new Key(kill.frameworkId(), kill.taskId()));
            case Effect.DrainTask drain -> kill(new Key(drain.frameworkId(), drain.taskId()));
            case Effect.ShutdownFramework shutdown ->
                tasks.keySet().removeIf(key -> key.framework().equals(shutdown.frameworkId()));
            case Effect.AcknowledgeUpdate acknowledge -> acknowledged(acknowledge);
            case Effect.ReportTaskUnknown unknown -> reportUnknown(unknown);
            case Effect.KeepVolumes keep -> checkVolumes(keep);
            case Effect.SendAgentAway ignored -> {
                stream.close();
                dead = true;
                tasks.clear();
                simulation.replace(this);
            }
            case Effect.ShutdownExecutor ignored -> {}
            case Effect.MessageExecutor ignored -> {}
        }
    }

    /** What isn't named is destroyed here, and so mustn't be in use. */
    private void checkVolumes(Effect.KeepVolumes keep) {
        tasks.forEach((key, held) -> {
            Resources used = held.spec.resources().on(terms -> terms.volume().isPresent());
            if (!held.state.isTerminal() && !keep.volumes().contains(used)) {
                throw new AuditFailure(
                        "volumes in use are kept",
                        "task " + key + " on agent " + id + " has [" + used + "], of [" + keep.volumes() + "]");
            }
        });
    }

    /** Its application starts it here, by itself; a second start is of no effect. */
    void startContainer(FrameworkId framework, FrameworkSpec spec, RolePath role, TaskSpec task) {
        Key key = new Key(framework, task.taskId());
        if (!tasks.containsKey(key)) {
            Held held = new Held(task, role, spec, TaskState.STAGING);
            tasks.put(key, held);
            world.after(world.between(0, 0.2), () -> goOn(key, held, TaskState.RUNNING));
        }
    }

    private void launch(FrameworkId framework, FrameworkSpec frameworkSpec, RolePath role, TaskSpec spec) {
        Key key = new Key(framework, spec.taskId());
        if (tasks.containsKey(key)) {
            throw new AuditFailure("launched once", "task " + key + " reached agent " + id + " twice");
        }
        Held task = new Held(spec, role, frameworkSpec, TaskState.STAGING);
        tasks.put(key, task);
        Set<Key> live = new LinkedHashSet<>();
        tasks.forEach((running, held) -> {
            if (!held.state.isTerminal()) {
                live.add(running);
            }
        });
        simulation.auditor.checkNode(id, stream.number, live);
        world.after(world.between(0, 1), () -> goOn(key, task, TaskState.STARTING));
    }

    /** The life of a task that nobody disturbs. */
    private void goOn(Key key, Held task, TaskState next) {
        if (tasks.get(key) != task || task.state.isTerminal()) {
            return;
        }
        advance(key, task, next, Optional.empty());
        if (next == TaskState.STARTING) {
            world.after(world.between(0, 1), () -> goOn(key, task, TaskState.RUNNING));
        } else if (next == TaskState.RUNNING) {
            TaskState end = world.chance(0.8) ? TaskState.FINISHED : TaskState.FAILED;
            world.after(world.between(0, world.troubled ? 60 : 5), () -> goOn(key, task, end));
        }
    }

    private void kill(Key key) {
        Held task = tasks.get(key);
        if (task != null && !task.state.isTerminal()) {
            world.after(world.between(0, 1), () -> {
                if (tasks.get(key) == task && !task.state.isTerminal()) {
                    advance(key, task, TaskState.KILLED, Optional.empty());
                }
            });
        }
    }

    private void reportUnknown(Effect.ReportTaskUnknown unknown) {
        Key key = new Key(unknown.frameworkId(), unknown.taskId());
        if (tasks.containsKey(key)) {
            return;
        }
        Held task = new Held(
                TestCluster.task(unknown.taskId().value(), id.value(), ""),
                RolePath.DEFAULT,
                TestCluster.frameworkSpec("", List.of(), Duration.ZERO, Set.of()),
                unknown.state());
        tasks.put(key, task);
        advance(key, task, unknown.state(), Optional.of(StatusReason.RECONCILIATION));
    }

    private void advance(Key key, Held task, TaskState next, Optional<StatusReason> reason) {
        task.state = next;
        UUID uuid = new UUID(((long) key.hashCode() << 32) ^ id.value().hashCode(), task.nextNumber++);
        boolean first = task.updates.isEmpty();
        task.updates.add(new StatusUpdate(
                key.task(),
                next,
                Optional.of(id),
                Optional.empty(),
                StatusSource.AGENT,
                reason,
                Optional.empty(),
                Optional.of(uuid),
                world.now(),
                Optional.empty(),
                Payload.EMPTY));
        if (first) {
            sendHead(key, task);
        }
    }

    /** Only the first unacknowledged update is under way; it may be lost or doubled. */
    private void sendHead(Key key, Held task) {
        StatusUpdate head = task.updates.peekFirst();
        if (head == null || !isConnected() || world.trouble(0.05)) {
            return;
        }
        for (int copies = world.trouble(0.05) ? 2 : 1; copies > 0; copies--) {
            TaskState latest = task.state;
            stream.toEngine(
                    () -> simulation.submit(new Command.UpdateTask(id, key.framework(), head, latest, world.now())));
        }
    }

    private void repeatUpdates() {
        if (!dead) {
            tasks.forEach(this::sendHead);
            world.after(10, this::repeatUpdates);
        }
    }

    private void acknowledged(Effect.AcknowledgeUpdate acknowledge) {
        Key key = new Key(acknowledge.frameworkId(), acknowledge.taskId());
        Held task = tasks.get(key);
        if (task == null || task.updates.isEmpty()) {
            return;
        }
        if (task.updates.peekFirst().uuid().equals(Optional.of(acknowledge.uuid()))) {
            StatusUpdate done = task.updates.removeFirst();
            if (done.state().isTerminal()) {
                tasks.remove(key);
            } else {
                sendHead(key, task);
            }
        }
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        tasks.forEach((key, task) -> lines.add(key + " " + task.state + " to tell " + task.updates));
        return id + (isConnected() ? " connected " : " away ") + lines;
    }
}
