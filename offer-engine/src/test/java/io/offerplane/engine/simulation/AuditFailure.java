package io.offerplane.engine.simulation;

/** A rule was broken. */
public final class AuditFailure extends RuntimeException {
    AuditFailure(String rule, String detail) {
        super(rule + ": " + detail);
    }
}
