package io.offerplane.protocol.libprocess;

/** A text that names no process; the message says what is wrong with it. */
public final class MalformedUpidException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedUpidException(String message) {
        super(message);
    }
}
