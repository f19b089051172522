package io.offerplane.shim.local;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.container.v1.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.Set;

/** Reads what a container wrote. The sandbox is the container's: what it made of its files is followed nowhere. */
final class ContainerOutput {

    private static final int MAX_PART_BYTES = 64 << 10;

    private ContainerOutput() {}

    /**
     * Reads a part.
     *
     * @param file name of a file of the sandbox
     * @param offset where to begin; from the beginning when the file is shorter by now
     * @throws IOException also when the file is none
     */
    static Output read(Path sandbox, String file, long offset) throws IOException {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(sandbox)) {
            if (!(stream instanceof SecureDirectoryStream<Path> folder)) {
                throw new IOException("this file system can't open files beneath a folder");
            }
            Path name = Path.of(file);
            BasicFileAttributeView view =
                    folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            if (!view.readAttributes().isRegularFile()) {
                throw new IOException("'" + file + "' is no regular file any more");
            }
            try (SeekableByteChannel channel =
                    folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
                long from = offset > channel.size() ? 0 : offset;
                channel.position(from);
                ByteBuffer part = ByteBuffer.allocate((int) Math.min(MAX_PART_BYTES, channel.size() - from));
                while (part.hasRemaining() && channel.read(part) >= 0) {
                    // Until it is full, or the file ends before.
                }
                return Output.newBuilder()
                        .setOffset(from)
                        .setData(ByteString.copyFrom(part.flip()))
                        .build();
            }
        } catch (NoSuchFileException notYet) {
            return Output.newBuilder().setOffset(0).build();
        }
    }
}
