package io.offerplane.yarn.node.launch;

import java.nio.file.Path;

/**
 * Something of the node's that every container sees.
 *
 * @param source folder or file of the node
 * @param target where it stands in a container
 * @param writable whether containers may change it
 */
public record NodeMount(Path source, Path target, boolean writable) {
    /** Something that containers only read. */
    public NodeMount(Path source, Path target) {
        this(source, target, false);
    }
}
