package io.offerplane.operator.maintenance;

import io.offerplane.engine.Command;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.view.EngineView.ScheduleView;
import io.offerplane.mesos.translate.MaintenanceTranslator;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.maintenance.Protos.ClusterStatus;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A schedule as it is kept: in Mesos' own JSON, so that people can read it, and give it back to the API. */
final class MaintenanceFacts {
    static final String SCHEDULE = "schedule.json";
    static final String STATUS = "status.json";

    private static final Logger LOG = LoggerFactory.getLogger(MaintenanceFacts.class);

    private MaintenanceFacts() {}

    static Map<String, String> written(ScheduleView view) {
        return Map.of(
                SCHEDULE, text(MesosJsonWriter.toBytes(MaintenanceTranslator.schedule(view))),
                STATUS, text(MesosJsonWriter.toBytes(MaintenanceTranslator.status(view, List.of()))));
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }

    /** What a new leader's engine is told. What makes no sense, which only somebody else can have written, is left out and logged. */
    static List<Command> read(Map<String, String> content, Instant at) {
        Schedule.Builder schedule = Schedule.newBuilder();
        ClusterStatus.Builder status = ClusterStatus.newBuilder();
        try {
            MesosJsonReader.merge(bytes(content, SCHEDULE), schedule);
            MesosJsonReader.merge(bytes(content, STATUS), status);
        } catch (MalformedMessageException e) {
            LOG.atError()
                    .addKeyValue("why", e.text())
                    .log("The maintenance schedule of the last leader can't be read; it is lost");
            return List.of();
        }
        List<Window> windows = MaintenanceTranslator.windows(schedule.build());
        List<MachineId> down = MaintenanceTranslator.machines(status.getDownMachinesList());
        List<Command> commands = new ArrayList<>();
        if (!windows.isEmpty()) {
            commands.add(new Command.UpdateMaintenanceSchedule(windows, at));
        }
        if (!down.isEmpty()) {
            commands.add(new Command.StartMaintenance(down, at));
        }
        return commands;
    }

    private static byte[] bytes(Map<String, String> content, String key) {
        return content.getOrDefault(key, "{}").getBytes(StandardCharsets.UTF_8);
    }
}
