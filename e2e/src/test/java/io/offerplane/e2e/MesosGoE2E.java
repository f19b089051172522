package io.offerplane.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.e2e.client.MesosGoScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A framework that brings its executor: both are mesos-go's, unchanged, and the nodes fetch the executor from the scheduler. */
@OfferplaneOnCluster
@Order(25)
final class MesosGoE2E {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final Pattern GATEWAY = Pattern.compile("default via ([0-9.]+)");

    private final OfferplaneInstallation offerplane;

    MesosGoE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @ParameterizedTest
    @ValueSource(strings = {"protobuf", "json"})
    void tasksFinishInAnExecutorThatCameFromItsScheduler(String codec) {
        int count = 20;
        try (MesosGoScheduler scheduler = MesosGoScheduler.start(
                offerplane.master(),
                addressForNodes(),
                codec,
                "-name=go-" + codec,
                "-tasks=" + count,
                "-cpu=0.1",
                "-memory=32",
                "-exec.cpu=0.1")) {
            // It ends with 0 when as many tasks have finished as it was to run, and not before.
            assertThat(scheduler.awaitEnd(LONG)).as("%s", scheduler.lines()).isZero();
            assertThat(scheduler.lines()).noneMatch(line -> line.contains("TASK_LOST") || line.contains("TASK_ERROR"));
        }
    }

    /** This machine's address on the network of the nodes: what they send everything else through. */
    private String addressForNodes() {
        String node = offerplane.nodes().keySet().iterator().next();
        String route = offerplane.onNode(node, "ip -4 route show default").output();
        Matcher gateway = GATEWAY.matcher(route);
        assertThat(gateway.find())
                .as("the default route of %s: %s", node, route)
                .isTrue();
        return gateway.group(1);
    }
}
