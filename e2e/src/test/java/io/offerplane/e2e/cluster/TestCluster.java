package io.offerplane.e2e.cluster;

import java.nio.file.Path;
import java.util.List;

/** A running Kubernetes cluster that tests may do with as they like. Closing it gives it back. */
public interface TestCluster extends AutoCloseable {
    /** The administrator's kubeconfig. */
    Path kubeconfig();

    /** Makes the images of these OCI archives known on every node, as if they had been pulled. */
    void loadImages(List<Path> archives);

    /** What this cluster can have done to its nodes. */
    Power power();

    /** A command line for kubectl against this cluster. */
    default CommandLine kubectl(String... words) {
        return CommandLine.of("kubectl")
                .and(words)
                .with("KUBECONFIG", kubeconfig().toString());
    }

    /** A command line for Helm against this cluster. */
    default CommandLine helm(String... words) {
        return CommandLine.of("helm").and(words).with("KUBECONFIG", kubeconfig().toString());
    }

    @Override
    void close();

    /** The nodes' power switches. */
    sealed interface Power {
        /** No node can be switched off without harm to the cluster's owner; {@code reason} says why. */
        record Untouchable(String reason) implements Power {}

        /** Nodes may be cut from power and given it back; a killed node keeps its disk. */
        non-sealed interface Switchable extends Power {
            void kill(String node);

            void start(String node);
        }
    }
}
