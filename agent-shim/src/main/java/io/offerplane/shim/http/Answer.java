package io.offerplane.shim.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** A whole answer. The body is shared, not copied: nobody changes it. */
final class Answer {
    private static final byte[] NO_BODY = new byte[0];

    private final int status;
    private final Optional<String> contentType;
    private final byte[] body;
    private final Map<String, String> headers;

    private Answer(int status, Optional<String> contentType, byte[] body, Map<String, String> headers) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.headers = Map.copyOf(headers);
    }

    static Answer of(String contentType, byte[] body) {
        return new Answer(200, Optional.of(contentType), body, Map.of());
    }

    /** Without a body, and so without a type: some clients refuse a type on an empty answer. */
    static Answer empty(int status) {
        return new Answer(status, Optional.empty(), NO_BODY, Map.of());
    }

    /** Plain text, the form of every Mesos error. */
    static Answer text(int status, String text) {
        return text.isEmpty()
                ? empty(status)
                : new Answer(
                        status,
                        Optional.of("text/plain; charset=utf-8"),
                        text.getBytes(StandardCharsets.UTF_8),
                        Map.of());
    }

    /** JSON; with {@code jsonp=f} in the query a call of f, as libprocess does it. */
    static Answer json(Query query, byte[] body) {
        Optional<String> callback = query.callback();
        if (callback.isEmpty()) {
            return of("application/json", body);
        }
        String call = callback.get() + "(" + new String(body, StandardCharsets.UTF_8) + ");";
        return of("text/javascript", call.getBytes(StandardCharsets.UTF_8));
    }

    /** Another verb was expected. */
    static Answer methodNotAllowed(String method, String... allowed) {
        Answer answer = text(
                405,
                "405 Method Not Allowed. Expecting one of { '" + String.join("', '", allowed) + "' }, but received '"
                        + method + "'.");
        return new Answer(answer.status, answer.contentType, answer.body, Map.of("Allow", String.join(", ", allowed)));
    }

    /** Credentials were expected. */
    static Answer unauthorized(String text) {
        Answer answer = text(401, text);
        return new Answer(
                answer.status,
                answer.contentType,
                answer.body,
                Map.of("WWW-Authenticate", "Basic realm=\"mesos-agent-readwrite\""));
    }

    int status() {
        return status;
    }

    Optional<String> contentType() {
        return contentType;
    }

    byte[] body() {
        return body;
    }

    /** Beside those that every answer has. */
    Map<String, String> headers() {
        return headers;
    }
}
