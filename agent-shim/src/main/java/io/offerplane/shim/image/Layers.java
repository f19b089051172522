package io.offerplane.shim.image;

import io.offerplane.shim.container.DefaultRootfs;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Unpacks layers, each into a folder of its own: nothing of one can be written through a link of another. Source: the layer format of the
 * OCI image specification, with its marks of removed files.
 */
final class Layers {
    private static final String MARK = ".wh.";
    private static final String MARK_OF_ALL = ".wh..wh..opq";
    private static final String PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

    private final NodeProgram program;
    private final Map<Path, Object> unpacking = new ConcurrentHashMap<>();

    Layers(NodeProgram program) {
        this.program = program;
    }

    /**
     * Unpacks a layer unless it is there already, perhaps by another thread just now.
     *
     * @param blob a tar, perhaps packed, whose digest was found to be right
     * @param folder to be made
     */
    void unpack(Path blob, Path folder) throws IOException, InterruptedException {
        Path parent = Objects.requireNonNull(folder.getParent(), "layers lie in a folder");
        Object lock = unpacking.computeIfAbsent(folder, f -> new Object());
        synchronized (lock) {
            if (Files.isDirectory(folder)) {
                return;
            }
            // Its name is nobody else's: a tar of a killed shim may go on for a moment. What that leaves goes with the
            // next sweep.
            Path partial = Files.createTempDirectory(parent, folder.getFileName() + ".partial-");
            Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
            try {
                // It goes through no link that leads out of its folder, and finds out how the tar is packed.
                program.run(
                        List.of("tar", "--extract", "--numeric-owner", "--same-permissions", "--file", blob.toString()),
                        Map.of("PATH", PATH, "LC_ALL", "C.UTF-8"),
                        partial,
                        process -> {});
                translateMarks(partial);
            } catch (IOException e) {
                DefaultRootfs.removeTree(partial);
                throw new IOException(
                        "layer sha256:" + blob.getFileName() + " can't be unpacked: " + e.getMessage(), e);
            }
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** From the marks of archives to those of the kernel. */
    private static void translateMarks(Path layer) throws IOException {
        List<Path> marks = new ArrayList<>();
        Files.walkFileTree(layer, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                if (isMark(folder)) {
                    marks.add(folder);
                    return FileVisitResult.SKIP_SUBTREE;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (isMark(file)) {
                    marks.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        for (Path mark : marks) {
            translate(mark);
        }
    }

    private static boolean isMark(Path path) {
        return String.valueOf(path.getFileName()).startsWith(MARK);
    }

    private static void translate(Path mark) throws IOException {
        String name = String.valueOf(mark.getFileName());
        DefaultRootfs.removeTree(mark);
        Path folder = mark.getParent();
        if (folder == null) {
            return;
        }
        if (name.equals(MARK_OF_ALL)) {
            OverlayMarks.hideBelow(folder);
            return;
        }
        String hidden = name.substring(MARK.length());
        if (hidden.startsWith(MARK)) {
            // Notes that a builder left for itself.
            return;
        }
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw new IOException("'" + name + "' hides no file");
        }
        Path other = folder.resolve(hidden);
        if (Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)) {
            // The layer has a folder of its own in the place of the other.
            OverlayMarks.hideBelow(other);
        } else if (!Files.exists(other, LinkOption.NOFOLLOW_LINKS)) {
            OverlayMarks.hide(other);
        }
    }
}
