package io.offerplane.shim.fetch;

/** A file could not be brought. The message names it, what was wrong, and what would be right. */
public final class FetchException extends Exception {
    private static final long serialVersionUID = 1;

    public FetchException(String message) {
        super(message);
    }

    public FetchException(String message, Throwable cause) {
        super(message, cause);
    }
}
