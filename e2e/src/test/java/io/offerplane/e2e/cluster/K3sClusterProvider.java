package io.offerplane.e2e.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.RemoteDockerImage;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * K3s in containers, through Testcontainers: one server that is a node too, and an agent for each further node.
 *
 * <p>The image is {@code -De2e.k3s.image} (default {@value #DEFAULT_IMAGE}). Docker must be able to start a privileged
 * container, and must have the image or be able to pull it.
 */
public final class K3sClusterProvider implements ClusterProvider {
    static final String DEFAULT_IMAGE = "rancher/k3s:v1.34.1-k3s1";
    private static final String TOKEN = "offerplane-e2e";
    /** Where archives lie inside a container while its containerd takes them in. */
    private static final String IMPORTED = "/var/lib/rancher/import/";

    private final String image;
    private final BooleanSupplier dockerAnswers;
    private final Predicate<String> imageAtHand;

    K3sClusterProvider(String image, BooleanSupplier dockerAnswers, Predicate<String> imageAtHand) {
        this.image = image;
        this.dockerAnswers = dockerAnswers;
        this.imageAtHand = imageAtHand;
    }

    static K3sClusterProvider of(UnaryOperator<@Nullable String> property) {
        String image = property.apply("e2e.k3s.image");
        return new K3sClusterProvider(
                image == null ? DEFAULT_IMAGE : image,
                () -> DockerClientFactory.instance().isDockerAvailable(),
                K3sClusterProvider::hasOrPulls);
    }

    @Override
    public String name() {
        return "k3s";
    }

    @Override
    public Optional<String> obstacle() {
        if (!dockerAnswers.getAsBoolean()) {
            return Optional.of(
                    "no Docker answers here (tried DOCKER_HOST and /var/run/docker.sock): start one, or choose another"
                            + " cluster with -D" + ClusterProviders.PROPERTY + "=dev or =kubeconfig");
        }
        if (!imageAtHand.test(image)) {
            return Optional.of(
                    "Docker has no image " + image + " and could not pull it: load it with `docker load`, or name one"
                            + " that is at hand with -De2e.k3s.image=…");
        }
        return Optional.empty();
    }

    @Override
    public TestCluster start(int nodes) {
        obstacle().ifPresent(obstacle -> {
            throw new ClusterUnavailable(obstacle);
        });
        Network network = Network.newNetwork();
        List<GenericContainer<?>> containers = new ArrayList<>();
        try {
            DockerImageName name = DockerImageName.parse(image).asCompatibleSubstituteFor("rancher/k3s");
            K3sContainer server = new K3sContainer(name);
            server.withNetwork(network)
                    .withNetworkAliases("server")
                    .withCommand(
                            "server",
                            "--node-name=k3s-1",
                            "--token=" + TOKEN,
                            "--tls-san=" + server.getHost(),
                            "--disable=traefik",
                            "--disable=metrics-server");
            containers.add(server);
            server.start();
            for (int number = 2; number <= nodes; number++) {
                GenericContainer<?> agent = new GenericContainer<>(name)
                        .withNetwork(network)
                        .withPrivilegedMode(true)
                        .withTmpFs(Map.of("/run", "", "/var/run", ""))
                        .withCommand(
                                "agent",
                                "--server=https://server:6443",
                                "--token=" + TOKEN,
                                "--node-name=k3s-" + number)
                        .waitingFor(Wait.forLogMessage(".*Started kubelet.*|.*Running kubelet.*", 1));
                containers.add(agent);
                agent.start();
            }
            // The shim mounts its state folder Bidirectional, which the kubelet allows on shared mounts only.
            containers.forEach(container -> runInside(container, "mount", "--make-rshared", "/"));
            Path kubeconfig = Files.createTempFile("offerplane-k3s", ".kubeconfig");
            Files.writeString(kubeconfig, server.getKubeConfigYaml());
            return new K3sCluster(kubeconfig, containers, network);
        } catch (IOException | RuntimeException e) {
            containers.reversed().forEach(GenericContainer::stop);
            network.close();
            throw new ClusterUnavailable(
                    "K3s did not come up from " + image + " (does this Docker allow privileged containers?): "
                            + e.getMessage(),
                    e);
        }
    }

    private static boolean hasOrPulls(String image) {
        try {
            // Looks at local images first, then pulls.
            new RemoteDockerImage(DockerImageName.parse(image)).get();
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    private static void runInside(GenericContainer<?> container, String... command) {
        try {
            var result = container.execInContainer(command);
            if (result.getExitCode() != 0) {
                throw new AssertionError("%s in %s ended with %d: %s%s"
                        .formatted(
                                String.join(" ", command),
                                container.getContainerName(),
                                result.getExitCode(),
                                result.getStderr(),
                                result.getStdout()));
            }
        } catch (IOException e) {
            throw new AssertionError("cannot run " + String.join(" ", command) + " in K3s: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while running " + String.join(" ", command), e);
        }
    }

    private record K3sCluster(Path kubeconfig, List<GenericContainer<?>> containers, Network network)
            implements TestCluster {
        @Override
        public void loadImages(List<Path> archives) {
            for (GenericContainer<?> container : containers) {
                for (Path archive : archives) {
                    String inside = IMPORTED + archive.getFileName();
                    container.copyFileToContainer(MountableFile.forHostPath(archive), inside);
                    runInside(container, "ctr", "--namespace=k8s.io", "images", "import", inside);
                    runInside(container, "rm", inside);
                }
            }
        }

        @Override
        public Power power() {
            if (containers.size() < 2) {
                return new Power.Untouchable("the only node is K3s' server too");
            }
            return new ContainerSwitch(containers);
        }

        @Override
        public void close() {
            containers.reversed().forEach(GenericContainer::stop);
            network.close();
        }
    }

    /** Kills an agent's container and starts it again: its file system, and so its disk, stays. */
    private record ContainerSwitch(List<GenericContainer<?>> containers) implements TestCluster.Power.Switchable {
        @Override
        public void kill(String node) {
            GenericContainer<?> container = of(node);
            container
                    .getDockerClient()
                    .killContainerCmd(container.getContainerId())
                    .exec();
        }

        @Override
        public void start(String node) {
            GenericContainer<?> container = of(node);
            container
                    .getDockerClient()
                    .startContainerCmd(container.getContainerId())
                    .exec();
        }

        private GenericContainer<?> of(String node) {
            int number = Integer.parseInt(node.substring(node.lastIndexOf('-') + 1));
            if (number < 2) {
                throw new IllegalArgumentException(node + " runs the control plane too; kill another");
            }
            return containers.get(number - 1);
        }
    }
}
