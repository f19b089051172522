package io.offerplane.yarn.node.localize;

/** A file that a container needs could not be had; the text names the file and the reason, for the application to read. */
public final class LocalizationException extends Exception {
    public LocalizationException(String message) {
        super(message);
    }

    public LocalizationException(String message, Throwable cause) {
        super(message, cause);
    }
}
