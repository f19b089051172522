package io.offerplane.operator.link;

import java.time.Duration;

/**
 * @param port 0 for any free one
 * @param pingInterval time between two pings of an agent
 * @param maxMissedPings so many unanswered in a row end a stream; an agent silent for as many intervals is unreachable
 * @param maxMessageBytes the largest message taken from a shim
 * @param outboundQueue messages that may wait for a shim that doesn't read
 * @param registrationPatience how long a shim that has registered waits for its node's claim before it is sent away to try again
 */
public record LinkSettings(
        int port,
        Duration pingInterval,
        int maxMissedPings,
        int maxMessageBytes,
        int outboundQueue,
        Duration registrationPatience) {

    /** Silence of this length means that an agent is not there. */
    Duration patience() {
        return pingInterval.multipliedBy(maxMissedPings);
    }
}
