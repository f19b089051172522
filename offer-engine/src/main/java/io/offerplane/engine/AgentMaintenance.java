package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.maintenance.InverseAnswer;
import io.offerplane.engine.maintenance.Unavailability;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An agent that is to be away at a time, and what has been said of that. Made anew when the time changes: frameworks have to think again,
 * and what they answered before counts no longer.
 */
final class AgentMaintenance {
    final Unavailability unavailability;

    /** One for each framework at most. */
    final Map<Framework, OutstandingInverseOffer> outstanding = new LinkedHashMap<>();

    /** Who isn't asked again before a time. */
    final Map<Framework, Refusal> refusals = new LinkedHashMap<>();

    /** The last of each framework. */
    final Map<FrameworkId, InverseAnswer> answers = new LinkedHashMap<>();

    record Refusal(Instant until, Timetable.Entry expiry) {}

    AgentMaintenance(Unavailability unavailability) {
        this.unavailability = unavailability;
    }
}
