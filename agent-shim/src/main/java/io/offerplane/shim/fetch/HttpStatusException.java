package io.offerplane.shim.fetch;

import java.io.IOException;

/** A server that answered, but not with the file. */
final class HttpStatusException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String body;

    /** @param body how the answer begins; it may hold secrets, so it is not in the message */
    HttpStatusException(int status, String body) {
        super("the server answered " + status + ", expected 200");
        this.status = status;
        this.body = body;
    }

    int status() {
        return status;
    }

    String body() {
        return body;
    }
}
