package io.offerplane.operator.maintenance;

import java.util.Map;

/** Where the schedule outlives leaders. Both methods block, and throw when the store can't be reached. */
public interface MaintenanceStore {
    /** What was written last; empty when nothing was. */
    Map<String, String> read();

    void write(Map<String, String> content);
}
