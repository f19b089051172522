package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.fetch.Fetcher;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.task.NodeIdentity;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * What nested containers need of the node.
 *
 * @param identity what this node is by now
 * @param stage a folder of their own, on the file system of the sandboxes
 * @param hosts what they may lie in
 */
public record NestedNode(
        Supplier<NodeIdentity> identity,
        Journal journal,
        ContainerRuntime runtime,
        Fetcher fetcher,
        Path stage,
        HostContainers hosts) {}
