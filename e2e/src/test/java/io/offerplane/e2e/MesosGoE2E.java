package io.offerplane.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.e2e.client.MesosGoScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A framework that brings its executor: both are mesos-go's, unchanged, and the nodes fetch the executor from the scheduler. */
@OfferplaneOnCluster
@Tag("burn-in")
@Order(25)
final class MesosGoE2E {
    private static final Duration LONG = Duration.ofMinutes(3);

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
            // It says so when as many tasks have finished as it was to run, and ends with 1, as it cancels its own
            // calls.
            scheduler.awaitEnd(LONG);
            assertThat(scheduler.lines().stream().filter(line -> line.endsWith("is in state TASK_FINISHED")))
                    .hasSize(count);
            assertThat(scheduler.lines()).anyMatch(line -> line.contains("mission accomplished"));
            assertThat(scheduler.lines()).noneMatch(line -> line.contains("TASK_LOST") || line.contains("TASK_ERROR"));
        }
    }

    /** This machine's address on the network of the nodes: where it would send from to one of them. */
    private String addressForNodes() {
        String master = offerplane.master();
        int colon = master.lastIndexOf(':');
        try (DatagramSocket socket = new DatagramSocket()) {
            // Sends nothing.
            socket.connect(
                    new InetSocketAddress(master.substring(0, colon), Integer.parseInt(master.substring(colon + 1))));
            return socket.getLocalAddress().getHostAddress();
        } catch (SocketException e) {
            throw new AssertionError("no way to " + master, e);
        }
    }
}
