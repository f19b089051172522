package io.offerplane.shim.nested;

import java.io.Serial;

/** What a client wants to attach to takes nobody, or isn't there. */
public final class NotAttachableException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    NotAttachableException(String message) {
        super(message);
    }
}
