package io.offerplane.shim.http;

/** A text of its own instead of what was asked for. */
final class Refusal extends Exception {
    private final int status;
    private final String text;

    Refusal(int status, String text) {
        super(text);
        this.status = status;
        this.text = text;
    }

    Answer answer() {
        return Answer.text(status, text);
    }
}
