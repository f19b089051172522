package io.offerplane.engine.maintenance;

/** How far a drain is; Mesos {@code DrainState}. */
public enum DrainState {
    /** Tasks are being ended. */
    DRAINING,
    /** Nothing is left, and nothing comes until the agent is reactivated. */
    DRAINED
}
