package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A subscribed framework that asks for other roles. */
class RoleChangeTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void offersNothingForARoleThatWasLeftNorAfterTheFrameworkHasEnded() {
        cluster.framework("f", "x").agent("s", "cpus:4;mem:1024").tick();
        assertThat(cluster.offers("f")).extracting(Offer::role).containsExactly(new RolePath("x"));

        cluster.apply(new Command.UpdateFramework(
                new FrameworkId("f"),
                TestCluster.frameworkSpec("f", List.of("y"), Duration.ZERO, Set.of()),
                Set.of(),
                cluster.now()));
        cluster.cycle();
        assertThat(cluster.offers("f")).extracting(Offer::role).containsExactly(new RolePath("y"));

        cluster.apply(new Command.TeardownFramework(new FrameworkId("f"), cluster.now()));
        cluster.cycle();
        assertThat(cluster.agentView("s").offered().isEmpty()).isTrue();
    }
}
