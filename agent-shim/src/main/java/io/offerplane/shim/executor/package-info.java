/**
 * Custom executors: one container for many tasks, spoken to over Mesos' v1 executor API, or with a v0 driver.
 *
 * <p>{@link io.offerplane.shim.executor.Executors} holds those of the node, {@link io.offerplane.shim.executor.ExecutorRun} goes
 * one's way from its launch to its removal, {@link io.offerplane.shim.executor.ExecutorTask} that of a task in one.
 * {@link io.offerplane.shim.executor.ExecutorEndpoint} and {@link io.offerplane.shim.executor.DriverEndpoint} are the HTTP side. As with command tasks, each step is durable before the next
 * begins. No process is started here but through the port {@code ContainerRuntime}.
 */
@NullMarked
package io.offerplane.shim.executor;

import org.jspecify.annotations.NullMarked;
