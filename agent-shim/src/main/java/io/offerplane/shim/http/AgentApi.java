package io.offerplane.shim.http;

import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;
import org.jspecify.annotations.Nullable;

/**
 * Mesos' v1 agent API, {@code POST /api/v1}: JSON and protobuf, with Mesos' checks in Mesos' order and words. Reading is without credentials, as
 * in Mesos' default; who has something run has to show who they are.
 *
 * <p>Source: Mesos 1.11 slave/http.cpp, and what an agent of it answers.
 */
final class AgentApi {

    /** Commands, environments and secrets of a container; the rest is a few lines long. */
    private static final int MAX_BODY_BYTES = 1 << 20;

    private static final String NOT_IMPLEMENTED = "501 Not Implemented.";

    /** A call is short. */
    private static final Duration TO_READ = Duration.ofSeconds(20);

    private static final Duration TO_ANSWER = Duration.ofMinutes(5);

    private final AgentCalls calls;
    private final ContainerCalls containers;

    AgentApi(AgentCalls calls, ContainerCalls containers) {
        this.calls = calls;
        this.containers = containers;
    }

    /** @param turn given back by calls that last */
    Answer answer(HttpExchange exchange, Turn turn) throws IOException, InterruptedException {
        try {
            return carryOut(exchange, turn);
        } catch (Refusal refusal) {
            return refusal.answer();
        }
    }

    private Answer carryOut(HttpExchange exchange, Turn turn) throws IOException, Refusal, InterruptedException {
        if (!exchange.getRequestMethod().equals("POST")) {
            return Answer.methodNotAllowed(exchange.getRequestMethod(), "POST");
        }
        Headers headers = exchange.getRequestHeaders();
        MediaType content = content(headers);
        MediaType accept = accept(headers);
        turn.within(TO_READ);
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        turn.within(TO_ANSWER);
        if (body.length > MAX_BODY_BYTES) {
            throw new Refusal(413, "The call is larger than " + MAX_BODY_BYTES + " bytes");
        }
        if (content == MediaType.RECORDIO) {
            // Only input for a container comes in a stream, and no container takes any here.
            throw new Refusal(501, NOT_IMPLEMENTED);
        }
        Call call = parse(body, content);
        Optional<String> fault = AgentCallValidation.fault(call);
        if (fault.isPresent()) {
            throw new Refusal(400, "Failed to validate agent::Call: " + fault.get());
        }
        if (accept == MediaType.RECORDIO && !isStreamed(call)) {
            throw new Refusal(406, "Streaming response is not supported for " + call.getType() + " call");
        }
        Optional<Answer> answer = containers.answer(call, exchange, accept, turn);
        if (answer.isPresent()) {
            return answer.get();
        }
        return answer(calls.answer(call).orElseThrow(() -> new Refusal(501, NOT_IMPLEMENTED)), accept);
    }

    static Answer answer(Response response, MediaType accept) {
        return Answer.of(
                accept.wireName(), accept == MediaType.JSON ? ListsJson.toBytes(response) : response.toByteArray());
    }

    private static MediaType content(Headers headers) throws Refusal {
        String type = headers.getFirst("Content-Type");
        if (type == null) {
            throw new Refusal(400, "Expecting 'Content-Type' to be present");
        }
        MediaType content = MediaType.ofContentType(type)
                .orElseThrow(() -> new Refusal(415, "Expecting 'Content-Type' of " + every(" or ")));
        String message = headers.getFirst("Message-Content-Type");
        if (content == MediaType.RECORDIO) {
            if (message == null) {
                throw new Refusal(400, "Expecting 'Message-Content-Type' to be set for streaming requests");
            }
            checkMessage(message);
        } else if (message != null) {
            throw new Refusal(415, "Expecting 'Message-Content-Type' to be not set for non-streaming requests");
        }
        return content;
    }

    private static void checkMessage(String type) throws Refusal {
        Optional<MediaType> message = MediaType.ofContentType(type);
        if (message.isEmpty() || message.get() == MediaType.RECORDIO) {
            throw new Refusal(415, "Expecting 'Message-Content-Type' of application/json or application/x-protobuf");
        }
    }

    private static MediaType accept(Headers headers) throws Refusal {
        @Nullable List<String> ranges = headers.get("Accept");
        MediaType accept = MediaType.acceptable(ranges == null ? List.of() : ranges)
                .orElseThrow(() -> new Refusal(406, "Expecting 'Accept' to allow " + every(" or ")));
        if (accept != MediaType.RECORDIO && headers.containsKey("Message-Accept")) {
            throw new Refusal(406, "Expecting 'Message-Accept' to be not set for non-streaming responses");
        }
        return accept;
    }

    private static String every(String separator) {
        return String.join(
                separator, MediaType.JSON.wireName(), MediaType.PROTOBUF.wireName(), MediaType.RECORDIO.wireName());
    }

    private static boolean isStreamed(Call call) {
        return call.getType() == Call.Type.ATTACH_CONTAINER_OUTPUT
                || call.getType() == Call.Type.LAUNCH_NESTED_CONTAINER_SESSION;
    }

    private static Call parse(byte[] body, MediaType content) throws Refusal {
        try {
            if (content == MediaType.PROTOBUF) {
                return Call.parseFrom(body, ExtensionRegistryLite.getEmptyRegistry());
            }
            Call.Builder call = Call.newBuilder();
            MesosJsonReader.merge(body, call);
            return call.build();
        } catch (InvalidProtocolBufferException e) {
            throw new Refusal(400, "Failed to parse body into Call protobuf");
        } catch (MalformedMessageException e) {
            throw new Refusal(
                    400,
                    switch (e.fault()) {
                        case SYNTAX -> "Failed to parse body into JSON: " + e.text();
                        // Bare, unlike the master's.
                        case CONTENT -> e.text();
                    });
        }
    }
}
