package io.offerplane.shim.http;

import io.offerplane.shim.Agent;
import io.offerplane.shim.executor.Executors;
import io.offerplane.shim.task.HeldTasks;
import io.offerplane.shim.task.TaskStatuses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskState;

/**
 * One picture of what the node holds, ordered as Mesos' agent orders it: frameworks, their executors, those executors' tasks. A
 * command task is the only task of an executor with its id. Immutable.
 *
 * @param live frameworks with an executor that isn't done
 * @param completed the others that are still known
 */
record HeldFrameworks(List<Framework> live, List<Framework> completed) {

    /**
     * A framework.
     *
     * @param info as of its first task's launch, with its id
     * @param executors those that aren't done
     * @param completedExecutors the others that are still known
     */
    record Framework(FrameworkInfo info, List<Executor> executors, List<Executor> completedExecutors) {
        Framework {
            executors = List.copyOf(executors);
            completedExecutors = List.copyOf(completedExecutors);
        }

        String id() {
            return info.getId().getValue();
        }

        Stream<Executor> all() {
            return Stream.concat(executors.stream(), completedExecutors.stream());
        }
    }

    /**
     * An executor, or a command task in its place.
     *
     * @param info of a custom executor its own, of a command task what Mesos' agent would make
     * @param isCustom false for a command task
     * @param role that it is charged to
     * @param containerId of its container
     * @param directory its sandbox on the host
     * @param cgroup its control group; empty when there never was one
     * @param queued tasks that aren't with the executor yet
     * @param launched tasks that are
     * @param terminated tasks that have ended, while their last update isn't acknowledged
     * @param completed tasks that are done
     */
    record Executor(
            ExecutorInfo info,
            boolean isCustom,
            String role,
            String containerId,
            String directory,
            String cgroup,
            List<HeldTasks.View> queued,
            List<HeldTasks.View> launched,
            List<HeldTasks.View> terminated,
            List<HeldTasks.View> completed) {
        Executor {
            queued = List.copyOf(queued);
            launched = List.copyOf(launched);
            terminated = List.copyOf(terminated);
            completed = List.copyOf(completed);
        }

        String id() {
            return info.getExecutorId().getValue();
        }

        String frameworkId() {
            return info.getFrameworkId().getValue();
        }

        /** What it takes at the moment: its own and its living tasks'. */
        List<Resource> allocated() {
            List<Resource> all = new ArrayList<>(info.getResourcesList());
            queued.forEach(task -> all.addAll(task.task().getResourcesList()));
            launched.forEach(task -> all.addAll(task.task().getResourcesList()));
            return all;
        }
    }

    HeldFrameworks {
        live = List.copyOf(live);
        completed = List.copyOf(completed);
    }

    /** The picture of this moment. */
    static HeldFrameworks of(Agent agent) {
        // Executors first: one that is gone by the time that tasks are looked at is still told of, rather than a task
        // of its
        // without it.
        List<Executors.View> executors = agent.executors().views();
        List<HeldTasks.View> held = agent.tasks().views();
        return of(held, agent.tasks().history(), executors);
    }

    /** The picture from its parts; a task that is both held and in the history counts as held. */
    static HeldFrameworks of(List<HeldTasks.View> held, List<HeldTasks.View> history, List<Executors.View> executors) {
        Map<String, FrameworkDraft> frameworks = new LinkedHashMap<>();
        for (Executors.View view : executors) {
            framework(frameworks, view.key().frameworkId(), view.framework())
                    .executors
                    .put(view.containerId(), new ExecutorDraft(view));
        }
        for (HeldTasks.View view : held) {
            ExecutorDraft executor = framework(frameworks, view.key().frameworkId(), view.framework())
                    .executor(view);
            executor.live = true;
            if (TaskStatuses.isTerminal(view.state())) {
                executor.terminated.add(view);
            } else if (executor.isQueued(view)) {
                executor.queued.add(view);
            } else {
                executor.launched.add(view);
            }
        }
        for (HeldTasks.View view : history) {
            ExecutorDraft executor = framework(frameworks, view.key().frameworkId(), view.framework())
                    .executor(view);
            if (executor.tasks().noneMatch(task -> task.key().equals(view.key()))) {
                executor.completed.add(view);
            }
        }
        List<Framework> live = new ArrayList<>();
        List<Framework> completed = new ArrayList<>();
        for (FrameworkDraft draft : frameworks.values()) {
            Framework framework = draft.finish();
            (framework.executors().isEmpty() ? completed : live).add(framework);
        }
        return new HeldFrameworks(live, completed);
    }

