package io.offerplane.engine.offer;

import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.TaskSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a framework wants done with the offers it accepts; Mesos {@code Offer.Operation}. */
public sealed interface Operation {
    /** Each task is judged by itself: a bad one gets {@code TASK_ERROR} and does not stop the rest. */
    record Launch(List<TaskSpec> tasks) implements Operation {
        public Launch {
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * Tasks that start together in one executor or not at all: a bad one fails all of them, with {@code TASK_ERROR} and {@code
     * REASON_TASK_GROUP_INVALID}. Mesos {@code LAUNCH_GROUP}.
     *
     * @param tasks each with the same executor
     * @param fault what the gateway found wrong with the executor, in Mesos' words; weighed after the tasks' own faults
     */
    record LaunchGroup(List<TaskSpec> tasks, Optional<String> fault) implements Operation {
        public LaunchGroup {
            tasks = List.copyOf(tasks);
            Objects.requireNonNull(fault, "fault");
            if (tasks.isEmpty() || tasks.getFirst().executor().isEmpty()) {
                throw new IllegalArgumentException(
                        "group: " + tasks.size() + " tasks (expected: at least one, in an executor)");
            }
            TaskSpec first = tasks.getFirst();
            if (tasks.stream().anyMatch(task -> !task.executor().equals(first.executor()))) {
                throw new IllegalArgumentException("group: tasks of several executors (expected: one executor)");
            }
        }

        /** That they all run in. */
        public TaskSpec.ExecutorSpec executor() {
            return tasks.getFirst().executor().orElseThrow();
        }
    }

    /**
     * Resources that come to be on other terms; their amounts stay. What is to be found beforehand and what comes of it follows from
     * the kind.
     *
     * @param resources RESERVE: as they shall be; UNRESERVE: as they are; CREATE: the volumes that shall be; DESTROY, GROW_VOLUME and
     *     SHRINK_VOLUME: the volumes that are
     * @param other RESERVE: what they are now, when that is more than one layer away, else empty; GROW_VOLUME: what is added;
     *     SHRINK_VOLUME: what is taken off, on the volume's terms without the volume
     * @param operationId for feedback
     * @param fault what the gateway found wrong with the operation as written, in Mesos' words
     */
    record Change(Kind kind, Resources resources, Resources other, Optional<String> operationId, Optional<String> fault)
            implements Operation {
        /** Mesos' names of operations. */
        public enum Kind {
            RESERVE,
            UNRESERVE,
            CREATE,
            DESTROY,
            GROW_VOLUME,
            SHRINK_VOLUME
        }

        public Change {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(resources, "resources");
            Objects.requireNonNull(other, "other");
            Objects.requireNonNull(operationId, "operationId");
            Objects.requireNonNull(fault, "fault");
        }
    }

    /**
     * An operation that is not carried out here. Its tasks, if it has any, end in {@code TASK_ERROR} with
     * {@code REASON_TASK_GROUP_INVALID}; with an operation id the framework is told {@code OPERATION_ERROR}; without either it is
     * dropped, as Mesos drops an invalid operation.
     *
     * @param name Mesos' name of the operation, such as {@code RESERVE}
     * @param message why, in Mesos' words where it has them
     */
    record Refused(String name, String message, Optional<String> operationId, List<TaskSpec> tasks)
            implements Operation {
        public Refused {
            tasks = List.copyOf(tasks);
        }
    }
}
