package io.offerplane.shim.executor;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import io.offerplane.shim.cgroup.CgroupHierarchy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.executor.Protos.Call;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mesos' v1 executor API, {@code POST /api/v1/executor}: JSON and protobuf, with Mesos' checks in Mesos' order and words. Beyond
 * those, a caller must prove that it is the executor: by the token that the executor was given, or by running in its
 * container.
 *
 * <p>Source: Mesos 1.11 slave/http.cpp and slave/validation.cpp.
 */
public final class ExecutorEndpoint {

    private static final Logger log = LoggerFactory.getLogger(ExecutorEndpoint.class);

    private static final String JSON = "application/json";
    private static final String PROTOBUF = "application/x-protobuf";
    private static final String NOT_SUBSCRIBED = "Executor is not subscribed";

    /** More than any update or message that travels on the link. */
    private static final int MAX_BODY_BYTES = 4 << 20;

    /** An answer other than a stream. */
    private record Answer(int status, String text) {

        /** Whether it may be to a stranger: only an executor's connection may stay idle. */
        boolean endsConnection() {
            return status >= 400 && !text.equals(NOT_SUBSCRIBED);
        }
    }

    private final Executors executors;
    private final Supplier<AgentInfo> self;
    private final PeerProcess peers;

    /** @param self this node, as executors are told of it */
    public ExecutorEndpoint(Executors executors, CgroupHierarchy cgroups, Supplier<AgentInfo> self) {
        this.executors = executors;
        this.self = self;
        this.peers = new PeerProcess(cgroups, Path.of("/proc"));
    }

    /** Answers one call; one that subscribes, for as long as the subscription lasts. */
    public void handle(HttpExchange exchange) throws IOException {
        Answer answer;
        try {
            answer = answer(exchange);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return;
        }
        if (answer == null) {
            return;
        }
        byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
        if (body.length > 0) {
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        }
        if (answer.endsConnection()) {
            exchange.getResponseHeaders().set("Connection", "close");
        }
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    /** Null when a stream was the answer. */
    private @Nullable Answer answer(HttpExchange exchange) throws IOException, InterruptedException {
        if (!exchange.getRequestMethod().equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            return new Answer(
                    405,
                    "405 Method Not Allowed. Expecting one of { 'POST' }, but received '" + exchange.getRequestMethod()
                            + "'.");
        }
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type == null) {
            return new Answer(400, "Expecting 'Content-Type' to be present");
        }
        boolean json = isType(type, JSON);
        if (!json && !isType(type, PROTOBUF)) {
            return new Answer(415, "Expecting 'Content-Type' of application/json or application/x-protobuf");
        }
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            return new Answer(413, "The call is larger than " + MAX_BODY_BYTES + " bytes");
        }
        Call call;
        try {
            call = parse(body, json);
        } catch (InvalidProtocolBufferException e) {
            return new Answer(400, "Failed to parse body into Call protobuf");
        } catch (MalformedMessageException e) {
            return new Answer(
                    400,
                    switch (e.fault()) {
                        case SYNTAX -> "Failed to parse body into JSON: " + e.text();
                        case CONTENT -> "Failed to convert JSON into Call protobuf: " + e.text();
                    });
        }
        Optional<String> fault = ExecutorCallValidation.fault(call);
        if (fault.isPresent()) {
            return new Answer(400, "Failed to validate Executor::Call: " + fault.get());
        }
        Optional<Boolean> answerInJson = accepted(exchange);
        if (call.getType() == Call.Type.SUBSCRIBE && answerInJson.isEmpty()) {
            return new Answer(406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'");
        }
        if (call.getType() == Call.Type.HEARTBEAT) {
            return new Answer(202, "");
        }
        String frameworkId = call.getFrameworkId().getValue();
        Optional<ExecutorRun> found =
                executors.find(frameworkId, call.getExecutorId().getValue());
        if (found.isEmpty()) {
            return new Answer(
                    400,
                    executors.knowsFramework(frameworkId) ? "Executor cannot be found" : "Framework cannot be found");
        }
        ExecutorRun executor = found.get();
        if (!isProven(exchange, executor)) {
            log.warn("{} speaks for {} without proof", exchange.getRemoteAddress(), executor.key());
            return new Answer(
                    403, "The caller is not the executor: it shows no valid token and does not run in its container");
        }
        return switch (call.getType()) {
            case SUBSCRIBE -> {
                subscribe(exchange, call.getSubscribe(), executor, answerInJson.orElse(true));
                yield null;
            }
            case UPDATE, MESSAGE -> {
                if (!executor.isSubscribed()) {
                    yield new Answer(403, NOT_SUBSCRIBED);
                }
                if (call.getType() == Call.Type.UPDATE) {
                    executor.update(call.getUpdate().getStatus());
                } else {
                    executors.messageFrom(executor.key(), call.getMessage().getData());
                }
                yield new Answer(202, "");
            }
            case UNKNOWN -> new Answer(501, "");
            case HEARTBEAT -> throw new IllegalStateException("answered above");
        };
    }

    private void subscribe(HttpExchange exchange, Call.Subscribe call, ExecutorRun executor, boolean json)
            throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", json ? JSON : PROTOBUF);
        exchange.sendResponseHeaders(200, 0);
        ExecutorStream stream = new ExecutorStream(json);
        executor.subscribe(call, stream, self.get());
        try (OutputStream out = exchange.getResponseBody()) {
            stream.writeTo(out);
        } finally {
            executor.unsubscribed(stream);
        }
    }

    private boolean isProven(HttpExchange exchange, ExecutorRun executor) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (authorization != null) {
            byte[] said = authorization.getBytes(StandardCharsets.UTF_8);
            byte[] right = ("Bearer " + executor.launch().getToken()).getBytes(StandardCharsets.UTF_8);
            return MessageDigest.isEqual(said, right);
        }
        return peers.isIn(executor.launch().getCgroup(), exchange.getRemoteAddress(), exchange.getLocalAddress());
    }

    private static Call parse(byte[] body, boolean json)
            throws InvalidProtocolBufferException, MalformedMessageException {
        if (!json) {
            return Call.parseFrom(body);
        }
        Call.Builder call = Call.newBuilder();
        MesosJsonReader.merge(body, call);
        return call.build();
    }

    private static boolean isType(String header, String type) {
        int parameters = header.indexOf(';');
        String plain = parameters < 0 ? header : header.substring(0, parameters);
        return plain.strip().toLowerCase(Locale.ROOT).equals(type);
    }

    /** Whether events go out as JSON; empty when neither form is acceptable. JSON is preferred where both are. */
    private static Optional<Boolean> accepted(HttpExchange exchange) {
        var headers = exchange.getRequestHeaders().get("Accept");
        if (headers == null) {
            return Optional.of(true);
        }
        boolean protobuf = false;
        for (String part : String.join(",", headers).split(",")) {
            String range = part.strip().toLowerCase(Locale.ROOT).replace(" ", "");
            if (range.endsWith(";q=0")) {
                continue;
            }
            if (isType(range, JSON) || isType(range, "*/*") || isType(range, "application/*")) {
                return Optional.of(true);
            }
            protobuf |= isType(range, PROTOBUF);
        }
        return protobuf ? Optional.of(false) : Optional.empty();
    }
}
