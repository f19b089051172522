package io.offerplane.engine.maintenance;

/** Where a machine of a schedule is; Mesos {@code MachineInfo.Mode}. Those that are up are in no schedule. */
public enum MachineMode {
    /** Scheduled: frameworks are asked to leave. */
    DRAINING,
    /** Away: nothing runs there and nothing is offered. */
    DOWN
}
