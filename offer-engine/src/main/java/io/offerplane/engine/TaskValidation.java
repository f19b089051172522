package io.offerplane.engine;

import io.offerplane.engine.Agent.ExecutorKey;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Judges a task before it is launched, in Mesos' order and words ({@code master/validation.cpp}). */
final class TaskValidation {
    private static final int ID_BYTES_MAX = 255;

    /** How the faults begin that Mesos looks for before it looks at resources; all others come after. */
    private static final List<String> EARLY_FAULTS = List.of(
            "Task's 'kill_policy",
            "Task's `max_completion_time`",
            "Task uses invalid check",
            "Task uses invalid health check");

    private TaskValidation() {}

    /** @param left what the operations before it left of the offers */
    static Optional<String> fault(
            TaskSpec task, Framework framework, Agent agent, Subscription subscription, Resources left) {
        return ownFault(task, framework, agent)
                .or(() -> executorFault(task, framework, agent))
                .or(() -> totalFault(task, framework, agent, subscription, left));
    }

    /**
     * The fault that fails a whole group.
     *
     * @param left what the operations before it left of the offers
     */
    static Optional<String> fault(
            Operation.LaunchGroup group, Framework framework, Agent agent, Subscription subscription, Resources left) {
        Set<TaskId> seen = new HashSet<>();
        for (TaskSpec task : group.tasks()) {
            Optional<String> fault = ownFault(task, framework, agent)
                    .or(() -> seen.add(task.taskId())
                            ? Optional.empty()
                            : Optional.of("Task has duplicate ID: " + task.taskId()));
            if (fault.isPresent()) {
                return Optional.of("Task '" + task.taskId() + "' is invalid: " + fault.get());
            }
        }
        return group.fault()
                .or(() -> executorFault(group.tasks().getFirst(), framework, agent))
                .or(() -> groupTotalFault(group, framework, agent, subscription, left));
    }

    private static Optional<String> ownFault(TaskSpec task, Framework framework, Agent agent) {
        return idFault(task.taskId().value())
                .or(() -> duplicate(task, framework))
                .or(() -> agent.id.equals(task.agentId())
                        ? Optional.empty()
                        : Optional.of("Task uses invalid agent " + task.agentId() + " while agent " + agent.id
                                + " is expected"))
                .or(() -> task.fault().filter(TaskValidation::isEarly))
                .or(() -> task.resourceFault())
                .or(() -> task.resources().isEmpty() ? Optional.of("Task uses no resources") : Optional.empty())
                .or(task::fault);
    }

    private static boolean isEarly(String fault) {
        return EARLY_FAULTS.stream().anyMatch(fault::startsWith);
    }

    private static Optional<String> idFault(String id) {
        if (id.isEmpty()) {
            return Optional.of("ID must not be empty");
        }
        // No character takes more than three bytes; those of two chars take four.
        if (id.length() > ID_BYTES_MAX / 3 && id.getBytes(StandardCharsets.UTF_8).length > ID_BYTES_MAX) {
            return Optional.of("ID must not be greater than 255 characters");
        }
        if (id.equals(".") || id.equals("..")) {
            return Optional.of("'" + id + "' is disallowed");
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c < 0x20 || c == 0x7f || c == '/' || c == '\\') {
                return Optional.of("'" + id + "' contains invalid characters");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> duplicate(TaskSpec task, Framework framework) {
        if (framework.tasks.containsKey(task.taskId())) {
            return Optional.of("Task has duplicate ID: " + task.taskId());
        }
        if (framework.unreachableTasks.containsKey(task.taskId())) {
            return Optional.of("Task reuses the ID of an unreachable task: " + task.taskId());
        }
        return Optional.empty();
    }

    private static Optional<String> executorFault(TaskSpec task, Framework framework, Agent agent) {
        if (task.executor().isEmpty()) {
            return Optional.empty();
        }
        TaskSpec.ExecutorSpec wanted = task.executor().get();
        Executor running = agent.executors.get(new ExecutorKey(framework.id, wanted.executorId()));
        return running == null || running.spec.equals(wanted)
                ? Optional.empty()
                : Optional.of("ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.");
    }

    private static Optional<String> totalFault(
            TaskSpec task, Framework framework, Agent agent, Subscription subscription, Resources left) {
        Resources cost = TaskBook.cost(task, framework, agent);
        return left.contains(cost)
                ? Optional.empty()
                : Optional.of("Total resources " + ResourceText.allocated(cost, subscription.role)
                        + " required by task and its executor is more than available "
                        + ResourceText.allocated(left, subscription.role));
    }

    private static Optional<String> groupTotalFault(
            Operation.LaunchGroup group, Framework framework, Agent agent, Subscription subscription, Resources left) {
        // Task by task, as a volume that several share is there once and taken by each.
        Resources rest = left;
        Resources total = Resources.EMPTY;
        boolean fits = true;
        boolean first = true;
        for (TaskSpec task : group.tasks()) {
            Resources cost = first ? TaskBook.cost(task, framework, agent) : task.resources();
            first = false;
            total = total.plus(cost);
            fits = fits && rest.contains(cost);
            if (fits) {
                rest = rest.minus(cost.exclusive());
            }
        }
        return fits
                ? Optional.empty()
                : Optional.of("Total resources " + ResourceText.allocated(total, subscription.role)
                        + " required by task group and its executor are more than available "
                        + ResourceText.allocated(left, subscription.role));
    }
}
