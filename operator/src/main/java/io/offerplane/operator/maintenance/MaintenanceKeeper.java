package io.offerplane.operator.maintenance;

import io.offerplane.engine.Command;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.view.EngineView.ScheduleView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the schedule of maintenance outlive the leader: reads it before the engine starts, and writes it whenever it is another. A change of a
 * leader's last moment may be lost with it, as its API answers before it is written.
 */
public final class MaintenanceKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(MaintenanceKeeper.class);

    private final MaintenanceStore store;
    private final EngineGate gate;
    private Map<String, String> written = Map.of();
    private ScheduleView seen = ScheduleView.EMPTY;

    public MaintenanceKeeper(MaintenanceStore store, EngineGate gate) {
        this.store = store;
        this.gate = gate;
    }

    /** What the last leader was told. Blocks; to be called once, first. */
    public synchronized List<Command> recovery(Instant at) {
        written = store.read();
        return MaintenanceFacts.read(written, at);
    }

    /** Writes what has changed since the last call that came through. Blocks, and throws when it can't: to be called again and again. */
    public synchronized void keep() {
        ScheduleView now = gate.view().maintenance();
        if (now.equals(seen) && !written.isEmpty()) {
            return;
        }
        Map<String, String> content = MaintenanceFacts.written(now);
        boolean never = written.isEmpty() && now.windows().isEmpty();
        if (!never && !content.equals(written)) {
            store.write(content);
            written = content;
            LOG.atInfo().addKeyValue("windows", now.windows().size()).log("The maintenance schedule was written down");
        }
        seen = now;
    }
}
