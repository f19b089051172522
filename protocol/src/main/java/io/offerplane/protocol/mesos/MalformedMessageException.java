package io.offerplane.protocol.mesos;

/** A body that is no message of the type asked for. The message is meant for the client, in Mesos' words. */
public final class MalformedMessageException extends Exception {
    /** What is wrong with the body. */
    public enum Fault {
        /** It is not JSON at all, or deeper or larger than is read. */
        SYNTAX,
        /** It is JSON, but not of this message. */
        CONTENT
    }

    private final Fault fault;

    MalformedMessageException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }

    /** The message, which is never absent. */
    public String text() {
        String text = getMessage();
        return text == null ? "" : text;
    }
}
