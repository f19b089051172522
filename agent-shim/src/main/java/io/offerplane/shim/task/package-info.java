/**
 * A task's life on the node, from the leader's launch to the framework's last acknowledgement.
 *
 * <p>{@link io.offerplane.shim.task.HeldTasks} takes the leader's messages; {@link io.offerplane.shim.task.TaskRun} is one
 * task's way, written as straight code on a virtual thread that a restarted shim enters again at the point where the journal
 * and the container runtime say it was. How a container runs and how an update travels are other packages' matters.
 */
@NullMarked
package io.offerplane.shim.task;

import org.jspecify.annotations.NullMarked;
