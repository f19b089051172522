package io.offerplane.engine;

import io.offerplane.engine.view.EngineView.DrainView;
import io.offerplane.engine.view.EngineView.MachineView;
import io.offerplane.engine.view.EngineView.MaintenanceView;
import io.offerplane.engine.view.EngineView.ScheduleView;
import java.util.List;
import java.util.Optional;

/** The parts of a picture that tell of maintenance. */
final class MaintenanceViews {
    private MaintenanceViews() {}

    static ScheduleView schedule(MaintenanceBook book) {
        return book.windows().isEmpty()
                ? ScheduleView.EMPTY
                : new ScheduleView(
                        book.windows(),
                        book.machines().entrySet().stream()
                                .map(entry -> new MachineView(
                                        entry.getKey(),
                                        entry.getValue().mode(),
                                        entry.getValue().unavailability()))
                                .toList());
    }

    static MaintenanceView of(Agent agent) {
        AgentMaintenance maintenance = agent.maintenance;
        Drain drain = agent.drain;
        if (maintenance == null && drain == null && !agent.deactivated && !agent.cordoned && !agent.down) {
            return MaintenanceView.NONE;
        }
        return new MaintenanceView(
                agent.deactivated,
                agent.cordoned,
                agent.down,
                maintenance == null ? Optional.empty() : Optional.of(maintenance.unavailability),
                maintenance == null ? List.of() : List.copyOf(maintenance.answers.values()),
                drain == null ? Optional.empty() : Optional.of(new DrainView(drain.config, drain.state, drain.since)));
    }
}
