/**
 * The agent shim: one process per node that runs tasks in the claim pod's control group.
 *
 * <p>It holds no decision about placement; it does what the leader says, keeps what happened until a framework has
 * acknowledged it, and loses no task when it dies. Start at {@link io.offerplane.shim.Main}, then
 * {@link io.offerplane.shim.task.HeldTasks}. What runs on a task's way is in docs/architecture/agent.md.
 */
@NullMarked
package io.offerplane.shim;

import org.jspecify.annotations.NullMarked;
