package io.offerplane.mesos;

import java.time.Instant;
import java.util.Optional;

/** Who leads, as this replica knows it. Methods may be called on any thread and don't block. */
public interface Leadership {
    /** Where frameworks reach a leader. */
    record Address(String hostname, int port) {
        @Override
        public String toString() {
            return hostname + ":" + port;
        }
    }

    /**
     * A time of leadership.
     *
     * @param id Mesos' master id
     * @param elected when it began: Mesos' {@code elected_time}
     */
    record Term(String id, Instant elected) {}

    /** The leader, this replica included; empty while there is none. */
    Optional<Address> leader();

    /** Whether this replica leads. */
    boolean isLeader();

    /** Whether a leading replica has taken over what its predecessors left; until then calls are answered 503. */
    boolean recovered();

    /** This replica's term; its last one, or any, while it doesn't lead. */
    Term term();
}
