package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkId;
import java.util.Collections;
import java.util.List;

/**
 * What a command led to: an answer for whoever sent it, and effects for everybody, to be performed in this order.
 */
public record Decision(Answer answer, List<Effect> effects) {
    public Decision {
        effects = Collections.unmodifiableList(effects);
    }

    /** What the sender is told. */
    public sealed interface Answer {
        /** Taken in; what follows from it is in the effects. */
        record Accepted() implements Answer {}

        /** The subscription stands under this id. */
        record Subscribed(FrameworkId frameworkId) implements Answer {}

        /**
         * Nothing changed.
         *
         * @param message why, in Mesos' words
         */
        record Refused(Reason reason, String message) implements Answer {}

        /** Why nothing changed, for the status code of a wire. */
        enum Reason {
            UNKNOWN_FRAMEWORK,
            FRAMEWORK_NOT_CONNECTED,
            UNKNOWN_AGENT,
            AGENT_REMOVED,
            /** Right in itself, but there is not enough for it. */
            CONFLICT,
            INVALID
        }
    }
}
