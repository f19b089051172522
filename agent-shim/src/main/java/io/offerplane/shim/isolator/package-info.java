/**
 * What tasks and executors ask of their containers, by the isolators that Mesos has for it: reads a {@code ContainerInfo} and
 * resources, finds out whether the node allows it, and makes {@link io.offerplane.shim.container.ContainerWishes} of it.
 *
 * <p>Nothing here is specific to command tasks or executors, and nothing here starts a container.
 */
@NullMarked
package io.offerplane.shim.isolator;

import org.jspecify.annotations.NullMarked;
