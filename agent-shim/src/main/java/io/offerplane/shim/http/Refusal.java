package io.offerplane.shim.http;

/** A text of its own instead of what was asked for. */
final class Refusal extends Exception {
    private final int status;
    private final String text;

    /** Of one who has to say who they are. */
    static Refusal unauthorized(String text) {
        return new Refusal(401, text);
    }

    Refusal(int status, String text) {
        super(text);
        this.status = status;
        this.text = text;
    }

    Answer answer() {
        return status == 401 ? Answer.unauthorized(text) : Answer.text(status, text);
    }
}
