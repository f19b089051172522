package io.offerplane.engine.maintenance;

import java.util.List;
import java.util.Objects;

/** Machines that are to be away together; Mesos {@code maintenance.Window}. */
public record Window(List<MachineId> machines, Unavailability unavailability) {
    public Window {
        machines = List.copyOf(machines);
        Objects.requireNonNull(unavailability, "unavailability");
    }
}
