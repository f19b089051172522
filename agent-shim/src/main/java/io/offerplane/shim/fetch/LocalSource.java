package io.offerplane.shim.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Files of the node, from allowed folders only: the shim may read what tasks mustn't. */
final class LocalSource implements Source {

    private final List<Path> folders;

    LocalSource(List<Path> folders) {
        this.folders = folders;
    }

    @Override
    public Content open(FetchItem item) throws IOException {
        Path path = path(item.rest());
        if (!path.isAbsolute()) {
            throw new IOException("a relative path has no meaning on a node; use an absolute path or a URI");
        }
        Path real;
        try {
            real = path.toRealPath();
        } catch (IOException e) {
            if (isBelow(path.normalize())) {
                throw new IOException("there is no such file", e);
            }
            // The same words as for a file that is there, or tasks could learn which are.
            throw refused();
        }
        if (!isBelow(real)) {
            throw refused();
        }
        return regularFile(real);
    }

    private boolean isBelow(Path path) {
        return folders.stream().anyMatch(path::startsWith);
    }

    private static Content regularFile(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("it is no regular file");
        }
        return new Content(Files.newInputStream(file), OptionalLong.of(Files.size(file)));
    }

    private IOException refused() {
        return new IOException("this node's files are not open to tasks here; fetch.folders of the AgentPool allows "
                + (folders.isEmpty() ? "none" : folders.toString()));
    }

    private static Path path(String text) throws IOException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IOException("it can't name a file here: " + e.getReason(), e);
        }
    }
}
