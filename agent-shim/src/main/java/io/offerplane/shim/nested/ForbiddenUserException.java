package io.offerplane.shim.nested;

import java.io.Serial;

/** Who asks may not run anything as the user that is asked for. */
public final class ForbiddenUserException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    ForbiddenUserException(String message) {
        super(message);
    }
}
