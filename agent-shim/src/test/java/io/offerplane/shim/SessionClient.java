package io.offerplane.shim;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.mesos.MesosJsonReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.TTYInfo;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.ProcessIO;

/** Both connections of somebody who has a program join a container: what it says, and what it is told. */
final class SessionClient implements AutoCloseable {

    private final int port;
    private final String authorization;
    private final AgentClient client;
    private final String form;
    // Guarded by this.
    private final StringBuilder out = new StringBuilder();
    private final StringBuilder err = new StringBuilder();
    private volatile InputStream output;
    private volatile boolean over;
    private Socket input;

    /** @param form of the records */
    SessionClient(int port, String authorization, String form) {
        this.port = port;
        this.authorization = authorization;
        this.client = new AgentClient(port, authorization, form);
        this.form = form;
    }

    static Call.Builder session(ContainerID id, CommandInfo.Builder command) {
        return Call.newBuilder()
                .setType(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION)
                .setLaunchNestedContainerSession(Call.LaunchNestedContainerSession.newBuilder()
                        .setContainerId(id)
                        .setCommand(command));
    }

    static Call.Builder onTerminal(ContainerID id, CommandInfo.Builder command, int rows, int columns) {
        Call.Builder call = session(id, command);
        call.getLaunchNestedContainerSessionBuilder()
                .setContainer(ContainerInfo.newBuilder()
                        .setType(ContainerInfo.Type.MESOS)
                        .setTtyInfo(TTYInfo.newBuilder()
                                .setWindowSize(TTYInfo.WindowSize.newBuilder()
                                        .setRows(rows)
                                        .setColumns(columns))));
        return call;
    }

    static Call.Builder attached(ContainerID id) {
        return Call.newBuilder()
                .setType(Call.Type.ATTACH_CONTAINER_OUTPUT)
                .setAttachContainerOutput(
                        Call.AttachContainerOutput.newBuilder().setContainerId(id));
    }

