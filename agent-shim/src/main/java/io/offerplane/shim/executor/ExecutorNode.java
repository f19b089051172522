package io.offerplane.shim.executor;

import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.fetch.Fetcher;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.status.StatusUpdateStreams;
import io.offerplane.shim.task.InnerContainers;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.Sandboxes;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * What executors need of the node.
 *
 * @param identity what this node is by now: it may be given its id after this was made
 * @param inner who has containers within those of executors
 * @param timers its tasks don't block
 * @param timeouts how long executors may be silent
 */
public record ExecutorNode(
        Supplier<NodeIdentity> identity,
        Journal journal,
        StatusUpdateStreams streams,
        ContainerRuntime runtime,
        Fetcher fetcher,
        Sandboxes sandboxes,
        InnerContainers inner,
        ScheduledExecutorService timers,
        Clock clock,
        Timeouts timeouts) {

    /**
     * Mesos' agent flags of these names.
     *
     * @param registration from the container's start to the first SUBSCRIBE
     * @param reregistration from the shim's restart to the next SUBSCRIBE
     */
    public record Timeouts(Duration registration, Duration reregistration) {

        /**
         * Mesos' own, but for the second: executors wait up to 2 s between two attempts, and Mesos' 2 s end some that
         * would have come; this is the longest that Mesos allows.
         */
        public static final Timeouts DEFAULT = new Timeouts(Duration.ofMinutes(1), Duration.ofSeconds(15));
    }
}
