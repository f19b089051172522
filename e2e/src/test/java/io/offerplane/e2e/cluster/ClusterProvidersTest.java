package io.offerplane.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterProvidersTest {
    @TempDir
    Path folder;

    @Test
    void takesTheProjectsOwnClusterUnlessToldOtherwise() {
        ClusterProviders providers = ClusterProviders.of(name -> null, Map.of());

        assertThat(providers.choose(null).name()).isEqualTo("dev");
        assertThat(providers.choose("").name()).isEqualTo("dev");
        assertThat(providers.choose("k3s").name()).isEqualTo("k3s");
        assertThat(providers.choose("kubeconfig").name()).isEqualTo("kubeconfig");
    }

    @Test
    void namesTheProvidersThereAreWhenAskedForAnother() {
        ClusterProviders providers = ClusterProviders.of(name -> null, Map.of());

        assertThatThrownBy(() -> providers.choose("minikube"))
                .isInstanceOf(ClusterUnavailable.class)
                .hasMessage("-De2e.cluster=minikube names no provider of clusters; there are dev, k3s, kubeconfig");
    }

    @Test
    void devSaysThatItNeedsRoot() throws IOException {
        Path script = Files.writeString(folder.resolve("cluster"), "#!/bin/sh\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();

        DevClusterProvider provider = new DevClusterProvider(script, "e2e", false, "nobody");

        assertThat(provider.obstacle()).hasValueSatisfying(reason -> assertThat(reason)
                .contains("must run as root and not as nobody")
                .contains("-De2e.cluster=k3s"));
        assertThatThrownBy(() -> provider.start(2)).isInstanceOf(ClusterUnavailable.class);
    }

    @Test
    void devSaysThatTheScriptIsMissing() {
        Path nowhere = folder.resolve("dev/cluster");

        assertThat(new DevClusterProvider(nowhere, "e2e", false, "root").obstacle())
                .hasValueSatisfying(reason -> assertThat(reason).startsWith(nowhere + " is not there"));
    }

    @Test
    void devPassesOnWhatTheScriptSaidWhenItFails() throws IOException {
        Path script = Files.writeString(
                folder.resolve("cluster"), "#!/bin/sh\necho \"no free cluster number for $*\" >&2\nexit 3\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();

        assertThatThrownBy(() -> new DevClusterProvider(script, "spare", false, "root").start(2))
                .isInstanceOf(ClusterUnavailable.class)
                .hasMessageContaining("could not start \"spare\"")
                .hasMessageContaining("no free cluster number for --name spare up 2");
    }

    @Test
    void devBringsUpUsesAndTakesDownItsCluster() throws IOException {
        Path script = Files.writeString(folder.resolve("cluster"), """
                #!/bin/sh
                echo "$*" >> %1$s/calls
                [ "$3" != kubeconfig ] || echo %1$s/kubeconfig
                """.formatted(folder));
        assertThat(script.toFile().setExecutable(true)).isTrue();

        try (TestCluster cluster = new DevClusterProvider(script, "e2e", false, "root").start(2)) {
            assertThat(cluster.kubeconfig()).isEqualTo(folder.resolve("kubeconfig"));
            cluster.loadImages(List.of(Path.of("a.tar"), Path.of("b.tar")));
            assertThat(cluster.power()).isInstanceOfSatisfying(TestCluster.Power.Switchable.class, power -> {
                power.kill("node-2");
                power.start("node-2");
            });
        }

        assertThat(Files.readAllLines(folder.resolve("calls")))
                .containsExactly(
                        "--name e2e up 2",
                        "--name e2e kubeconfig",
                        "--name e2e load a.tar b.tar",
                        "--name e2e kill-node 2",
                        "--name e2e start-node 2",
                        "--name e2e down");
    }

    @Test
    void devLeavesAKeptClusterUp() throws IOException {
        Path script = Files.writeString(
                folder.resolve("cluster"), "#!/bin/sh\necho \"$3\" >> " + folder + "/calls\necho /x\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();

        new DevClusterProvider(script, "e2e", true, "root").start(2).close();

        assertThat(Files.readAllLines(folder.resolve("calls"))).containsExactly("up", "kubeconfig");
    }

    @Test
    void k3sSaysThatThereIsNoDocker() {
        K3sClusterProvider provider = new K3sClusterProvider("rancher/k3s:v1.34.1-k3s1", () -> false, image -> true);

        assertThat(provider.obstacle())
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("no Docker answers here"));
        assertThatThrownBy(() -> provider.start(2))
                .isInstanceOf(ClusterUnavailable.class)
                .hasMessageContaining("no Docker answers here");
    }

    @Test
    void k3sSaysThatItsImageIsNotAtHand() {
        K3sClusterProvider provider = new K3sClusterProvider("rancher/k3s:v1.34.1-k3s1", () -> true, image -> false);

        assertThat(provider.obstacle()).hasValueSatisfying(reason -> assertThat(reason)
                .startsWith("Docker has no image rancher/k3s:v1.34.1-k3s1"));
    }

    @Test
    void kubeconfigWantsTheVariable() {
        assertThat(new KubeconfigProvider(name -> null, Map.of()).obstacle())
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("KUBECONFIG is not set"));
    }

    @Test
    void kubeconfigWantsAFileThatCanBeRead() {
        assertThat(new KubeconfigProvider(name -> null, Map.of("KUBECONFIG", "/nowhere/config")).obstacle())
                .hasValueSatisfying(reason -> assertThat(reason).contains("/nowhere/config, which cannot be read"));
    }

    @Test
    void kubeconfigWantsAnExplicitWordBeforeItTouchesACluster() throws IOException {
        Path config = Files.writeString(folder.resolve("config"), "apiVersion: v1\nkind: Config\n");

        assertThat(new KubeconfigProvider(name -> null, Map.of("KUBECONFIG", config.toString())).obstacle())
                .hasValueSatisfying(reason -> assertThat(reason).contains("-De2e.kubeconfig.allow="));
    }

    @Test
    void kubeconfigTouchesNothingWhenAnotherContextWasAllowed() throws IOException {
        Path config = Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: production
                contexts: [{name: production, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
                users: [{name: u, user: {}}]
                """);
        KubeconfigProvider provider = new KubeconfigProvider(
                name -> name.equals(KubeconfigProvider.ALLOW) ? "testing" : null,
                Map.of("KUBECONFIG", config.toString()));

        assertThatThrownBy(() -> provider.start(2))
                .isInstanceOf(ClusterUnavailable.class)
                .hasMessage(
                        "the current context is \"production\", but -De2e.kubeconfig.allow allows \"testing\": nothing was touched");
    }
}
