package io.offerplane.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import io.offerplane.mesos.GatewayMetrics;
import io.offerplane.operator.ReferencePages;
import io.offerplane.operator.pool.AgentPoolReconciler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OperatorMetricsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final FrameworkId FRAMEWORK = new FrameworkId("f-0000");
    private static final AgentId AGENT = new AgentId("c-S1");
    private static final AgentSpec SPEC =
            new AgentSpec("node-a", "10.0.0.1", 5051, "node-a", "blue", List.of(), Optional.empty(), "1.0");
    private static final RolePath ROLE = new RolePath("eng/ads");
    private static final Resources TOTAL = Resources.scalar("cpus", 4).plus(Resources.scalar("mem", 1024));
    private static final Resources HALF = Resources.scalar("cpus", 2).plus(Resources.scalar("mem", 512));

    private static final Resources LENT =
            Resources.scalar("cpus", 1).onOther(free -> new Terms(List.of(), Optional.empty(), false, true));

    private final OperatorMetrics metrics = new OperatorMetrics(new FixedView(), 2);

    private String scrapeAfterEverything() {
        GatewayMetrics gateway = new GatewayMetrics();
        gateway.calls().computeIfAbsent("ACCEPT", call -> new LongAdder()).increment();
        gateway.events().computeIfAbsent("OFFERS", event -> new LongAdder()).increment();
        metrics.bindGateway(gateway);
        metrics.bindElection(() -> true, () -> true);
        metrics.termBegun(
                3,
                () -> 1,
                () -> 2,
                () -> 1,
                () -> List.of(new AgentPoolReconciler.PoolDrift("blue", 250, 1 << 20)),
                Duration.ofMillis(1500));
        metrics.reconciled("agent", Duration.ofMillis(20), false);
        Offer offer = offer();
        metrics.observe(new Effect.SendOffers(FRAMEWORK, List.of(offer)));
        metrics.observe(new Effect.RescindOffer(FRAMEWORK, offer.id()));
        metrics.observe(transition(Optional.empty(), TaskState.STAGING));
        metrics.observe(transition(Optional.of(TaskState.STAGING), TaskState.STARTING));
        metrics.observe(transition(Optional.of(TaskState.STARTING), TaskState.RUNNING));
        Decision.Answer.Accepted accepted = new Decision.Answer.Accepted();
        metrics.applied(
                new Command.AcceptOffers(FRAMEWORK, List.of(offer.id()), List.of(), Optional.empty(), NOW),
                new Decision(accepted, List.of()),
                1000);
        metrics.applied(
                new Command.DeclineOffers(FRAMEWORK, List.of(offer.id()), Optional.empty(), NOW),
                new Decision(accepted, List.of()),
                1000);
        metrics.applied(
                new Command.Tick(NOW), new Decision(accepted, List.of(new Effect.CycleFinished(3, 1, 2))), 2_000_000);
        return metrics.scrape();
    }

    @Test
    void everyMetricOfTheCatalogueIsServedAndNoOther() {
        Set<String> served = new TreeSet<>();
        scrapeAfterEverything()
                .lines()
                .filter(line -> line.startsWith("# TYPE offerplane_"))
                .forEach(line -> served.add(line.split(" ")[2] + " " + line.split(" ")[3]));
        served.removeIf(line -> line.endsWith("_max gauge"));
        Set<String> listed = new TreeSet<>();
        MetricCatalog.ALL.forEach(metric -> listed.add(metric.name() + " " + metric.type()));

        assertThat(served).isEqualTo(listed);
    }

    @Test
    void labelsAreThoseOfTheCatalogue() {
        TreeMap<String, Set<String>> labels = new TreeMap<>();
        scrapeAfterEverything()
                .lines()
                .filter(line -> line.startsWith("offerplane_") && line.contains("{"))
                .forEach(line -> {
                    String name = line.substring(0, line.indexOf('{')).replaceAll("_(bucket|sum|count|max)$", "");
                    for (String pair : line.substring(line.indexOf('{') + 1, line.lastIndexOf('}'))
                            .split(",")) {
                        if (!pair.startsWith("le=")) {
                            labels.computeIfAbsent(name, n -> new TreeSet<>())
                                    .add(pair.substring(0, pair.indexOf('=')));
                        }
                    }
                });

        for (MetricCatalog.Metric metric : MetricCatalog.ALL) {
            assertThat(labels.getOrDefault(metric.name(), Set.of()))
                    .as(metric.name())
                    .isEqualTo(new TreeSet<>(metric.labels()));
        }
    }

    @Test
    void namesFollowTheRules() {
        for (MetricCatalog.Metric metric : MetricCatalog.ALL) {
            assertThat(metric.name()).matches("offerplane(_[a-z]+)+");
            assertThat(metric.name().endsWith("_total"))
                    .as(metric.name())
                    .isEqualTo(metric.type().equals("counter"));
            if (metric.type().equals("histogram")) {
                assertThat(metric.name()).endsWith("_seconds");
            }
            assertThat(metric.labels()).doesNotContain("task", "agent", "user", "message");
            assertThat(metric.meaning()).endsWith(".");
        }
    }

    @Test
    void frameworksBeyondTheLimitAreToldAsOther() {
        List<String> lines = metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("offerplane_framework_connected{"))
                .toList();

        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "offerplane_framework_connected{framework=\"one\"} 1.0",
                        "offerplane_framework_connected{framework=\"two\"} 1.0",
                        "offerplane_framework_connected{framework=\"other\"} 2.0");
    }

    @Test
    void aPoolsDriftAndFailedReconciliationsAreToldWhileTheTermLasts() {
        metrics.termBegun(
                1,
                () -> 0,
                () -> 0,
                () -> 0,
                () -> List.of(new AgentPoolReconciler.PoolDrift("blue", 250, 1 << 20)),
                Duration.ZERO);
        metrics.reconciled("agentpool", Duration.ofMillis(20), true);
        metrics.reconciled("agentpool", Duration.ofMillis(20), false);

        assertThat(metrics.scrape())
                .contains("offerplane_pool_booking_drift{pool=\"blue\",resource=\"cpu\",unit=\"core\"} 0.25")
                .contains("offerplane_pool_booking_drift{pool=\"blue\",resource=\"memory\",unit=\"byte\"} 1048576.0")
                .contains("offerplane_reconciliations_total{controller=\"agentpool\",outcome=\"failed\"} 1.0")
                .contains("offerplane_reconciliation_duration_seconds_count{controller=\"agentpool\"} 2");
        metrics.termEnded();
        assertThat(metrics.scrape()).doesNotContain("offerplane_pool_booking_drift{");
    }

    @Test
    void amountsAreInBaseUnits() {
        assertThat(metrics.scrape())
                .contains("offerplane_pool_capacity{pool=\"blue\",resource=\"memory\",unit=\"byte\"} 1.073741824E9")
                .contains("offerplane_pool_offerable{pool=\"blue\",resource=\"cpu\",unit=\"core\"} 2.0")
                .contains("offerplane_pool_revocable{pool=\"blue\",resource=\"cpu\",unit=\"core\"} 1.0");
    }

    @Test
    void pageListsEveryMetric() throws Exception {
        StringBuilder page = new StringBuilder("""
                # Metrics

                Served by every replica at `:9090/metrics` in Prometheus' text form; the leader's have the cluster's state. Counters end in
                `_total` and start from zero with the process; levels are of the moment of the scrape. Amounts of several resources bear
                `resource` and `unit` (`core`, `byte`, `integer`). Label values are bounded: no task, agent or user is ever one. Histograms have
                the usual `_bucket`, `_sum` and `_count`, and a `_max` of the last minutes. The JVM's own metrics have their stock names (`jvm_...`, `process_...`).

                | name | type | labels | meaning |
                |---|---|---|---|
                """);
        for (MetricCatalog.Metric metric : MetricCatalog.ALL) {
            List<String> labels = new ArrayList<>();
            metric.labels().forEach(label -> labels.add("`" + label + "`"));
            page.append("| `")
                    .append(metric.name())
                    .append("` | ")
                    .append(metric.type())
                    .append(" | ")
                    .append(String.join(", ", labels))
                    .append(" | ")
                    .append(metric.meaning())
                    .append(" |\n");
        }
        ReferencePages.assertIs("metrics.md", page.toString());
    }

    private static Effect.TaskTransition transition(Optional<TaskState> from, TaskState to) {
        return new Effect.TaskTransition(FRAMEWORK, new TaskId("t"), AGENT, ROLE, from, to, Optional.empty());
    }

    private static Offer offer() {
        return new Offer(new OfferId("o1"), FRAMEWORK, ROLE, AGENT, SPEC, HALF, NOW);
    }

    private static EngineView.FrameworkView framework(String name, List<EngineView.TaskView> tasks) {
        return new EngineView.FrameworkView(
                new FrameworkId(name),
                new FrameworkSpec(
                        name, "root", List.of(ROLE), Duration.ZERO, false, Optional.empty(), Set.of(), Payload.EMPTY),
                true,
                true,
                false,
                NOW,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Set.of(),
                HALF,
                Resources.EMPTY,
                List.of(offer()),
                List.of(),
                tasks,
                List.of(),
                List.of(),
                new EngineView.OfferCounts(0, 0, 0, 0),
                0,
                Optional.empty());
    }

    private static final class FixedView implements EngineGate {
        @Override
        public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
            return false;
        }

        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public EngineView view() {
            EngineView.TaskView task = new EngineView.TaskView(
                    FRAMEWORK,
                    new io.offerplane.engine.task.TaskSpec(
                            new TaskId("t"),
                            "t",
                            AGENT,
                            HALF,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Payload.EMPTY),
                    AGENT,
                    ROLE,
                    TaskState.RUNNING,
                    List.of());
            return new EngineView(
                    NOW,
                    List.of(new EngineView.AgentView(
                            AGENT,
                            SPEC,
                            EngineView.AgentView.Phase.CONNECTED,
                            false,
                            TOTAL.plus(LENT),
                            Resources.EMPTY,
                            HALF,
                            Resources.EMPTY,
                            Resources.EMPTY,
                            Optional.of(NOW),
                            Optional.empty())),
                    List.of(
                            framework("one", List.of(task)),
                            framework("two", List.of()),
                            framework("three", List.of()),
                            framework("four", List.of())),
                    List.of(),
                    List.of(new EngineView.RoleView(
                            ROLE,
                            1,
                            io.offerplane.engine.role.Quota.NONE,
                            HALF.scalars(),
                            Resources.EMPTY.scalars(),
                            HALF,
                            Resources.EMPTY,
                            0.5,
                            0.5,
                            List.of(FRAMEWORK))),
                    List.of());
        }
    }
}
