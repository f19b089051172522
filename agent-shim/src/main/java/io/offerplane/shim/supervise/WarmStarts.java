package io.offerplane.shim.supervise;

/**
 * How containers have started.
 *
 * @param parked containers that wait for a task now
 * @param warm starts of containers that had been made ahead
 * @param cold starts of containers that were made for their task
 */
public record WarmStarts(int parked, long warm, long cold) {}
