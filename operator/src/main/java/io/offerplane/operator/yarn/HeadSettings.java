package io.offerplane.operator.yarn;

import java.time.Duration;

/**
 * @param failover how long applications keep their containers while no head is linked
 * @param patience how long agents of a new term wait for a head before they are offered without it
 * @param interval between two looks at headroom and time
 * @param outboundQueue messages that may wait for a head that doesn't read
 * @param vcore how much of a core one vcore is
 */
public record HeadSettings(
        Duration failover, Duration patience, Duration interval, int outboundQueue, VcoreSize vcore) {
    public HeadSettings {
        if (failover.isNegative() || failover.isZero() || patience.isNegative()) {
            throw new IllegalArgumentException("failover: " + failover + ", patience: " + patience
                    + " (expected: the former above zero, the latter not below)");
        }
        if (!interval.isPositive() || outboundQueue < 1) {
            throw new IllegalArgumentException(
                    "interval: " + interval + ", outboundQueue: " + outboundQueue + " (expected: both above zero)");
        }
    }
}
