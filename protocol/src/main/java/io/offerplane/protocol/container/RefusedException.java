package io.offerplane.protocol.container;

import io.offerplane.protocol.container.v1.Refusal;

/** The shim won't carry a request out. The message is for people; the cause tells what to do about it. */
public final class RefusedException extends Exception {

    private final Refusal.Cause refusalCause;

    RefusedException(Refusal refusal) {
        super(refusal.getMessage());
        this.refusalCause = refusal.getCause();
    }

    public Refusal.Cause refusalCause() {
        return refusalCause;
    }
}
