package io.offerplane.shim.check;

import java.time.Duration;

/** Looks at one task. Safe for use by several threads. */
@FunctionalInterface
public interface Prober {

    /**
     * Looks once, and waits for what that shows.
     *
     * @param timeout the most that it may take; zero means for ever
     */
    ProbeOutcome probe(Probe probe, Duration timeout) throws InterruptedException;
}
