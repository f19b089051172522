package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Rejection;
import io.offerplane.engine.role.RolePath;
import java.util.List;
import org.junit.jupiter.api.Test;

class WhatIfTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void tellsWhoWouldGetWhatWithAnotherWeight() {
        cluster.framework("a", "eng").framework("b", "ops");
        for (int i = 1; i <= 4; i++) {
            cluster.agent("agent" + i, "cpus:4;mem:1024");
        }
        cluster.tick();
        EngineSnapshot before = cluster.snapshot();

        WhatIfReport report = cluster.whatIf(new Command.SetRoleWeight(new RolePath("ops"), 3, cluster.now()));

        assertThat(report.differences())
                .extracting(WhatIfReport.Difference::framework)
                .containsExactly(new FrameworkId("a"), new FrameworkId("b"));
        assertThat(report.differences().getFirst().asItIs().agents()).hasSize(2);
        assertThat(report.differences().getFirst().changed().agents()).hasSize(1);
        assertThat(report.differences().getLast().changed().agents()).hasSize(3);
        assertThat(report.text()).contains("b in role ops would be offered cpus:12; mem:3072 on ");
        assertThat(cluster.snapshot()).as("nothing has changed").isEqualTo(before);
    }

    @Test
    void tellsWhichRejectionsWouldGoAway() {
        cluster.framework("a", "eng").agent("agent1", "cpus:4;mem:1024").tick();
        cluster.decline(cluster.offers("a").getFirst(), 1000);
        cluster.cycle();

        WhatIfReport report = cluster.whatIf(new Command.Revive(new FrameworkId("a"), List.of(), cluster.now()));

        assertThat(report.gone()).extracting(Rejection::reason).containsExactly(Rejection.Reason.FILTERED);
        assertThat(report.differences()).hasSize(1);
        assertThat(report.differences().getFirst().asItIs().agents()).isEmpty();
        assertThat(report.text())
                .isEqualTo("a in role eng would be offered cpus:4; mem:1024 on agent1 instead of nothing.");
    }

    @Test
    void countsContainersThatWouldBeGranted() {
        cluster.application("app", "eng").agent("agent1", "cpus:2;mem:1024").tick();
        cluster.ask("app", 1, 5, "cpus:1;mem:128").tick();

        WhatIfReport report = cluster.whatIf(new Command.RegisterAgent(
                new AgentId("agent2"),
                TestCluster.agentSpec("agent2"),
                TestCluster.resources("cpus:4;mem:1024"),
                List.of(),
                List.of(),
                1,
                cluster.now()));

        // Two of five run on agent1; three are wanted.
        assertThat(report.text())
                .isEqualTo("app in role eng would be offered cpus:3; mem:384 on agent2 instead of nothing.");
    }

    @Test
    void saysWhyAChangeIsNotPossible() {
        WhatIfReport report = cluster.whatIf(new Command.SetRoleWeight(new RolePath("ops"), -1, cluster.now()));
        assertThat(report.text()).isEqualTo("The change is not possible: weight: -1.0 (expected: > 0) for role ops");
    }

    @Test
    void saysThatNobodyWouldNotice() {
        assertThat(cluster.whatIf(new Command.SetRoleWeight(new RolePath("ops"), 2, cluster.now()))
                        .text())
                .isEqualTo("Nobody would be offered anything else.");
    }
}
