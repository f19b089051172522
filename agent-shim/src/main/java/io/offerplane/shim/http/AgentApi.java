package io.offerplane.shim.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;

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
    private final SessionCalls sessions;

    AgentApi(AgentCalls calls, ContainerCalls containers, SessionCalls sessions) {
        this.calls = calls;
        this.containers = containers;
        this.sessions = sessions;
    }

    /**
     * Answers a call.
     *
     * @param turn given back by calls that last
     * @return empty when it is answered already, by a stream
     */
    Optional<Answer> answer(HttpExchange exchange, Turn turn) throws IOException, InterruptedException {
        try {
            return carryOut(exchange, turn);
        } catch (Refusal refusal) {
            return Optional.of(refusal.answer());
        }
    }

    private Optional<Answer> carryOut(HttpExchange exchange, Turn turn)
            throws IOException, Refusal, InterruptedException {
        if (!exchange.getRequestMethod().equals("POST")) {
            return Optional.of(Answer.methodNotAllowed(exchange.getRequestMethod(), "POST"));
        }
        CallForms forms = CallForms.of(exchange.getRequestHeaders());
        turn.within(TO_READ);
        RecordReader records = new RecordReader(exchange.getRequestBody(), MAX_BODY_BYTES);
        Call call = forms.call(
                forms.content() == MediaType.RECORDIO
                        ? records.next().orElseThrow(() -> new Refusal(400, "Received EOF while reading request body"))
                        : body(exchange));
        turn.within(TO_ANSWER);
        boolean input = call.getType() == Call.Type.ATTACH_CONTAINER_INPUT;
        if (forms.content() == MediaType.RECORDIO && !input) {
            throw new Refusal(
                    415,
                    "Streaming 'Content-Type' application/recordio is not supported for " + call.getType() + " call");
        }
        if (forms.content() != MediaType.RECORDIO && input) {
            throw new Refusal(
                    415, "Expecting 'Content-Type' to be application/recordio for ATTACH_CONTAINER_INPUT call");
        }
        if (forms.accept() == MediaType.RECORDIO && !isStreamed(call)) {
            throw new Refusal(406, "Streaming response is not supported for " + call.getType() + " call");
        }
        if (input) {
            return sessions.input(call, forms, records, exchange, turn);
        }
        if (isStreamed(call)) {
            return sessions.output(call, forms, exchange, turn);
        }
        Optional<Answer> answer = containers.answer(call, exchange, forms.accept(), turn);
        if (answer.isPresent()) {
            return answer;
        }
        Response response = calls.answer(call).orElseThrow(() -> new Refusal(501, NOT_IMPLEMENTED));
        return Optional.of(answer(response, forms.accept()));
    }

    private static byte[] body(HttpExchange exchange) throws IOException, Refusal {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new Refusal(413, "The call is larger than " + MAX_BODY_BYTES + " bytes");
        }
        return body;
    }

    static Answer answer(Response response, MediaType accept) {
        return Answer.of(
                accept.wireName(), accept == MediaType.JSON ? ListsJson.toBytes(response) : response.toByteArray());
    }

    private static boolean isStreamed(Call call) {
        return call.getType() == Call.Type.ATTACH_CONTAINER_OUTPUT
                || call.getType() == Call.Type.LAUNCH_NESTED_CONTAINER_SESSION;
    }
}
