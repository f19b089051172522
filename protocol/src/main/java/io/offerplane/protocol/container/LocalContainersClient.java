package io.offerplane.protocol.container;

import io.offerplane.protocol.container.v1.Container;
import io.offerplane.protocol.container.v1.Measure;
import io.offerplane.protocol.container.v1.Measurement;
import io.offerplane.protocol.container.v1.Output;
import io.offerplane.protocol.container.v1.ReadOutput;
import io.offerplane.protocol.container.v1.Remove;
import io.offerplane.protocol.container.v1.Request;
import io.offerplane.protocol.container.v1.Resize;
import io.offerplane.protocol.container.v1.Response;
import io.offerplane.protocol.container.v1.SendSignal;
import io.offerplane.protocol.container.v1.Size;
import io.offerplane.protocol.container.v1.Start;
import io.offerplane.protocol.container.v1.Stop;
import io.offerplane.protocol.container.v1.Wait;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Has the shim of this node run containers. Each call opens a connection of its own, so calls of several threads don't wait for each other. All of them throw
 * an {@link IOException} when the shim can't be reached or goes away meanwhile: it may be restarting, and every call may be made again.
 * A call that waits ends with a {@link java.nio.channels.ClosedByInterruptException} when its thread is interrupted.
 */
public final class LocalContainersClient {

    /** More than any answer has. */
    private static final int MAX_RESPONSE_BYTES = 16 << 20;

    private final UnixDomainSocketAddress address;

    /** @param socket the shim's */
    public LocalContainersClient(Path socket) {
        this.address = UnixDomainSocketAddress.of(socket);
    }

    /** Starts a container; repeated, waits for the same one. It is running, has ended, or is still being prepared when the patience is over. */
    public Container start(Start start) throws IOException, RefusedException {
        return call(Request.newBuilder().setStart(start).build()).getContainer();
    }

    /** Waits for the end, for that long at the most. */
    public Container await(String name, Duration patience) throws IOException, RefusedException {
        return call(Request.newBuilder()
                        .setWait(
                                Wait.newBuilder().setName(name).setPatienceMillis(Math.toIntExact(patience.toMillis())))
                        .build())
                .getContainer();
    }

    /** Asks for the end, and has it after the grace. Asked again, the grace can only become shorter. */
    public Container stop(String name, Duration grace) throws IOException, RefusedException {
        return call(Request.newBuilder()
                        .setStop(Stop.newBuilder().setName(name).setGraceMillis(Math.toIntExact(grace.toMillis())))
                        .build())
                .getContainer();
    }

    /** Sends all processes of a running container a signal. */
    public Container signal(String name, SendSignal.Signal signal) throws IOException, RefusedException {
        return call(Request.newBuilder()
                        .setSendSignal(SendSignal.newBuilder().setName(name).setSignal(signal))
                        .build())
                .getContainer();
    }

    /** Gives a running container other limits. */
    public Container resize(String name, Size size) throws IOException, RefusedException {
        return call(Request.newBuilder()
                        .setResize(Resize.newBuilder().setName(name).setSize(size))
                        .build())
                .getContainer();
    }

    /** @param names of running containers, in whose place others are passed over; none for all */
    public List<Measurement> measure(Collection<String> names) throws IOException, RefusedException {
        return call(Request.newBuilder()
                        .setMeasure(Measure.newBuilder().addAllNames(names))
                        .build())
                .getMeasurements()
                .getMeasurementsList();
    }

    /** Reads what a container wrote, from the offset on. */
    public Output readOutput(String name, ReadOutput.Stream stream, long offset, Duration patience)
            throws IOException, RefusedException {
        return call(Request.newBuilder()
                        .setReadOutput(ReadOutput.newBuilder()
                                .setName(name)
                                .setStream(stream)
                                .setOffset(offset)
                                .setPatienceMillis(Math.toIntExact(patience.toMillis())))
                        .build())
                .getOutput();
    }

    /** All that were started and not removed, by this user. */
    public List<Container> list() throws IOException, RefusedException {
        return call(Request.newBuilder()
                        .setList(io.offerplane.protocol.container.v1.List.getDefaultInstance())
                        .build())
                .getContainers()
                .getContainersList();
    }

    /** Forgets an ended container. One that there isn't is forgotten already. */
    public void remove(String name) throws IOException, RefusedException {
        try {
            call(Request.newBuilder()
                    .setRemove(Remove.newBuilder().setName(name))
                    .build());
        } catch (RefusedException e) {
            if (e.refusalCause() != io.offerplane.protocol.container.v1.Refusal.Cause.NOT_FOUND) {
                throw e;
            }
        }
    }

    private Response call(Request request) throws IOException, RefusedException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(address);
            FramedMessages messages = new FramedMessages(channel, MAX_RESPONSE_BYTES);
            Optional<IOException> unread = written(messages, request);
            Response response = messages.read(Response.parser())
                    .orElseThrow(() ->
                            unread.orElseGet(() -> new IOException("the shim ended the connection without an answer")));
            if (response.hasRefusal()) {
                throw new RefusedException(response.getRefusal());
            }
            return response;
        }
    }

    /** A shim that won't hear this user says so without reading, and what it said can be read all the same. */
    private static Optional<IOException> written(FramedMessages messages, Request request) throws IOException {
        try {
            messages.write(request);
            return Optional.empty();
        } catch (ClosedChannelException interrupted) {
            throw interrupted;
        } catch (IOException ended) {
            return Optional.of(ended);
        }
    }
}
