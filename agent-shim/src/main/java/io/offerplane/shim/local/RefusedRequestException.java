package io.offerplane.shim.local;

import io.offerplane.protocol.container.v1.Refusal;

/** A request that isn't carried out. The message says what was wrong and what would be right. */
final class RefusedRequestException extends Exception {

    private final Refusal.Cause refusalCause;

    RefusedRequestException(Refusal.Cause refusalCause, String message) {
        super(message);
        this.refusalCause = refusalCause;
    }

    Refusal refusal() {
        return Refusal.newBuilder()
                .setCause(refusalCause)
                .setMessage(String.valueOf(getMessage()))
                .build();
    }
}
