package io.offerplane.yarn.node.launch;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.container.FramedMessages;
import io.offerplane.protocol.container.v1.Container;
import io.offerplane.protocol.container.v1.Containers;
import io.offerplane.protocol.container.v1.End;
import io.offerplane.protocol.container.v1.Refusal;
import io.offerplane.protocol.container.v1.Removed;
import io.offerplane.protocol.container.v1.Request;
import io.offerplane.protocol.container.v1.Response;
import io.offerplane.protocol.container.v1.SendSignal;
import io.offerplane.protocol.container.v1.Start;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.mesos.v1.Protos.CommandInfo;

/** The shim's container API with containers whose ends the test decides. It can go away and come back. */
public final class ScriptedShim implements AutoCloseable {

    private final Path socket;
    private final Map<String, CompletableFuture<End>> containers = new ConcurrentHashMap<>();
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    /** In order of arrival, repeated ones included. */
    final List<Start> starts = new CopyOnWriteArrayList<>();

    final List<SendSignal.Signal> signals = new CopyOnWriteArrayList<>();

    /** What the next starts are answered with. */
    volatile Response answer = Response.getDefaultInstance();

    private ServerSocketChannel server;

    public ScriptedShim(Path socket) throws IOException {
        this.socket = socket;
        this.server = listen();
    }

    private ServerSocketChannel listen() throws IOException {
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Files.deleteIfExists(socket);
        listening.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    SocketChannel connection = listening.accept();
                    connections.add(connection);
                    Thread.ofVirtual().start(() -> serve(connection));
                }
            } catch (IOException closed) {
                // The test is over, or the shim away.
            }
        });
        return listening;
    }

    /** Ends all connections, and takes none until {@link #comeBack}. */
    void goAway() throws IOException {
        server.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
    }

    void comeBack() throws IOException {
        server = listen();
    }

    /** Ends a container. */
    void end(String name, End end) {
        containers.get(name).complete(end);
    }

    /** As if an earlier process had started it. */
    public void holds(String name) {
        containers.put(name, new CompletableFuture<>());
    }

    public Set<String> held() {
        return Set.copyOf(containers.keySet());
    }

    static CommandInfo command(Start start) {
        try {
            return CommandInfo.parseFrom(start.getCommand());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            FramedMessages messages = new FramedMessages(connection, 1 << 20);
            messages.write(answer(messages.read(Request.parser()).orElseThrow()));
        } catch (IOException gone) {
            // Its client is, or the test.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Response answer(Request request) throws InterruptedException {
        return switch (request.getRequestCase()) {
            case START -> {
                Start start = request.getStart();
                starts.add(start);
                if (answer.hasRefusal()) {
                    yield answer;
                }
                if (answer.hasContainer()) {
                    containers.put(
                            start.getName(),
                            CompletableFuture.completedFuture(
                                    answer.getContainer().getEnd()));
                    yield answer;
                }
                containers.putIfAbsent(start.getName(), new CompletableFuture<>());
                yield container(start.getName());
            }
            case WAIT -> {
                try {
                    var _ = containers
                            .get(request.getWait().getName())
                            .get(request.getWait().getPatienceMillis(), TimeUnit.MILLISECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    // Then it is told as it is.
                }
                yield container(request.getWait().getName());
            }
            case STOP -> {
                containers
                        .get(request.getStop().getName())
                        .complete(End.newBuilder().setSignal(9).setStopped(true).build());
                yield container(request.getStop().getName());
            }
            case SEND_SIGNAL -> {
                signals.add(request.getSendSignal().getSignal());
                yield container(request.getSendSignal().getName());
            }
            case LIST -> {
                Containers.Builder all = Containers.newBuilder();
                containers
                        .keySet()
                        .forEach(name -> all.addContainers(container(name).getContainer()));
                yield Response.newBuilder().setContainers(all).build();
            }
            case REMOVE -> {
                containers.remove(request.getRemove().getName());
                yield Response.newBuilder()
                        .setRemoved(Removed.getDefaultInstance())
                        .build();
            }
            case RESIZE, MEASURE, READ_OUTPUT, REQUEST_NOT_SET -> throw new IllegalStateException(request.toString());
        };
    }

    private Response container(String name) {
        CompletableFuture<End> end = containers.get(name);
        if (end == null) {
            return Response.newBuilder()
                    .setRefusal(Refusal.newBuilder()
                            .setCause(Refusal.Cause.NOT_FOUND)
                            .setMessage("there is no container '" + name + "'"))
                    .build();
        }
        Container.Builder container = Container.newBuilder().setName(name).setState(Container.State.RUNNING);
        if (end.isDone()) {
            container.setState(Container.State.ENDED).setEnd(end.join());
        }
        return Response.newBuilder().setContainer(container).build();
    }

    @Override
    public void close() throws IOException {
        goAway();
    }
}
