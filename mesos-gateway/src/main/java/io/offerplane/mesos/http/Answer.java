package io.offerplane.mesos.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole answer, as opposed to a stream. The body is shared, not copied: nobody changes it. */
public final class Answer {
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

    public int status() {
        return status;
    }

    /** Absent exactly when there is no body: some clients refuse a type on an empty answer. */
    public Optional<String> contentType() {
        return contentType;
    }

    /** Not to be changed. */
    public byte[] body() {
        return body;
    }

    /** Beside those that every answer has. */
    public Map<String, String> headers() {
        return headers;
    }

    /** Without a body. */
    public static Answer empty(int status) {
        return new Answer(status, Optional.empty(), NO_BODY, Map.of());
    }

    /** Plain text: the form of every Mesos error. */
    public static Answer text(int status, String text) {
        return text(status, text, Map.of());
    }

    public static Answer text(int status, String text, Map<String, String> headers) {
        return new Answer(
                status, Optional.of("text/plain; charset=utf-8"), text.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** What whoever is to change something gets while the engine takes in no more. */
    public static Answer busy() {
        return text(503, "The master is busy: its command queue is full. Try again shortly.");
    }

    public static Answer json(byte[] body) {
        return new Answer(200, Optional.of("application/json"), body, Map.of());
    }

    public static Answer of(String contentType, byte[] body) {
        return new Answer(200, Optional.of(contentType), body, Map.of());
    }

    /** Mesos' 405. */
    public static Answer methodNotAllowed(String received, String... expected) {
        return methodNotAllowed(received, List.of(expected), "");
    }

    /** The same with what would be right. */
    public static Answer methodNotAllowed(String received, List<String> expected, String hint) {
        return text(
                405,
                "405 Method Not Allowed. Expecting one of { '" + String.join("', '", expected) + "' }, but received '"
                        + received + "'." + (hint.isEmpty() ? "" : " " + hint),
                Map.of("Allow", String.join(", ", expected)));
    }

    /** Mesos' 404. */
    public static Answer notFound() {
        return text(404, "404 Not Found.");
    }

    /** Mesos' scheme-relative redirect. */
    public static Answer redirect(String location) {
        return new Answer(307, Optional.empty(), NO_BODY, Map.of("Location", location));
    }
}
