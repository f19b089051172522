package io.offerplane.engine.offer;

/** How an operation stands; Mesos {@code OperationState}, as far as operations here come to it. */
public enum OperationState {
    FINISHED,
    /** Not carried out: it was wrong in itself, or for what it was asked of. */
    ERROR,
    /** Its agent is known from an earlier leader and has not come back: ask again. */
    RECOVERING,
    UNREACHABLE,
    GONE_BY_OPERATOR,
    UNKNOWN
}
