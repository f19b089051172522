package io.offerplane.shim;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.mesos.MesosJsonReader;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;

/** Somebody who calls the agent's v1 API, in JSON or in protobuf, with an authorization or without one. */
final class AgentClient implements AutoCloseable {

    static final String JSON = "application/json";
    static final String PROTOBUF = "application/x-protobuf";

    /**
     * What came back.
     *
     * @param text of a refusal; empty where there is no body
     */
    record Answered(int status, String text, Response response) {
        @Override
        public String toString() {
            return (status + " " + text).strip();
        }
    }

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI uri;
    private final String authorization;
    private final String form;

    AgentClient(int port, String authorization, String form) {
        this.uri = URI.create("http://127.0.0.1:" + port + "/api/v1");
        this.authorization = authorization;
        this.form = form;
    }

    static String basic(String principal, String secret) {
        return "Basic "
                + Base64.getEncoder().encodeToString((principal + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    static ContainerID id(String... ids) {
        ContainerID.Builder id = ContainerID.newBuilder().setValue(ids[ids.length - 1]);
        if (ids.length > 1) {
            id.setParent(id(java.util.Arrays.copyOf(ids, ids.length - 1)));
        }
        return id.build();
    }

    static CommandInfo.Builder shell(String command) {
        return CommandInfo.newBuilder().setShell(true).setValue(command);
    }

    HttpRequest.Builder request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    HttpClient http() {
        return client;
    }

    byte[] encode(Call call) {
        return form.equals(JSON) ? MesosJsonWriter.toBytes(call) : call.toByteArray();
    }

    private HttpRequest request(Call.Builder call) {
        return request()
                .header("Content-Type", form)
                .header("Accept", form)
                .POST(HttpRequest.BodyPublishers.ofByteArray(encode(call.build())))
                .build();
    }

    private Answered read(HttpResponse<byte[]> answer) {
        byte[] body = answer.body();
        try {
            if (answer.statusCode() != 200 || body.length == 0) {
                return new Answered(
                        answer.statusCode(), new String(body, StandardCharsets.UTF_8), Response.getDefaultInstance());
            }
            if (form.equals(PROTOBUF)) {
                return new Answered(200, "", Response.parseFrom(ByteString.copyFrom(body)));
            }
            Response.Builder response = Response.newBuilder();
            MesosJsonReader.merge(body, response);
            return new Answered(200, "", response.build());
        } catch (com.google.protobuf.InvalidProtocolBufferException
                | io.offerplane.protocol.mesos.MalformedMessageException e) {
            throw new IllegalStateException(new String(body, StandardCharsets.UTF_8), e);
        }
    }

    Answered call(Call.Builder call) throws Exception {
        return read(client.send(request(call), HttpResponse.BodyHandlers.ofByteArray()));
    }

    CompletableFuture<Answered> callLater(Call.Builder call) {
        return client.sendAsync(request(call), HttpResponse.BodyHandlers.ofByteArray())
                .thenApply(this::read);
    }

    Answered launch(ContainerID id, CommandInfo.Builder command) throws Exception {
        return call(launching(id, command));
    }

    static Call.Builder launching(ContainerID id, CommandInfo.Builder command) {
        return Call.newBuilder()
                .setType(Call.Type.LAUNCH_CONTAINER)
                .setLaunchContainer(
                        Call.LaunchContainer.newBuilder().setContainerId(id).setCommand(command));
    }

    static Call.Builder waiting(ContainerID id) {
        return Call.newBuilder()
                .setType(Call.Type.WAIT_CONTAINER)
                .setWaitContainer(Call.WaitContainer.newBuilder().setContainerId(id));
    }

    Answered await(ContainerID id) throws Exception {
        return call(waiting(id));
    }

    Answered kill(ContainerID id, int signal) throws Exception {
        return call(Call.newBuilder()
                .setType(Call.Type.KILL_CONTAINER)
                .setKillContainer(
                        Call.KillContainer.newBuilder().setContainerId(id).setSignal(signal)));
    }

    Answered remove(ContainerID id) throws Exception {
        return call(Call.newBuilder()
                .setType(Call.Type.REMOVE_CONTAINER)
                .setRemoveContainer(Call.RemoveContainer.newBuilder().setContainerId(id)));
    }

    /** A client that makes a call and never reads the answer. */
    record Stalled(java.net.Socket socket) implements AutoCloseable {
        @Override
        public void close() throws java.io.IOException {
            socket.close();
        }
    }

    Stalled stalled(Call call) throws java.io.IOException {
        java.net.Socket socket = new java.net.Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), uri.getPort()));
        byte[] body = encode(call);
        socket.getOutputStream()
                .write(("POST /api/v1 HTTP/1.1\r\nHost: agent\r\nContent-Type: " + form + "\r\nAccept: " + form
                                + "\r\nAuthorization: " + authorization + "\r\nContent-Length: " + body.length
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
        // Its head is there, so it is attached.
        if (socket.getInputStream().read() != 'H') {
            throw new java.io.IOException("no answer in HTTP");
        }
        return new Stalled(socket);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
