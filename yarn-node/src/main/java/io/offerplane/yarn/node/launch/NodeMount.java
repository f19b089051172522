package io.offerplane.yarn.node.launch;

import java.nio.file.Path;

/**
 * Something of the node's that every container sees, read-only.
 *
 * @param source folder or file of the node
 * @param target where it stands in a container
 */
public record NodeMount(Path source, Path target) {}
