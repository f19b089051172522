package io.offerplane.engine;

import io.offerplane.engine.role.RolePath;
import org.jspecify.annotations.Nullable;

/** A task that is being taken back. */
final class Reclaim {
    /** Who lacks what it holds. */
    final RolePath role;

    /** When its grace is over; null once it is being ended. */
    Timetable.@Nullable Entry deadline;

    Reclaim(RolePath role) {
        this.role = role;
    }
}
