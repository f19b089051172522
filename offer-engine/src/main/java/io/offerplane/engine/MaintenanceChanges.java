package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.MaintenanceBook.Machine;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.MachineMode;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Schedules of maintenance, machines that go down and come up, and cordons. The checks, their order and their words are Mesos'
 * ({@code master/maintenance.cpp}).
 */
final class MaintenanceChanges {
    static final String DOWN = "Operator initiated 'Machine DOWN'";

    private final Cluster cluster;
    private final OfferBook offers;
    private final AgentLoss loss;

    MaintenanceChanges(Cluster cluster, OfferBook offers, AgentLoss loss) {
        this.cluster = cluster;
        this.offers = offers;
        this.loss = loss;
    }

    Answer schedule(Command.UpdateMaintenanceSchedule command) {
        Optional<String> fault = fault(command.windows());
        if (fault.isPresent()) {
            return new Answer.Refused(Answer.Reason.INVALID, fault.get());
        }
        cluster.maintenance.schedule(command.windows());
        List.copyOf(cluster.agents.values()).forEach(this::refresh);
        return new Answer.Accepted();
    }

    private Optional<String> fault(List<Window> windows) {
        Set<MachineId> seen = new HashSet<>();
        for (Window window : windows) {
            if (window.machines().isEmpty()) {
                return Optional.of("List of machines in the maintenance window is empty");
            }
            if (window.unavailability().duration().filter(d -> d.isNegative()).isPresent()) {
                return Optional.of("Unavailability 'duration' is negative");
            }
            Optional<String> fault = machineFault(window.machines(), seen);
            if (fault.isPresent()) {
                return fault;
            }
        }
        for (Map.Entry<MachineId, Machine> entry :
                cluster.maintenance.machines().entrySet()) {
            if (entry.getValue().mode() == MachineMode.DOWN && !seen.contains(entry.getKey())) {
                return Optional.of("Machine '" + entry.getKey().json()
                        + "' is deactivated and cannot be removed from the schedule");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> machineFault(List<MachineId> machines, Set<MachineId> seen) {
        for (MachineId id : machines) {
            Optional<String> fault = id.fault();
            if (fault.isPresent()) {
                return fault;
            }
            if (!seen.add(id)) {
                return Optional.of("Machine '" + id.json() + "' appears more than once in the schedule");
            }
        }
        return Optional.empty();
    }

    Answer start(Command.StartMaintenance command) {
        Optional<String> fault =
                moveFault(command.machines(), MachineMode.DRAINING, "DRAINING mode and cannot be brought down");
        if (fault.isPresent()) {
            return new Answer.Refused(Answer.Reason.INVALID, fault.get());
        }
        command.machines().forEach(cluster.maintenance::takeDown);
        List.copyOf(cluster.agents.values()).forEach(this::refresh);
        return new Answer.Accepted();
    }

    Answer stop(Command.StopMaintenance command) {
        Optional<String> fault = moveFault(command.machines(), MachineMode.DOWN, "DOWN mode and cannot be brought up");
        if (fault.isPresent()) {
            return new Answer.Refused(Answer.Reason.INVALID, fault.get());
        }
        cluster.maintenance.bringUp(new LinkedHashSet<>(command.machines()));
        List.copyOf(cluster.agents.values()).forEach(this::refresh);
        return new Answer.Accepted();
    }

    private Optional<String> moveFault(List<MachineId> machines, MachineMode from, String otherwise) {
        if (machines.isEmpty()) {
            return Optional.of("List of machines is empty");
        }
        Optional<String> fault = machineFault(machines, new HashSet<>());
        if (fault.isPresent()) {
            return fault;
        }
        for (MachineId id : machines) {
            Machine machine = cluster.maintenance.machine(id);
            if (machine == null) {
                return Optional.of("Machine '" + id.json() + "' is not part of a maintenance schedule");
            }
            if (machine.mode() != from) {
                return Optional.of("Machine '" + id.json() + "' is not in " + otherwise);
            }
        }
        return Optional.empty();
    }

    /** Its node takes nothing new; when it is to be emptied, frameworks are asked to leave. */
    Answer cordon(AgentId id, boolean cordoned, Optional<Unavailability> unavailability) {
        Agent agent = cluster.agents.get(id);
        if (agent == null) {
            return new Answer.Refused(Answer.Reason.UNKNOWN_AGENT, "Agent " + id + " is not registered");
        }
        agent.cordonedFor = unavailability;
        if (agent.cordoned != cordoned) {
            agent.cordoned = cordoned;
            if (cordoned) {
                offers.rescindAll(agent);
            } else {
                cluster.agenda.visitAtOnce(agent);
            }
            cluster.outbox.changed(agent);
        }
        refresh(agent);
        return new Answer.Accepted();
    }

    /** Whether the schedule has its machine down. */
    boolean isDown(Agent agent) {
        Machine machine = cluster.maintenance.machineOf(agent.spec);
        return machine != null && machine.mode() == MachineMode.DOWN;
    }

    /** Brings an agent in line with the schedule: when it came, when its name changed, and when the schedule did. */
    void refresh(Agent agent) {
        Machine machine = cluster.maintenance.machineOf(agent.spec);
        boolean down = isDown(agent);
        if (down != agent.down) {
            if (down) {
                takeDown(agent);
            } else {
                bringUp(agent);
            }
        }
        Unavailability wanted = machine != null ? machine.unavailability() : agent.cordonedFor.orElse(null);
        if (!Objects.equals(wanted, unavailability(agent))) {
            setUnavailability(agent, wanted);
        }
    }

    private static @Nullable Unavailability unavailability(Agent agent) {
        AgentMaintenance known = agent.maintenance;
        return known == null ? null : known.unavailability;
    }

    /** Offers show when the agent is to be away, so those that are out are void; as are answers to the old time. */
    private void setUnavailability(Agent agent, @Nullable Unavailability wanted) {
        offers.rescindAll(agent);
        offers.inverse().clear(agent);
        if (wanted == null) {
            agent.maintenance = null;
            cluster.maintenance.agents().remove(agent);
        } else {
            agent.maintenance = new AgentMaintenance(wanted);
            cluster.maintenance.agents().add(agent);
        }
        cluster.agenda.visitAtOnce(agent);
        cluster.outbox.changed(agent);
    }

    private void takeDown(Agent agent) {
        loss.down(agent, DOWN);
        agent.down = true;
        cluster.outbox.changed(agent);
    }

    private void bringUp(Agent agent) {
        agent.down = false;
        if (agent.isCounted()) {
            agent.ledger.resize(agent.total());
            cluster.count(agent);
            cluster.agenda.visitAtOnce(agent);
        }
        cluster.outbox.changed(agent);
    }
}
