/**
 * What a task's container is: its files, its OCI configuration, who it runs as, and the port through which containers are run.
 *
 * <p>{@link io.offerplane.shim.container.ContainerRuntime} is that port. Nothing here starts a process; that is
 * {@code io.offerplane.shim.supervise}. Nothing here knows status updates; those are {@code io.offerplane.shim.task}'s.
 */
@NullMarked
package io.offerplane.shim.container;

import org.jspecify.annotations.NullMarked;