    Stream<Framework> all() {
        return Stream.concat(live.stream(), completed.stream());
    }

    /** Executors that aren't done, of all frameworks. */
    List<Executor> executors() {
        return live.stream().flatMap(f -> f.executors().stream()).toList();
    }

    private static FrameworkDraft framework(Map<String, FrameworkDraft> frameworks, String id, FrameworkInfo info) {
        return frameworks.computeIfAbsent(
                id,
                absent -> new FrameworkDraft(info.toBuilder()
                        .setId(FrameworkID.newBuilder().setValue(id))
                        .build()));
    }

    private static final class FrameworkDraft {
        private final FrameworkInfo info;
        private final Map<String, ExecutorDraft> executors = new LinkedHashMap<>();

        FrameworkDraft(FrameworkInfo info) {
            this.info = info;
        }

        ExecutorDraft executor(HeldTasks.View task) {
            String containerId =
                    task.parent().map(HeldTasks.Parent::containerId).orElse(task.containerId());
            return executors.computeIfAbsent(containerId, id -> new ExecutorDraft(info.getId(), task));
        }

        Framework finish() {
            List<Executor> live = new ArrayList<>();
            List<Executor> completed = new ArrayList<>();
            for (ExecutorDraft draft : executors.values()) {
                (draft.live ? live : completed).add(draft.finish());
            }
            return new Framework(info, live, completed);
        }
    }

    private static final class ExecutorDraft {
        private final ExecutorInfo info;
        private final boolean custom;
        private final boolean nests;
        private final String role;
        private final String containerId;
        private final String directory;
        private final String cgroup;
        private final Set<String> waiting;
        private boolean live;
        private final List<HeldTasks.View> queued = new ArrayList<>();
        private final List<HeldTasks.View> launched = new ArrayList<>();
        private final List<HeldTasks.View> terminated = new ArrayList<>();
        private final List<HeldTasks.View> completed = new ArrayList<>();

        ExecutorDraft(Executors.View executor) {
            this.info = executor.info().toBuilder()
                    .setExecutorId(org.apache.mesos.v1.Protos.ExecutorID.newBuilder()
                            .setValue(executor.key().executorId()))
                    .setFrameworkId(
                            FrameworkID.newBuilder().setValue(executor.key().frameworkId()))
                    .build();
            this.custom = true;
            this.nests = false;
            this.role = executor.role();
            this.containerId = executor.containerId();
            this.directory = executor.directory();
            this.cgroup = executor.cgroup();
            this.waiting = executor.queued();
            this.live = true;
        }

        ExecutorDraft(FrameworkID framework, HeldTasks.View task) {
            this.info = task.task().hasExecutor()
                    ? task.task().getExecutor().toBuilder()
                            .setFrameworkId(framework)
                            .build()
                    : CommandExecutors.info(framework, task.task());
            this.custom = task.task().hasExecutor();
            this.role = task.role();
            this.nests = task.parent().isPresent();
            HeldTasks.Parent own = task.parent()
                    .orElseGet(() -> new HeldTasks.Parent(task.containerId(), task.directory(), task.cgroup()));
            this.containerId = own.containerId();
            this.directory = own.directory();
            this.cgroup = own.cgroup();
            this.waiting = Set.of();
        }

        Stream<HeldTasks.View> tasks() {
            return Stream.of(queued, launched, terminated).flatMap(List::stream);
        }

        /** Mesos' command executor takes its task when its container runs, and says TASK_STARTING at once. */
        boolean isQueued(HeldTasks.View task) {
            boolean taken = custom && !nests;
            return taken ? waiting.contains(task.key().taskId()) : task.state() == TaskState.TASK_STAGING;
        }

        Executor finish() {
            return new Executor(
                    info, custom, role, containerId, directory, cgroup, queued, launched, terminated, completed);
        }
    }
}
