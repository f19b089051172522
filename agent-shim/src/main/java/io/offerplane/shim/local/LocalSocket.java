package io.offerplane.shim.local;

import io.offerplane.protocol.container.FramedMessages;
import io.offerplane.protocol.container.v1.Containers;
import io.offerplane.protocol.container.v1.Measurements;
import io.offerplane.protocol.container.v1.Refusal;
import io.offerplane.protocol.container.v1.Removed;
import io.offerplane.protocol.container.v1.Request;
import io.offerplane.protocol.container.v1.Response;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the node's own programs. Who they are is the kernel's word (SO_PEERCRED): a connection of a user that isn't allowed is refused before a byte of
 * it is read. A peer that sends what is no request loses its connection, and nobody else notices.
 */
final class LocalSocket implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalSocket.class);

    /** More than any command with its variables. */
    private static final int MAX_REQUEST_BYTES = 2 << 20;

    /** Each may wait for a container. */
    private static final int MAX_CONNECTIONS = 4096;

    private final ServerSocketChannel server;
    private final Path path;
    private final Set<String> users;
    private final LocalContainers containers;
    private final Semaphore room = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    private LocalSocket(ServerSocketChannel server, Path path, Set<String> users, LocalContainers containers) {
        this.server = server;
        this.path = path;
        this.users = users;
        this.containers = containers;
    }

    /**
     * Begins to listen.
     *
     * @param path where the socket is made; one that an earlier shim left is replaced
     * @param users who is heard
     * @throws IOException when it can't be made there
     */
    static LocalSocket open(Path path, Set<String> users, LocalContainers containers) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.deleteIfExists(path);
            server.bind(UnixDomainSocketAddress.of(path));
            // Others than root need to write to it to connect; whom it hears isn't up to the file.
            String mode = users.equals(Set.of("root")) ? "rw-------" : "rw-rw-rw-";
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            server.close();
            throw new IOException("cannot listen for local containers at " + path + ": " + e.getMessage(), e);
        }
        LocalSocket socket = new LocalSocket(server, path, users, containers);
        Thread.ofPlatform().name("local-containers").daemon().start(socket::accept);
        log.info("Containers of this node's own programs are asked for at {}, by {}", path, String.join(", ", users));
        return socket;
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel connection = server.accept();
                connections.add(connection);
                Thread.ofVirtual().name("local-connection").start(() -> serve(connection));
            } catch (AsynchronousCloseException closed) {
                return;
            } catch (IOException e) {
                if (!server.isOpen()) {
                    return;
                }
                log.warn("Cannot take a local connection", e);
            }
        }
    }

    private void serve(SocketChannel connection) {
        boolean admitted = room.tryAcquire();
        try (connection) {
            FramedMessages messages = new FramedMessages(connection, MAX_REQUEST_BYTES);
            String user = connection
                    .getOption(ExtendedSocketOptions.SO_PEERCRED)
                    .user()
                    .getName();
            if (!users.contains(user)) {
                log.warn("User {} asks for local containers, but may not", user);
                messages.write(refused(
                        Refusal.Cause.INVALID, "user " + user + " may not have containers started on this node"));
                return;
            }
            if (!admitted) {
                messages.write(
                        refused(Refusal.Cause.EXHAUSTED, "more than " + MAX_CONNECTIONS + " connections; close some"));
                return;
            }
            while (true) {
                Optional<Request> request = messages.read(Request.parser());
                if (request.isEmpty()) {
                    return;
                }
                messages.write(answer(user, request.get()));
            }
        } catch (IOException e) {
            log.debug("A local connection ends", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.error("Cannot answer a local request", e);
        } finally {
            connections.remove(connection);
            if (admitted) {
                room.release();
            }
        }
    }

    private Response answer(String user, Request request) throws InterruptedException {
        Response.Builder response = Response.newBuilder();
        try {
            switch (request.getRequestCase()) {
                case START -> response.setContainer(containers.start(user, request.getStart()));
                case WAIT -> {
                    var wait = request.getWait();
                    response.setContainer(containers.await(user, wait.getName(), wait.getPatienceMillis()));
                }
                case STOP -> {
                    var stop = request.getStop();
                    response.setContainer(containers.stop(user, stop.getName(), stop.getGraceMillis()));
                }
                case SEND_SIGNAL -> {
                    var signal = request.getSendSignal();
                    response.setContainer(containers.signal(user, signal.getName(), signal.getSignal()));
                }
                case RESIZE -> {
                    var resize = request.getResize();
                    response.setContainer(containers.resize(user, resize.getName(), resize.getSize()));
                }
                case MEASURE ->
                    response.setMeasurements(Measurements.newBuilder()
                            .addAllMeasurements(containers.measure(
                                    user, request.getMeasure().getNamesList())));
                case READ_OUTPUT -> response.setOutput(containers.read(user, request.getReadOutput()));
                case LIST -> response.setContainers(Containers.newBuilder().addAllContainers(containers.list(user)));
                case REMOVE -> {
                    containers.remove(user, request.getRemove().getName());
                    response.setRemoved(Removed.getDefaultInstance());
                }
                case REQUEST_NOT_SET ->
                    throw new RefusedRequestException(
                            Refusal.Cause.INVALID, "the request is none that this release of the shim knows");
            }
        } catch (RefusedRequestException e) {
            return Response.newBuilder().setRefusal(e.refusal()).build();
        }
        return response.build();
    }

    private static Response refused(Refusal.Cause cause, String message) {
        return Response.newBuilder()
                .setRefusal(Refusal.newBuilder().setCause(cause).setMessage(message))
                .build();
    }

    /** Ends all connections; containers stay. */
    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
        Files.deleteIfExists(path);
    }
}
