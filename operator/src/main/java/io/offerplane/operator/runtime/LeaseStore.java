package io.offerplane.operator.runtime;

import java.time.Duration;
import java.util.Optional;

/** The one object that says who leads. Blocks while it asks; each call is bounded in time. */
public interface LeaseStore {
    /** Empty when there is none yet. */
    Optional<LeaseRecord> read() throws LeaseUnavailable;

    /** Writes the lease if it is still as {@code version} says, or still absent when that is empty. */
    LeaseRecord write(LeaseRecord lease) throws LeaseUnavailable, LeaseTaken;

    /**
     * @param holder of the lease: unique among all processes ever; empty when it was given up
     * @param address where the holder serves Mesos clients, {@code host:port}; empty when nobody holds it
     * @param term how often the lease has changed hands; grows with every holder
     * @param renewal changes with every sign of life of the holder; means nothing but that
     * @param duration how long others are to wait after such a sign
     * @param version of the object as it was read; empty for one that was not
     */
    record LeaseRecord(String holder, String address, long term, String renewal, Duration duration, String version) {}

    /** The store can't be asked now. */
    final class LeaseUnavailable extends Exception {
        public LeaseUnavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Someone else has written it in between. */
    final class LeaseTaken extends Exception {
        public LeaseTaken(String message) {
            super(message);
        }
    }
}
