package io.offerplane.engine.fairness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.TestCluster;
import io.offerplane.engine.resource.ResourceQuantities;
import org.junit.jupiter.api.Test;

class ClientTest {
    private static final class Team extends Client {
        Team() {
            super("team");
        }
    }

    private final ClusterTotals totals = new ClusterTotals();
    private final Team team = new Team();

    private static ResourceQuantities quantities(String text) {
        return TestCluster.resources(text).scalars();
    }

    private long[] vector(String text) {
        return totals.vector(quantities(text));
    }

    @Test
    void holdsNothingBeforeAndAfter() {
        totals.add(quantities("cpus:4;mem:100"));
        assertThat(team.holdsNothing()).isTrue();
        team.add(vector("cpus:1"));
        assertThat(team.holdsNothing()).isFalse();
        team.subtract(vector("cpus:1"));
        assertThat(team.holdsNothing()).isTrue();
    }

    @Test
    void aShareIsTheLargestPartOfAnyScalar() {
        totals.add(quantities("cpus:4;mem:100"));
        team.add(vector("cpus:1;mem:50"));
        assertThat(team.dominantShare(totals)).isEqualTo(0.5);
        assertThat(team.dominantShareWithout(vector("mem:30"), totals)).isEqualTo(0.25);
        assertThat(team.dominantShareWithout(vector("cpus:3;mem:90"), totals)).isZero();
        assertThat(team.dominantShare(totals)).as("nothing was taken").isEqualTo(0.5);
    }

    @Test
    void moreThanIsHeldCannotBeReleased() {
        totals.add(quantities("cpus:4;mem:100"));
        team.add(vector("cpus:1"));
        assertThatThrownBy(() -> team.subtract(vector("cpus:1.001")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("release by team: 1001 thousandths of scalar 0")
                .hasMessageContaining("at most what it holds, 1000");
    }

    @Test
    void whatIsHeldOfNothingKnownIsNamedAsNone() {
        totals.add(quantities("cpus:4"));
        team.add(vector("cpus:1"));
        assertThatThrownBy(() -> team.subtract(vector("gpus:1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most what it holds, 0");
    }

    @Test
    void whatNobodyHasAnyMoreMakesNoShare() {
        totals.add(quantities("cpus:4;mem:100"));
        team.add(vector("cpus:1;mem:50"));
        totals.subtract(quantities("mem:100"));
        assertThat(team.dominantShare(totals)).isEqualTo(0.25);
    }
}
