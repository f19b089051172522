package io.offerplane.shim.container;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The host's side of a container's volumes, made ready just before its start.
 *
 * @param root the container's root filesystem
 * @param base what is to be mounted in the root before anything else
 * @param volumes what is to be mounted after everything else
 * @param hostPaths what the runtime has to put below the stage by then
 * @param secrets the same
 */
public record MountPlan(
        Path root, List<Mount> base, List<Mount> volumes, List<HostPath> hostPaths, List<Secret> secrets) {

    public MountPlan {
        base = List.copyOf(base);
        volumes = List.copyOf(volumes);
        hostPaths = List.copyOf(hostPaths);
        secrets = List.copyOf(secrets);
    }

    /**
     * A mount of one place at another.
     *
     * @param destination in the container
     * @param source on the host
     * @param options as an OCI configuration has them
     */
    record Mount(String destination, Path source, List<String> options) {}

    /**
     * A file or folder of the host that other tasks may swap for a link at any moment: whoever mounts it has to look again, at what was
     * mounted, whether it is this one.
     *
     * @param name below the stage
     * @param path where it is
     * @param identity device and file number as {@code stat -c %d:%i} prints them
     */
    public record HostPath(String name, Path path, String identity) {}

    /**
     * A file to be made below the stage.
     *
     * @param name below the stage
     * @param content of the file
     * @param writable whether its owner may write too
     */
    public record Secret(String name, ByteString content, boolean writable) {
        @Override
        public String toString() {
            return "Secret[" + name + "]";
        }
    }

    /**
     * Makes mount points, and looks at what is to be mounted. To be called after the files were fetched and before anything of the
     * container runs.
     *
     * @param folder of the container's own on the host's disk
     * @param stage where the runtime will put what the container's mounts come from
     * @throws IOException naming what is in the way
     */
    public static MountPlan prepare(ContainerSpec spec, Path folder, Path stage) throws IOException {
        List<Mount> mounts = new ArrayList<>();
        List<HostPath> hostPaths = new ArrayList<>();
        List<Secret> secrets = new ArrayList<>();
        Root root =
                switch (spec.rootfs()) {
                    case RootFilesystem.Shared(Path shared) -> new SharedRoot(shared, folder.resolve("root"));
                    case RootFilesystem.Layered _ -> new OwnRoot(layered(stage));
                };
        for (Volume volume : spec.wishes().volumes()) {
            String name = "v" + mounts.size();
            Path source =
                    switch (volume.source()) {
                        case Volume.HostPath(Path path) -> {
                            hostPaths.add(new HostPath(name, path, identity(path)));
                            yield stage.resolve(name);
                        }
                        case Volume.ParentPath(Path sandbox, Path path) -> {
                            Path shared = SandboxPaths.ensureSource(sandbox, path, spec.user());
                            hostPaths.add(new HostPath(name, shared, identity(shared)));
                            yield stage.resolve(name);
                        }
                        case Volume.SecretFile(ByteString content) -> {
                            secrets.add(new Secret(name, content, !volume.readOnly()));
                            yield stage.resolve(name);
                        }
                        case Volume.SandboxPath(Path path) ->
                            SandboxPaths.ensureSource(spec.sandbox(), path, spec.user());
                        case Volume.Folder(Path path) -> path;
                    };
            boolean isFolder =
                    switch (volume.source()) {
                        case Volume.HostPath(Path path) -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
                        case Volume.ParentPath(Path sandbox, Path path) ->
                            Files.isDirectory(sandbox.resolve(path), LinkOption.NOFOLLOW_LINKS);
                        case Volume.SecretFile secret -> false;
                        case Volume.SandboxPath path -> Files.isDirectory(source, LinkOption.NOFOLLOW_LINKS);
                        case Volume.Folder path -> true;
                    };
            if (volume.belowSandbox().isPresent()) {
                SandboxPaths.ensure(spec.sandbox(), volume.belowSandbox().get(), isFolder, spec.user());
            } else {
                root.add(volume.containerPath(), isFolder);
            }
            mounts.add(new Mount(volume.containerPath().toString(), source, options(volume, isFolder)));
        }
        List<Mount> base = root.build();
        return new MountPlan(root.path(), base, mounts, hostPaths, secrets);
    }

    /** Where the runtime puts an image's layers together. */
    private static Path layered(Path stage) {
        return stage.resolveSibling(stage.getFileName() + ".root");
    }

    /** Where volumes are to be mounted. */
    private interface Root {
        void add(Path containerPath, boolean isFolder) throws IOException;

        List<Mount> build() throws IOException;

        Path path();
    }

    /** One in which nothing may be made. */
    private static final class SharedRoot implements Root {
        private final Path shared;
        private final Path own;
        private final RootMountPoints points;

        SharedRoot(Path shared, Path own) {
            this.shared = shared;
            this.own = own;
            this.points = new RootMountPoints(shared);
        }

        @Override
        public void add(Path containerPath, boolean isFolder) throws IOException {
            points.add(containerPath, isFolder);
        }

        @Override
        public List<Mount> build() throws IOException {
            return points.areThere() ? List.of() : points.build(own);
        }

        @Override
        public Path path() {
            return points.areThere() ? shared : own;
        }
    }

    /** One that the container may write: the runtime makes in it what isn't there, following its links as the container would. */
    private record OwnRoot(Path path) implements Root {
        @Override
        public void add(Path containerPath, boolean isFolder) throws IOException {
            RootMountPoints.refuseReserved(containerPath, containerPath.normalize());
        }

        @Override
        public List<Mount> build() {
            return List.of();
        }
    }

    private static List<String> options(Volume volume, boolean isFolder) {
        String propagation = volume.receivesMounts() ? "rslave" : "rprivate";
        // A folder of the host comes with what is mounted in it, which has to be as harmless.
        return isFolder && volume.source() instanceof Volume.HostPath
                ? List.of("rbind", propagation, volume.readOnly() ? "rro" : "rw", "rnosuid", "rnodev")
                : List.of("bind", propagation, volume.readOnly() ? "ro" : "rw", "nosuid", "nodev");
    }

    private static String identity(Path path) throws IOException {
        boolean same;
        try {
            same = path.toRealPath().equals(path);
        } catch (NoSuchFileException gone) {
            same = false;
        }
        if (!same) {
            throw new IOException("Failed to mount a volume: the host's '" + path + "' was changed meanwhile");
        }
        return Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS) + ":"
                + Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }
}
