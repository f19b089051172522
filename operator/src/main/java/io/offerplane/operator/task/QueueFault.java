package io.offerplane.operator.task;

import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.operator.queue.QueueRoles;
import java.util.List;
import java.util.Optional;

/**
 * Why nothing can run in a Task's queue.
 *
 * @param reason one word for conditions
 * @param message a sentence, with the next step
 */
record QueueFault(String reason, String message) {
    /** Empty when tasks may run there: the queue has a role, and an object unless it is the default one, which needs none. Pure. */
    static Optional<QueueFault> of(String path, List<Queue> queues) {
        if (path.equals(QueueRoles.ROOT)) {
            return Optional.of(new QueueFault(
                    "QueueHasNoRole",
                    "The root queue is the sum of all others and has no role to get offers by. A task's queue can't be"
                            + " changed: make another Task without spec.queue, which is root.default, or with a queue"
                            + " below root."));
        }
        boolean isThere = path.equals(QueueRoles.DEFAULT)
                || queues.stream().anyMatch(queue -> queue.getSpec().path().equals(path));
        return isThere
                ? Optional.empty()
                : Optional.of(new QueueFault(
                        "QueueNotFound",
                        "There is no Queue with path " + path
                                + ": make one, and the task runs there, or make another Task with a queue that is"
                                + " there."));
    }
}
