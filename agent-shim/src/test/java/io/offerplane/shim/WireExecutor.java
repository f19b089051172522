package io.offerplane.shim;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.mesos.MesosJsonReader;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/** An executor's side of the v1 executor API in JSON, doing what a test says. */
final class WireExecutor implements AutoCloseable {

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port;
    private final String framework;
    private final String id;
    private final String token;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private volatile InputStream stream;

    WireExecutor(int port, String framework, String id, String token) {
        this.port = port;
        this.framework = framework;
        this.id = id;
        this.token = token;
    }

    /** The same executor on another connection. */
    WireExecutor again() {
        return new WireExecutor(port, framework, id, token);
    }

    List<Event> events() {
        return events;
    }

    private HttpRequest request(String body, String authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/v1/executor"))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return request.build();
    }

    private Call.Builder call(Call.Type type) {
        return Call.newBuilder()
                .setType(type)
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .setFrameworkId(FrameworkID.newBuilder().setValue(framework));
    }

    private static String json(Call.Builder call) {
        return new String(MesosJsonWriter.toBytes(call.build()), java.nio.charset.StandardCharsets.UTF_8);
    }

    void subscribe() throws Exception {
        subscribe(List.of());
    }

    void subscribe(List<String> unacknowledgedTasks, TaskStatus... unacknowledged) throws Exception {
        Call.Subscribe.Builder subscribe = Call.Subscribe.newBuilder();
        for (String task : unacknowledgedTasks) {
            subscribe.addUnacknowledgedTasks(TaskInfo.newBuilder()
                    .setName(task)
                    .setTaskId(TaskID.newBuilder().setValue(task))
                    .setAgentId(org.apache.mesos.v1.Protos.AgentID.newBuilder().setValue(FakeLeader.AGENT)));
        }
        for (TaskStatus status : unacknowledged) {
            subscribe.addUnacknowledgedUpdates(Call.Update.newBuilder().setStatus(status));
        }
        HttpResponse<InputStream> answer = client.send(
                request(json(call(Call.Type.SUBSCRIBE).setSubscribe(subscribe)), "Bearer " + token),
                HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException("SUBSCRIBE was answered " + answer.statusCode());
        }
        stream = answer.body();
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (DataInputStream in = new DataInputStream(stream)) {
            while (true) {
                StringBuilder length = new StringBuilder();
                int next = in.read();
                while (next != '\n') {
                    if (next < 0) {
                        return;
                    }
                    length.append((char) next);
                    next = in.read();
                }
                byte[] record = new byte[Integer.parseInt(length.toString())];
                in.readFully(record);
                Event.Builder event = Event.newBuilder();
                MesosJsonReader.merge(record, event);
                events.add(event.build());
            }
        } catch (IOException | io.offerplane.protocol.mesos.MalformedMessageException e) {
            // The stream is over; a test that waits for more says what it has seen.
            stream = null;
        }
    }

    int subscribeStatus(String authorization) throws Exception {
        return client.send(
                        request(
                                json(call(Call.Type.SUBSCRIBE).setSubscribe(Call.Subscribe.getDefaultInstance())),
                                authorization),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    /** Status and body of what such a call is answered. */
    String post(String body) throws Exception {
        HttpResponse<String> answer =
                client.send(request(body, "Bearer " + token), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    private void accepted(Call.Builder call) throws Exception {
        String answer = post(json(call));
        if (!answer.equals("202 ")) {
            throw new IOException(call.getType() + " was answered " + answer);
        }
    }

    TaskStatus status(String task, TaskState state, UUID uuid) {
        return TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(task))
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setUuid(ByteString.copyFrom(ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array()))
                .build();
    }

    ByteString update(String task, TaskState state, UUID uuid) throws Exception {
        TaskStatus status = status(task, state, uuid);
        accepted(call(Call.Type.UPDATE).setUpdate(Call.Update.newBuilder().setStatus(status)));
        return status.getUuid();
    }

    void message(String text) throws Exception {
        accepted(call(Call.Type.MESSAGE).setMessage(Call.Message.newBuilder().setData(ByteString.copyFromUtf8(text))));
    }

    Event await(Event.Type type) {
        FakeLeader.await(type + " among ", () -> events.stream().anyMatch(e -> e.getType() == type), events::toString);
        return events.stream().filter(e -> e.getType() == type).findFirst().orElseThrow();
    }

    void awaitLaunch(String task) {
        FakeLeader.await(
                "LAUNCH of " + task + " among ",
                () -> events.stream()
                        .anyMatch(e ->
                                e.getLaunch().getTask().getTaskId().getValue().equals(task)),
                events::toString);
    }

    @Override
    public void close() throws IOException {
        InputStream open = stream;
        if (open != null) {
            open.close();
        }
        client.shutdownNow();
    }
}
