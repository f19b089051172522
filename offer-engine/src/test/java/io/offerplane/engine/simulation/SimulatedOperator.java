package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Somebody who schedules maintenance, takes machines down, cordons and drains; and a memory of it that outlives leaders. */
final class SimulatedOperator {
    private final Simulation simulation;
    private final World world;
    private final Set<MachineId> down = new LinkedHashSet<>();
    private final Map<AgentId, Optional<Unavailability>> cordons = new LinkedHashMap<>();
    private final Map<AgentId, DrainConfig> drains = new LinkedHashMap<>();
    private List<Window> windows = List.of();

    SimulatedOperator(Simulation simulation) {
        this.simulation = simulation;
        this.world = simulation.world;
    }

    void trouble() {
        switch (world.upTo(5)) {
            case 0, 1 -> schedule();
            case 2 -> takeDown();
            case 3 -> cordon(anyAgent());
            default -> drain(anyAgent());
        }
    }

    private AgentId anyAgent() {
        List<AgentId> ids = simulation.agentIds();
        return ids.get(world.upTo(ids.size()));
    }

    private static MachineId machine(AgentId agent) {
        return MachineId.of(agent.value(), TestCluster.agentSpec(agent.value()).ip());
    }

    private Unavailability soon() {
        return new Unavailability(
                world.now().plusSeconds(world.upTo(60)),
                world.chance(0.5) ? Optional.of(Duration.ofSeconds(30)) : Optional.empty());
    }

    /** Some machines, or none; that leaves out one that is down now and then is refused. */
    private void schedule() {
        List<Window> next = new ArrayList<>();
        Set<MachineId> left = new LinkedHashSet<>();
        simulation.agentIds().forEach(id -> left.add(machine(id)));
        left.addAll(down);
        left.removeIf(id -> world.chance(down.contains(id) ? 0.1 : 0.7));
        left.forEach(id -> next.add(new Window(List.of(id), soon())));
        if (world.chance(0.1)) {
            next.add(new Window(List.of(), soon()));
        }
        if (submit(new Command.UpdateMaintenanceSchedule(next, world.now()))) {
            windows = next;
        }
    }

    private void takeDown() {
        List<MachineId> scheduled =
                windows.stream().flatMap(window -> window.machines().stream()).toList();
        if (scheduled.isEmpty()) {
            return;
        }
        MachineId id = scheduled.get(world.upTo(scheduled.size()));
        if (submit(new Command.StartMaintenance(List.of(id), world.now()))) {
            down.add(id);
            world.after(world.between(1, 20), () -> bringUp(id));
        }
    }

    private void bringUp(MachineId id) {
        if (submit(new Command.StopMaintenance(List.of(id), world.now()))) {
            down.remove(id);
            windows = windows.stream()
                    .filter(window -> !window.machines().equals(List.of(id)))
                    .toList();
        }
    }

    private void cordon(AgentId id) {
        Optional<Unavailability> away = world.chance(0.7) ? Optional.of(soon()) : Optional.empty();
        if (submit(new Command.CordonAgent(id, away, world.now()))) {
            cordons.put(id, away);
            world.after(world.between(1, 20), () -> uncordon(id));
        }
    }

    private void uncordon(AgentId id) {
        submit(new Command.UncordonAgent(id, world.now()));
        cordons.remove(id);
    }

    private void drain(AgentId id) {
        DrainConfig config = new DrainConfig(
                world.chance(0.5) ? Optional.of(Duration.ofSeconds(world.upTo(5))) : Optional.empty(),
                world.chance(0.3));
        if (submit(new Command.DrainAgent(id, config, world.now()))) {
            drains.put(id, config);
            world.after(world.between(1, 20), () -> reactivate(id));
        }
    }

    /** As soon as the drain is over. */
    private void reactivate(AgentId id) {
        if (submit(new Command.ActivateAgent(id, world.now()))) {
            drains.remove(id);
        } else if (drains.containsKey(id)) {
            world.after(1, () -> reactivate(id));
        }
    }

    /** Another leader learns what the last one was told. */
    void recover() {
        cordons.forEach((id, away) -> submit(new Command.CordonAgent(id, away, world.now())));
        drains.forEach((id, config) -> submit(new Command.DrainAgent(id, config, world.now())));
        if (!windows.isEmpty()) {
            submit(new Command.UpdateMaintenanceSchedule(windows, world.now()));
        }
        if (!down.isEmpty()) {
            submit(new Command.StartMaintenance(List.copyOf(down), world.now()));
        }
    }

    /** Everything is up from here on. */
    void end() {
        List.copyOf(down).forEach(this::bringUp);
        submit(new Command.UpdateMaintenanceSchedule(List.of(), world.now()));
        windows = List.of();
        List.copyOf(cordons.keySet()).forEach(this::uncordon);
    }

    private boolean submit(Command command) {
        return simulation.submit(command) instanceof Answer.Accepted;
    }
}
