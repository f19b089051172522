package io.offerplane.shim.link;

import java.time.Duration;

/**
 * How long an attempt may take to a finished TLS handshake: 5 s, so that a process that hangs is soon left for the leader that took its
 * place. Each attempt that fails by this gives the next one twice as long, up to 20 s: on a node whose tasks leave the shim little of
 * the processors no handshake may be done in 5 s, and an attempt that is given up starts from nothing. Safe for use by several threads.
 */
final class HandshakePatience {

    static final Duration FIRST = Duration.ofSeconds(5);

    /** Twice what the leader's end grants. */
    static final Duration LONGEST = Duration.ofSeconds(20);

    private Duration current = FIRST;

    /** What the attempt that begins now is given. */
    synchronized Duration current() {
        return current;
    }

    /**
     * An attempt had no handshake in its time. May be said more than once of one attempt.
     *
     * @param given what the attempt was given
     */
    synchronized void ranOut(Duration given) {
        Duration doubled = given.multipliedBy(2);
        current = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    }

    /** An attempt has succeeded. */
    synchronized void reset() {
        current = FIRST;
    }
}
