package io.offerplane.protocol.container;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Optional;

/**
 * Messages on a byte stream, each after its length in four bytes, the most significant first. Blocks as its channel does. Not for several
 * threads.
 */
public final class FramedMessages {

    private final ByteChannel channel;
    private final int most;

    /**
     * @param channel blocking
     * @param most bytes of the longest message that is read
     */
    public FramedMessages(ByteChannel channel, int most) {
        this.channel = channel;
        this.most = most;
    }

    /** Writes one message. */
    public void write(MessageLite message) throws IOException {
        byte[] bytes = message.toByteArray();
        ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + bytes.length);
        framed.putInt(bytes.length).put(bytes).flip();
        while (framed.hasRemaining()) {
            channel.write(framed);
        }
    }

    /**
     * Reads one message.
     *
     * @return empty when the other side has ended the stream instead
     * @throws IOException also when a message is too long or is none: there is no way to go on then
     */
    public <M> Optional<M> read(Parser<M> parser) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        if (channel.read(length) < 0) {
            return Optional.empty();
        }
        fill(length);
        int bytes = length.flip().getInt();
        if (bytes < 0 || bytes > most) {
            throw new IOException(
                    "a message of " + Integer.toUnsignedString(bytes) + " bytes; expected at most " + most);
        }
        ByteBuffer message = ByteBuffer.allocate(bytes);
        fill(message);
        return Optional.of(parser.parseFrom(message.flip()));
    }

    private void fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the stream ends within a message");
            }
        }
    }
}
