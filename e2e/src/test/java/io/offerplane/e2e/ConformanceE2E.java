package io.offerplane.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.e2e.conformance.ConformanceSuite;
import io.offerplane.e2e.conformance.Verdict;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The installed master does what Mesos 1.11.0 did in every recorded scenario, or docs/differences.md says why not. */
@OfferplaneOnCluster
@Order(75)
final class ConformanceE2E {
    /** A cluster's machines are busier than an oracle's: limits of waiting are multiplied by this. */
    private static final double PATIENCE = 2;

    private final OfferplaneInstallation offerplane;

    ConformanceE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void everyScenarioEndsAsOnMesosOrIsExplained() throws IOException, InterruptedException {
        List<Verdict> verdicts = ConformanceSuite.load()
                .playAll(URI.create("http://" + offerplane.master()), PATIENCE, Path.of("target/conformance.md"));

        assertThat(verdicts).hasSizeGreaterThanOrEqualTo(40);
        assertThat(verdicts.stream()
                        .filter(verdict -> !verdict.passes())
                        .map(Verdict::complaint)
                        .toList())
                .as("unexplained differences; the table is in target/conformance.md")
                .isEmpty();
    }
}
