/**
 * YARN's node side: a light NodeManager. It checks tokens, fetches files, writes the launch script and reports to the head; starting
 * processes is somebody else's ({@link io.offerplane.yarn.node.launch.ContainerLauncher}). Start at
 * {@link io.offerplane.yarn.node.YarnNode}.
 */
@NullMarked
package io.offerplane.yarn.node;

import org.jspecify.annotations.NullMarked;
