package io.offerplane.shim;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.offerplane.protocol.libprocess.LibprocessMessage;
import io.offerplane.protocol.libprocess.Upid;
import io.offerplane.protocol.libprocess.v0.RegisterExecutorMessage;
import io.offerplane.protocol.libprocess.v0.StatusUpdate;
import io.offerplane.protocol.libprocess.v0.StatusUpdateMessage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.mesos.Protos.ExecutorID;
import org.apache.mesos.Protos.FrameworkID;
import org.apache.mesos.Protos.SlaveID;
import org.apache.mesos.Protos.TaskID;
import org.apache.mesos.Protos.TaskState;
import org.apache.mesos.Protos.TaskStatus;

/**
 * An executor's v0 driver, doing what a test says. What it sends goes through a relay in the executor's container, since that is
 * what proves who it is; it listens itself.
 */
final class WireDriver implements AutoCloseable {

    /** A message from the agent. */
    record Received(String path, String from, ByteString body) {
        String name() {
            return path.substring(path.lastIndexOf('.') + 1);
        }
    }

    private final ServerSocket relay;
    private final ServerSocket ear;
    private final Upid agent;
    private final Upid self;
    private final String executor;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<Socket> links = new CopyOnWriteArrayList<>();
    private Socket out;

    WireDriver(int agentPort, String executor) throws Exception {
        this.executor = executor;
        this.relay = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        relay.setSoTimeout(120_000);
        this.ear = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        this.agent = Upid.parse("slave(1)@127.0.0.1:" + agentPort);
        this.self = Upid.parse("executor(1)@127.0.0.1:" + ear.getLocalPort());
        Thread.ofVirtual().start(this::listen);
    }

    /** What the executor's container runs: it connects to the agent, and what comes from here goes there. */
    String command() {
        return "while :; do busybox nc 127.0.0.1 " + agent.port() + " -e /bin/busybox nc 127.0.0.1 "
                + relay.getLocalPort() + "; sleep 0.3; done";
    }

    Upid self() {
        return self;
    }

    List<Received> received() {
        return received;
    }

    /** Waits for the relay to be connected to the agent. */
    void connect() throws IOException {
        if (out != null) {
            out.close();
        }
        out = relay.accept();
        out.setSoTimeout(120_000);
    }

    private void listen() {
        while (!ear.isClosed()) {
            try {
                Socket link = ear.accept();
                links.add(link);
                Thread.ofVirtual().start(() -> read(link));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void read(Socket link) {
        try (link) {
            InputStream in = new BufferedInputStream(link.getInputStream());
            while (true) {
                String request = line(in);
                String from = "";
                boolean chunked = false;
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    if (header.startsWith("Libprocess-From: ")) {
                        from = header.substring("Libprocess-From: ".length());
                    }
                    chunked |= header.equals("Transfer-Encoding: chunked");
                }
                ByteString body = ByteString.EMPTY;
                if (chunked) {
                    body = ByteString.copyFrom(in.readNBytes(Integer.parseInt(line(in), 16)));
                    for (int i = 0; i < 3; i++) {
                        line(in);
                    }
                }
                received.add(new Received(request.split(" ")[1], from, body));
                link.getOutputStream()
                        .write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException over) {
            // A test that waits for more says what it has seen.
            links.remove(link);
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the link ends");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    byte[] encoded(MessageLite message) {
        return encoded("mesos.internal." + message.getClass().getSimpleName(), message.toByteString());
    }

    byte[] encoded(String name, ByteString body) {
        return new LibprocessMessage(name, body).encode(self, agent);
    }

    void send(MessageLite message) throws IOException {
        send(encoded(message));
    }

    void send(byte[] bytes) throws IOException {
        out.getOutputStream().write(bytes);
    }

    /** The first line of the next reply, which carries nothing else. */
    String reply() throws IOException {
        String status = line(out.getInputStream());
        while (!line(out.getInputStream()).isEmpty()) {
            // Headers.
        }
        return status;
    }

    static ByteString framework() {
        return FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK).build().toByteString();
    }

    ByteString executor() {
        return ExecutorID.newBuilder().setValue(executor).build().toByteString();
    }

    RegisterExecutorMessage registration() {
        return RegisterExecutorMessage.newBuilder()
                .setFrameworkId(framework())
                .setExecutorId(executor())
                .build();
    }

    StatusUpdate update(String task, TaskState state, UUID uuid) {
        ByteString slave =
                SlaveID.newBuilder().setValue(FakeLeader.AGENT).build().toByteString();
        return StatusUpdate.newBuilder()
                .setFrameworkId(framework())
                .setExecutorId(executor())
                .setSlaveId(slave)
                .setTimestamp(1)
                .setUuid(bytes(uuid))
                .setStatus(TaskStatus.newBuilder()
                        .setTaskId(TaskID.newBuilder().setValue(task))
                        .setState(state)
                        .build()
                        .toByteString())
                .build();
    }

    StatusUpdateMessage message(String task, TaskState state, UUID uuid) {
        return StatusUpdateMessage.newBuilder()
                .setUpdate(update(task, state, uuid))
                .setPid(self.toString())
                .build();
    }

    static ByteString bytes(UUID uuid) {
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array());
    }

    /** The body of the first message of the name. */
    ByteString await(String name) {
        FakeLeader.await(
                name + " among ",
                () -> received.stream().anyMatch(m -> m.name().equals(name)),
                () -> received.stream().map(Received::name).toList().toString());
        return received.stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow()
                .body();
    }

    @Override
    public void close() throws IOException {
        relay.close();
        ear.close();
        for (Socket link : links) {
            link.close();
        }
        if (out != null) {
            out.close();
        }
    }
}
