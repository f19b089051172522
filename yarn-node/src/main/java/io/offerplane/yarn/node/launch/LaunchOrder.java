package io.offerplane.yarn.node.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One container to start.
 *
 * @param id the container's id, fit for a file's name
 * @param user who it runs for
 * @param command program and arguments
 * @param workDir where it starts; exists
 * @param environment all variables that it starts with
 * @param reads directories that it may read; exist
 * @param writes directories that it may read and write, its own among them; exist
 * @param memoryMib its memory in MiB
 * @param vcores its virtual cores
 * @param image whose files it runs on, as Docker writes it; empty for those that every container has
 */
public record LaunchOrder(
        String id,
        String user,
        List<String> command,
        Path workDir,
        Map<String, String> environment,
        List<Path> reads,
        List<Path> writes,
        long memoryMib,
        int vcores,
        Optional<String> image) {
    public LaunchOrder {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
    }
}
