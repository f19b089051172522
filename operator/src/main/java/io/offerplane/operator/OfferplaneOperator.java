package io.offerplane.operator;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.offerplane.operator.telemetry.Probe;
import io.offerplane.operator.telemetry.TelemetryServer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running operator: all parts, in the order in which they start and, backwards, stop. */
public final class OfferplaneOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OfferplaneOperator.class);

    private final TelemetryServer telemetry;

    private OfferplaneOperator(TelemetryServer telemetry) {
        this.telemetry = telemetry;
    }

    /**
     * Starts everything; returns when this process takes part in the election.
     *
     * @param onEngineBroken ends the process: the engine's state can't be trusted any more
     */
    public static OfferplaneOperator start(OperatorConfig config, Runnable onEngineBroken) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        JvmGcMetrics collections = new JvmGcMetrics();
        collections.bindTo(registry);
        TelemetryServer telemetry = TelemetryServer.start(
                config.telemetry().port(),
                registry::scrape,
                List.of(
                        new Probe("startup", Optional::empty),
                        new Probe("ready", Optional::empty),
                        new Probe("live", Optional::empty)));
        LOG.atInfo().addKeyValue("pod", config.pod().name()).log("The operator has started");
        return new OfferplaneOperator(telemetry);
    }

    @Override
    public void close() {
        telemetry.close();
        LOG.atInfo().log("The operator has stopped");
    }
}
