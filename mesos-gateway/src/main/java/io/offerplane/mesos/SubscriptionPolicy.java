package io.offerplane.mesos;

import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Who may subscribe, for what, and within which bounds: asked at each {@code SUBSCRIBE} and {@code UPDATE_FRAMEWORK} that is
 * valid in itself, as Mesos asks its authorizer. Called on event loops: answers from memory and doesn't block.
 */
@FunctionalInterface
public interface SubscriptionPolicy {
    /** Everybody may do everything. */
    SubscriptionPolicy EVERYTHING = application -> Ruling.Admitted.UNBOUNDED;

    Ruling judge(Application application);

    /**
     * What a client asks for.
     *
     * @param id the id that it claims; empty when it asks for a new one
     * @param spec as it describes itself, with the principal that it proved when it proved one
     */
    record Application(Optional<FrameworkId> id, FrameworkSpec spec) {
        public Application {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(spec, "spec");
        }
    }

    /** What becomes of it. */
    sealed interface Ruling {
        /**
         * It may subscribe, within these bounds, which it isn't told of: it finds them in what it is offered, and in the
         * state endpoints.
         *
         * @param withheld capabilities that are left out of its subscription
         * @param failoverCeiling the longest that its tasks outlive its connection; empty for no bound
         */
        record Admitted(Set<FrameworkCapability> withheld, Optional<Duration> failoverCeiling) implements Ruling {
            public static final Admitted UNBOUNDED = new Admitted(Set.of(), Optional.empty());

            public Admitted {
                withheld = withheld.isEmpty() ? EnumSet.noneOf(FrameworkCapability.class) : EnumSet.copyOf(withheld);
                Objects.requireNonNull(failoverCeiling, "failoverCeiling");
            }
        }

        /**
         * It may not.
         *
         * @param message what was wrong and what would be right; goes to the client in an {@code ERROR} event, or with a 403
         */
        record Refused(String message) implements Ruling {
            public Refused {
                Objects.requireNonNull(message, "message");
            }
        }
    }
}
