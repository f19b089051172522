package io.offerplane.shim.executor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskGroupInfo;
import org.apache.mesos.v1.executor.Protos.Event;

/** What is to be handed to an executor: tasks one by one, and groups as wholes, in order of arrival. */
final class Deliveries {

    private Deliveries() {}

    /**
     * What waits.
     *
     * @param tasks in order of arrival
     * @return each a task, or all of a group that are left; none that waits for one before it to be written
     */
    static List<List<ExecutorTask>> waiting(Collection<ExecutorTask> tasks) {
        List<List<ExecutorTask>> deliveries = new ArrayList<>();
        for (ExecutorTask task : tasks) {
            if (!task.isWritten()) {
                break;
            }
            if (!isWaiting(task)) {
                continue;
            }
            if (task.group().isEmpty()) {
                deliveries.add(List.of(task));
            } else if (deliveries.stream()
                    .noneMatch(delivery -> delivery.getFirst().group().equals(task.group()))) {
                deliveries.add(group(tasks, task));
            }
        }
        return deliveries;
    }

    /** Those of a task's group that wait for their executor, or the task alone. */
    static List<ExecutorTask> group(Collection<ExecutorTask> tasks, ExecutorTask of) {
        return of.group().isEmpty()
                ? List.of(of)
                : tasks.stream()
                        .filter(task -> task.group().equals(of.group()) && isWaiting(task))
                        .toList();
    }

    private static boolean isWaiting(ExecutorTask task) {
        return !task.isHandedOver() && !task.isKilled() && !task.isTerminal();
    }

    /** How the executor is told. */
    static Event event(List<ExecutorTask> delivery) {
        ExecutorTask first = delivery.getFirst();
        if (first.group().isEmpty()) {
            return Event.newBuilder()
                    .setType(Event.Type.LAUNCH)
                    .setLaunch(Event.Launch.newBuilder().setTask(first.task()))
                    .build();
        }
        TaskGroupInfo.Builder group = TaskGroupInfo.newBuilder();
        delivery.forEach(task -> group.addTasks(task.task()));
        return Event.newBuilder()
                .setType(Event.Type.LAUNCH_GROUP)
                .setLaunchGroup(Event.LaunchGroup.newBuilder().setTaskGroup(group))
                .build();
    }
}