    /** Makes a call that is answered by a stream, and reads that on a thread of its own; another answer in words. */
    String open(Call.Builder call) throws Exception {
        HttpRequest request = client.request()
                .header("Content-Type", form)
                .header("Accept", "application/recordio")
                .header("Message-Accept", form)
                .POST(HttpRequest.BodyPublishers.ofByteArray(client.encode(call.build())))
                .build();
        HttpResponse<InputStream> answer = client.http().send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            try (InputStream body = answer.body()) {
                return (answer.statusCode() + " " + new String(body.readAllBytes(), StandardCharsets.UTF_8)).strip();
            }
        }
        if (!answer.headers().firstValue("Content-Type").orElse("").equals("application/recordio")
                || !answer.headers()
                        .firstValue("Message-Content-Type")
                        .orElse("")
                        .equals(form)) {
            throw new IOException("answered in another form: " + answer.headers());
        }
        output = answer.body();
        Thread.ofVirtual().start(this::read);
        return "200";
    }

    private void read() {
        try (DataInputStream in = new DataInputStream(output)) {
            while (true) {
                StringBuilder length = new StringBuilder();
                for (int next = in.read(); next != '\n'; next = in.read()) {
                    if (next < 0) {
                        return;
                    }
                    length.append((char) next);
                }
                byte[] record = new byte[Integer.parseInt(length.toString())];
                in.readFully(record);
                ProcessIO.Builder message = ProcessIO.newBuilder();
                if (form.equals(AgentClient.JSON)) {
                    MesosJsonReader.merge(record, message);
                } else {
                    message.mergeFrom(record);
                }
                hear(message.getData());
            }
        } catch (IOException | io.offerplane.protocol.mesos.MalformedMessageException e) {
            // A test that waits for more says what it has heard.
            output = null;
        } finally {
            over = true;
        }
    }

    /** Whether the stream has ended. */
    boolean isOver() {
        return over;
    }

    private synchronized void hear(ProcessIO.Data data) {
        StringBuilder said = data.getType() == ProcessIO.Data.Type.STDERR ? err : out;
        said.append(data.getData().toString(StandardCharsets.ISO_8859_1));
    }

    synchronized String stdout() {
        return out.toString();
    }

    synchronized String stderr() {
        return err.toString();
    }

    private synchronized boolean endsAlmostWith(String text) {
        return out.indexOf(text, Math.max(0, out.length() - 1000)) >= 0;
    }

    void awaitOutput(String text) {
        FakeLeader.await("'" + text + "' to be said", () -> endsAlmostWith(text), this::end);
    }

    /** The last of what was said, for messages of failed tests. */
    private synchronized String end() {
        return out.substring(Math.max(0, out.length() - 1000)) + err;
    }

    void awaitEnd() {
        FakeLeader.await("the end of the stream", () -> over, this::end);
    }

    // --- input, by hand: a request that goes on

    void attachInput(ContainerID id) throws IOException {
        input = new Socket(InetAddress.getLoopbackAddress(), port);
        OutputStream out = input.getOutputStream();
        out.write(("POST /api/v1 HTTP/1.1\r\nHost: agent\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
                        + "Content-Type: application/recordio\r\nMessage-Content-Type: " + form + "\r\nAccept: " + form
                        + "\r\n" + (authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n")
                        + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        send(Call.AttachContainerInput.newBuilder()
                .setType(Call.AttachContainerInput.Type.CONTAINER_ID)
                .setContainerId(id));
    }

    private void send(Call.AttachContainerInput.Builder message) throws IOException {
        byte[] record = client.encode(Call.newBuilder()
                .setType(Call.Type.ATTACH_CONTAINER_INPUT)
                .setAttachContainerInput(message)
                .build());
        byte[] length = (record.length + "\n").getBytes(StandardCharsets.US_ASCII);
        OutputStream out = input.getOutputStream();
        out.write((Integer.toHexString(length.length + record.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(length);
        out.write(record);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private void send(ProcessIO.Builder message) throws IOException {
        send(Call.AttachContainerInput.newBuilder()
                .setType(Call.AttachContainerInput.Type.PROCESS_IO)
                .setProcessIo(message));
    }

    void type(String text) throws IOException {
        type(ProcessIO.Data.Type.STDIN, text);
    }

    void type(ProcessIO.Data.Type type, String text) throws IOException {
        send(ProcessIO.newBuilder()
                .setType(ProcessIO.Type.DATA)
                .setData(ProcessIO.Data.newBuilder().setType(type).setData(ByteString.copyFromUtf8(text))));
    }

    void resize(int rows, int columns) throws IOException {
        send(ProcessIO.newBuilder()
                .setType(ProcessIO.Type.CONTROL)
                .setControl(ProcessIO.Control.newBuilder()
                        .setType(ProcessIO.Control.Type.TTY_INFO)
                        .setTtyInfo(TTYInfo.newBuilder()
                                .setWindowSize(TTYInfo.WindowSize.newBuilder()
                                        .setRows(rows)
                                        .setColumns(columns)))));
    }

    void beat() throws IOException {
        send(ProcessIO.newBuilder()
                .setType(ProcessIO.Type.CONTROL)
                .setControl(ProcessIO.Control.newBuilder()
                        .setType(ProcessIO.Control.Type.HEARTBEAT)
                        .setHeartbeat(ProcessIO.Control.Heartbeat.getDefaultInstance())));
    }

    /** Ends the request, without having said that the input ends. */
    void finishRequest() throws IOException {
        input.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        input.getOutputStream().flush();
    }

    /** Waits for the answer to the input: its status line, and its text. */
    String inputAnswer() throws IOException {
        String answer = new String(input.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int body = answer.indexOf("\r\n\r\n");
        return (answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3) + " " + answer.substring(body + 4))
                .strip();
    }

    /** Goes away without a word. */
    void hangUp() throws IOException {
        InputStream open = output;
        if (open != null) {
            open.close();
        }
        client.close();
    }

    @Override
    public void close() throws IOException {
        hangUp();
        if (input != null) {
            input.close();
        }
    }
}
