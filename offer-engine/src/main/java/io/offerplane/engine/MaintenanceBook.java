package io.offerplane.engine;

import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.MachineMode;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The schedule of maintenance, where its machines are in it, and which agents are to be away. */
final class MaintenanceBook {
    private List<Window> windows = List.of();
    private final Map<MachineId, Machine> machines = new TreeMap<>();
    private final Set<Agent> agents = new LinkedHashSet<>();

    record Machine(MachineMode mode, Unavailability unavailability) {}

    /** As they were set, less the machines that are up again. */
    List<Window> windows() {
        return windows;
    }

    /** Those of the schedule, in order. */
    Map<MachineId, Machine> machines() {
        return Collections.unmodifiableMap(machines);
    }

    /** Those that are to be away, by the schedule or by a cordon. */
    Set<Agent> agents() {
        return agents;
    }

    @Nullable
    Machine machine(MachineId id) {
        return machines.get(id);
    }

    /** The machine that the agent is on, if it is in the schedule. */
    @Nullable
    Machine machineOf(AgentSpec agent) {
        return machines.isEmpty() ? null : machines.get(idOf(agent));
    }

    static MachineId idOf(AgentSpec agent) {
        return MachineId.of(agent.hostname(), agent.ip());
    }

    /** Machines that stay keep their mode, new ones begin to drain, others are up. */
    void schedule(List<Window> newWindows) {
        Map<MachineId, Machine> next = new TreeMap<>();
        for (Window window : newWindows) {
            for (MachineId id : window.machines()) {
                Machine known = machines.get(id);
                next.put(id, new Machine(known == null ? MachineMode.DRAINING : known.mode(), window.unavailability()));
            }
        }
        machines.clear();
        machines.putAll(next);
        windows = List.copyOf(newWindows);
    }

    void takeDown(MachineId id) {
        machines.computeIfPresent(id, (i, machine) -> new Machine(MachineMode.DOWN, machine.unavailability()));
    }

    /** The machine is out of the schedule, and so are windows without machines. */
    void bringUp(Set<MachineId> ids) {
        machines.keySet().removeAll(ids);
        List<Window> left = new ArrayList<>();
        for (Window window : windows) {
            List<MachineId> kept =
                    window.machines().stream().filter(id -> !ids.contains(id)).toList();
            if (!kept.isEmpty()) {
                left.add(new Window(kept, window.unavailability()));
            }
        }
        windows = List.copyOf(left);
    }
}
