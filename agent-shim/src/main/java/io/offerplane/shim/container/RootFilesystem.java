package io.offerplane.shim.container;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a container's processes see as {@code /}. */
public sealed interface RootFilesystem {

    /**
     * Finds a file on the host as the container would, but through no link.
     *
     * @param name without a leading slash
     */
    Optional<Path> file(String name);

    /**
     * A folder that many containers share, and that none may write.
     *
     * @param folder on the host
     */
    record Shared(Path folder) implements RootFilesystem {
        @Override
        public Optional<Path> file(String name) {
            return Optional.of(folder.resolve(name))
                    .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
        }
    }

    /**
     * Folders that many containers share, one upon the other, with one of the container's own on top that it may write. As the kernel's
     * overlay file system puts them together.
     *
     * @param layers the uppermost first; all in one folder
     */
    record Layered(List<Path> layers) implements RootFilesystem {
        public Layered {
            layers = List.copyOf(layers);
        }

        @Override
        public Optional<Path> file(String name) {
            for (Path layer : layers) {
                Path at = layer;
                boolean hidden = false;
                for (Path step : Path.of(name)) {
                    // What is no folder hides all that lower layers have of it, and so does the mark of a removal.
                    hidden = !at.equals(layer)
                            && Files.exists(at, LinkOption.NOFOLLOW_LINKS)
                            && !Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS);
                    if (hidden) {
                        break;
                    }
                    at = at.resolve(step);
                }
                if (hidden) {
                    return Optional.empty();
                }
                if (Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                    return Optional.of(at).filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
                }
            }
            return Optional.empty();
        }
    }
}
