package io.offerplane.shim.container;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Something of outside that a container sees at a path of its own.
 *
 * @param source what it is
 * @param containerPath absolute and normalised, as the container sees it; below {@link OciConfig#SANDBOX} for a place in the sandbox
 * @param readOnly whether the container may not write
 * @param receivesMounts whether what is mounted below a host's folder later on shows up in the container too
 */
public record Volume(Source source, Path containerPath, boolean readOnly, boolean receivesMounts) {

    /** The place below the sandbox; empty for one elsewhere. */
    Optional<Path> belowSandbox() {
        Path sandbox = Path.of(OciConfig.SANDBOX);
        return containerPath.startsWith(sandbox) && !containerPath.equals(sandbox)
                ? Optional.of(sandbox.relativize(containerPath))
                : Optional.empty();
    }

    /** What is mounted. */
    public sealed interface Source {}

    /**
     * A file or folder of the host which tasks of other containers may be writing to.
     *
     * @param path free of links when it was looked at
     */
    public record HostPath(Path path) implements Source {}

    /**
     * A folder, or a file that is there, of the sandbox itself.
     *
     * @param path relative, without {@code ..}
     */
    public record SandboxPath(Path path) implements Source {}

    /**
     * A folder, or a file that is there, of the sandbox of the executor that the container is within. Other tasks of the executor may be
     * writing to it, but to none of the folders that it is in.
     *
     * @param sandbox the executor's; absolute
     * @param path relative, without {@code ..}
     */
    public record ParentPath(Path sandbox, Path path) implements Source {}

    /**
     * A folder that the shim made and that nobody can swap for another.
     *
     * @param path absolute
     */
    public record Folder(Path path) implements Source {}

    /**
     * Content that is nowhere but in memory.
     *
     * @param content of the file
     */
    public record SecretFile(ByteString content) implements Source {
        @Override
        public String toString() {
            return "SecretFile[" + content.size() + " bytes]";
        }
    }
}
