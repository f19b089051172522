package io.offerplane.engine.offer;

import io.offerplane.engine.task.TaskSpec;
import java.util.List;
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
