package io.offerplane.shim.isolator;

import io.offerplane.shim.container.ContainerLaunchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/** The folders of the host that volumes may come from: the shim may read what tasks mustn't. */
final class HostFolders {

    private final List<Path> folders;
    private final Path work;

    /**
     * @param folders allowed; absolute
     * @param work the shim's own, never allowed
     */
    HostFolders(List<Path> folders, Path work) {
        this.folders = List.copyOf(folders);
        this.work = work;
    }

    /**
     * Finds what a volume names.
     *
     * @return its real path, below the real path of an allowed folder
     * @throws ContainerLaunchException when it isn't allowed, by its name or by where links lead from there, or isn't there
     */
    Path find(String name) throws ContainerLaunchException {
        if (name.chars().anyMatch(c -> c < ' ') || name.endsWith(" ")) {
            throw refused(name, "it has characters that no volume's path has");
        }
        Path path = Path.of(name);
        if (StreamSupport.stream(path.spliterator(), false)
                .anyMatch(part -> part.toString().equals(".."))) {
            throw refused(name, "'..' leads out");
        }
        // By name first: whether other files exist is nobody's business.
        if (folders.stream().noneMatch(f -> path.normalize().startsWith(f.normalize()))) {
            throw refused(
                    name,
                    "containers.volumeFolders of the AgentPool allows "
                            + (folders.isEmpty()
                                    ? "none"
                                    : String.join(
                                            ", ",
                                            folders.stream().map(Path::toString).toList())));
        }
        if (!Files.exists(path)) {
            throw refused(name, "it does not exist on this node");
        }
        try {
            Path real = path.toRealPath();
            for (Path folder : folders) {
                if (Files.isDirectory(folder) && real.startsWith(folder.toRealPath())) {
                    Path own = Files.exists(work) ? work.toRealPath() : work;
                    if (real.startsWith(own) || own.startsWith(real)) {
                        throw refused(name, "the agent's own files are there");
                    }
                    return real;
                }
            }
        } catch (IOException e) {
            throw new ContainerLaunchException("Failed to mount a volume: host path '" + name + "': " + e, e);
        }
        throw refused(name, "links lead out of the folders that containers.volumeFolders of the AgentPool allows");
    }

    private static ContainerLaunchException refused(String name, String why) {
        return new ContainerLaunchException(
                "Failed to mount a volume: host path '" + name + "' is not allowed: " + why);
    }
}
