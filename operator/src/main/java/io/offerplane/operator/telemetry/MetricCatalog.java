package io.offerplane.operator.telemetry;

import java.util.List;

/** Every metric of ours, as the reference page lists it. What {@link OperatorMetrics} serves and this list say the same; a test holds them to it. */
final class MetricCatalog {
    private MetricCatalog() {}

    /**
     * @param name as scraped, without the suffixes of a histogram
     * @param type {@code counter}, {@code gauge} or {@code histogram}
     * @param labels in order; all have bounded values
     */
    record Metric(String name, String type, List<String> labels, String meaning) {}

    static final List<Metric> ALL = List.of(
            counter("offerplane_offers_sent_total", "Offers sent to frameworks.", "protocol", "queue", "pool"),
            counter("offerplane_offers_accepted_total", "Offers that frameworks named in ACCEPT.", "protocol"),
            counter("offerplane_offers_declined_total", "Offers that frameworks named in DECLINE.", "protocol"),
            counter("offerplane_offers_rescinded_total", "Offers taken back before they were answered.", "protocol"),
            gauge("offerplane_offers_outstanding", "Offers that wait for an answer.", "protocol", "queue"),
            histogram("offerplane_allocation_cycle_duration_seconds", "Time of one allocation cycle."),
            counter(
                    "offerplane_allocation_decisions_total",
                    "Candidates of allocation cycles: offered, or passed_over for a reason that the view names.",
                    "outcome"),
            histogram(
                    "offerplane_engine_command_duration_seconds",
                    "Time that the engine took for a command.",
                    "command"),
            gauge("offerplane_engine_queued_commands", "Commands that wait for the engine."),
            counter(
                    "offerplane_engine_refused_commands_total",
                    "Commands refused because the queue was full or the term was ending."),
            gauge(
                    "offerplane_framework_info",
                    "1 for each framework, to join on. Beyond telemetry.maxFrameworks they are told as \"other\".",
                    "framework",
                    "protocol"),
            gauge("offerplane_framework_connected", "Subscribed streams of the framework's name.", "framework"),
            gauge(
                    "offerplane_tasks",
                    "Tasks by state; ended ones that are still remembered are not counted.",
                    "state",
                    "queue"),
            counter("offerplane_task_transitions_total", "States that tasks came to, and why.", "state", "reason"),
            histogram(
                    "offerplane_task_start_duration_seconds",
                    "Time in phase staging (accepted to first word of the agent) or starting (from there to running).",
                    "phase"),
            gauge("offerplane_queue_allocated", "What the queue's tasks hold.", "queue", "resource", "unit"),
            gauge("offerplane_queue_dominant_share_ratio", "The queue's dominant share, 0 to 1.", "queue"),
            gauge("offerplane_queue_fair_share_ratio", "What the share would be if all siblings took theirs.", "queue"),
            gauge("offerplane_pool_capacity", "What Kubernetes granted the pool's agents.", "pool", "resource", "unit"),
            gauge("offerplane_pool_allocated", "What tasks hold of it.", "pool", "resource", "unit"),
            gauge("offerplane_pool_offerable", "What is neither allocated nor offered.", "pool", "resource", "unit"),
            gauge(
                    "offerplane_pool_revocable",
                    "What nodes lend beside that, of what tasks hold and don't use.",
                    "pool",
                    "resource",
                    "unit"),
            gauge(
                    "offerplane_pool_booking_drift",
                    "By how much what the pool's claims ask of Kubernetes and what they were granted differ, summed over nodes.",
                    "pool",
                    "resource",
                    "unit"),
            gauge("offerplane_agents", "Agents by state.", "pool", "state"),
            gauge("offerplane_link_agents", "Agents whose link is open."),
            counter("offerplane_calls_total", "Valid calls of frameworks.", "protocol", "call"),
            counter("offerplane_events_total", "Events sent to frameworks.", "protocol", "event"),
            counter("offerplane_calls_refused_total", "Calls answered with a 4xx.", "protocol"),
            counter("offerplane_calls_busy_total", "Calls answered 503 because the engine was busy.", "protocol"),
            gauge("offerplane_http_connections", "Open connections of Mesos clients."),
            counter("offerplane_http_slow_consumers_closed_total", "Streams closed because their client did not read."),
            counter(
                    "offerplane_reconciliations_total",
                    "Objects that a controller looked at: done, or failed and tried again.",
                    "controller",
                    "outcome"),
            histogram(
                    "offerplane_reconciliation_duration_seconds",
                    "Time of a controller's look at one object, the API server's included.",
                    "controller"),
            gauge("offerplane_leader", "1 on the replica that leads, 0 on the others."),
            gauge("offerplane_leader_term", "The number of this replica's term; 0 where it doesn't lead."),
            gauge("offerplane_recovery_duration_seconds", "Time that the present term took to begin."),
            gauge("offerplane_apiserver_reachable", "1 while the lease can be asked for, 0 while it can't."),
            gauge("offerplane_build_info", "1, to join on.", "version"));

    private static Metric counter(String name, String meaning, String... labels) {
        return new Metric(name, "counter", List.of(labels), meaning);
    }

    private static Metric gauge(String name, String meaning, String... labels) {
        return new Metric(name, "gauge", List.of(labels), meaning);
    }

    private static Metric histogram(String name, String meaning, String... labels) {
        return new Metric(name, "histogram", List.of(labels), meaning);
    }
}
