package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Rejection;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Big tasks are not starved by many small ones that come and go. */
class StarvationTest {
    private static final int TASK_SECONDS = 20;

    private TestCluster cluster = new TestCluster();
    private final List<String> agents = new ArrayList<>();
    private int nextTask;

    /** What small frameworks run: one task of one cpu after another, each for a while. */
    private record Running(String framework, String agent, String task, int until) {}

    private final Deque<Running> running = new ArrayDeque<>();
    private int second;

    private void agents(int count) {
        for (int i = 0; i < count; i++) {
            agents.add("a" + i);
            cluster.agent("a" + i, "cpus:4;mem:4096");
        }
    }

    private void smallOnes(int count) {
        for (int i = 0; i < count; i++) {
            cluster.framework("small" + i, "s" + i);
        }
    }

    /** Small frameworks take all they can; whoever is named wants {@code cpus} at once and hands back what is less. */
    private Optional<Offer> secondsUntilItFits(String big, int cpus, int seconds) {
        for (int end = second + seconds; second < end; second++) {
            while (!running.isEmpty() && running.peekFirst().until() <= second) {
                Running done = running.removeFirst();
                var uuid = cluster.update(done.agent(), done.framework(), done.task(), TaskState.FINISHED);
                cluster.acknowledge(done.agent(), done.framework(), done.task(), uuid);
            }
            cluster.cycle();
            for (EngineView.FrameworkView framework : cluster.view().frameworks()) {
                for (Offer offer : framework.offers()) {
                    if (!framework.id().value().equals(big)) {
                        fill(framework.id().value(), offer);
                    } else if (offer.resources().scalars().milli("cpus") >= 1000L * cpus) {
                        return Optional.of(offer);
                    } else {
                        cluster.decline(offer, 1);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private void fill(String framework, Offer offer) {
        long count = offer.resources().scalars().milli("cpus") / 1000;
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String task = "t" + nextTask++;
            tasks.add(TestCluster.task(task, offer.agentId().value(), "cpus:1;mem:1024"));
            // Not all end at once: there is hardly ever room for more than one.
            running.addLast(
                    new Running(framework, offer.agentId().value(), task, second + TASK_SECONDS + 7 * nextTask % 13));
        }
        cluster.launch(offer, tasks.toArray(TaskSpec[]::new));
        List<Running> ordered = new ArrayList<>(running);
        ordered.sort(Comparator.comparingInt(Running::until));
        running.clear();
        running.addAll(ordered);
    }

    private void crowd(int agentCount) {
        agents(agentCount);
        smallOnes(6);
        secondsUntilItFits("nobody", 1, 3 * TASK_SECONDS);
    }

    private long setAside() {
        return cluster.view().agents().stream()
                .filter(agent -> agent.setAside().isPresent())
                .count();
    }

    private static TestCluster with(SetAsideRules rules) {
        return new TestCluster(TestCluster.config(TestCluster.CONFIG.askRules(), rules));
    }

    @Test
    void aFrameworkThatNeedsAWholeAgentGetsOneThoughItNeverSaidSo() {
        crowd(5);
        cluster.framework("big", "big");
        assertThat(secondsUntilItFits("big", 4, 180)).isPresent();
    }

    @Test
    void withoutSettingAsideItWaitsForEver() {
        cluster = with(SetAsideRules.NONE);
        crowd(5);
        cluster.framework("big", "big");
        assertThat(secondsUntilItFits("big", 4, 600)).isEmpty();
    }

    @Test
    void aFrameworkThatHasSaidWhatItNeedsIsOfferedNoLessAndGetsIt() {
        crowd(5);
        FrameworkSpec plain = TestCluster.frameworkSpec("big", List.of("big"), Duration.ofMinutes(1), Set.of());
        OfferRules rules = new OfferRules(
                Map.of(
                        new RolePath("big"),
                        List.of(TestCluster.resources("cpus:3;mem:3072").scalars())),
                Map.of(),
                Payload.EMPTY);
        cluster.apply(new Command.Subscribe(
                Optional.of(new FrameworkId("big")), plain.with(rules), Set.of(), 1_000, cluster.now()));
        Optional<Offer> offer = secondsUntilItFits("big", 3, 180);
        assertThat(offer).isPresent();
        assertThat(setAside()).isZero();
    }

    @Test
    void anApplicationThatAsksForBigContainersGetsThem() {
        crowd(5);
        cluster.application("app", "apps").ask("app", 1, 2, "cpus:4;mem:4096");
        secondsUntilItFits("nobody", 1, 240);
        // One is more than its fair share already, so that it waits for the second as others do.
        assertThat(cluster.frameworkView("app").tasks()).hasSize(1);
    }

    @Test
    void noMoreAgentsAreSetAsideThanTheBoundAllows() {
        cluster = with(new SetAsideRules(Duration.ofSeconds(10), Duration.ofMinutes(10), 300));
        crowd(10);
        for (int i = 0; i < 8; i++) {
            cluster.application("app" + i, "apps").ask("app" + i, 1, 1, "cpus:4;mem:4096");
        }
        long most = 0;
        for (int i = 0; i < 60; i++) {
            secondsUntilItFits("nobody", 1, 1);
            most = Math.max(most, setAside());
        }
        assertThat(most).isEqualTo(3);
    }

    @Test
    void whoCanNeverBeServedHasNothingSetAside() {
        crowd(5);
        cluster.application("app", "apps").ask("app", 1, 1, "cpus:5;mem:1024");
        for (int i = 0; i < 120; i++) {
            secondsUntilItFits("nobody", 1, 1);
            assertThat(setAside()).isZero();
        }
    }

    @Test
    void whoHandsBackAWholeAgentAsWellHasNoOtherSetAside() {
        crowd(5);
        cluster.framework("done", "done");
        Optional<Offer> whole = secondsUntilItFits("done", 4, 180);
        cluster.decline(whole.orElseThrow(), 1);
        for (int i = 0; i < 180; i++) {
            secondsUntilItFits("done", 5, 1);
            assertThat(setAside()).as("after %s s", i).isZero();
        }
    }

    @Test
    void whoWantsNothingAnyMoreHasNothingKept() {
        crowd(5);
        cluster.application("app", "apps").ask("app", 1, 1, "cpus:4;mem:4096");
        for (int i = 0; i < 120 && setAside() == 0; i++) {
            secondsUntilItFits("nobody", 1, 1);
        }
        assertThat(setAside()).isOne();
        cluster.ask("app", 1, 0, "cpus:4;mem:4096");
        assertThat(setAside()).isZero();
    }

    @Test
    void othersAreToldWhyTheyGetNothingOfIt() {
        crowd(5);
        cluster.application("app", "apps").ask("app", 1, 1, "cpus:4;mem:4096");
        for (int i = 0; i < 120; i++) {
            secondsUntilItFits("nobody", 1, 1);
            List<Rejection> told = cluster.view().rejections().stream()
                    .filter(rejection -> rejection.reason() == Reason.SET_ASIDE)
                    .toList();
            if (!told.isEmpty()) {
                assertThat(told.getFirst().detail())
                        .startsWith("the agent is set aside for app in role apps, which waits for [cpus:4; mem:4096]");
                return;
            }
        }
        throw new AssertionError("nobody was told that an agent is set aside");
    }

    @Test
    void whenOneAgentIsKeptInVainAnotherIsTried() {
        cluster = with(new SetAsideRules(Duration.ofSeconds(10), Duration.ofSeconds(30), 200));
        agents(4);
        // Services that never end hold a part of each agent.
        cluster.framework("service", "service").tick();
        for (Offer offer : cluster.offers("service")) {
            cluster.launch(
                    offer,
                    TestCluster.task(
                            "s-" + offer.agentId().value(), offer.agentId().value(), "cpus:3;mem:3072"));
        }
        cluster.apply(new Command.Suppress(new FrameworkId("service"), List.of(), cluster.now()));
        smallOnes(2);
        cluster.application("app", "apps").ask("app", 1, 1, "cpus:4;mem:4096");
        Set<String> tried = new TreeSet<>();
        for (int i = 0; i < 300; i++) {
            secondsUntilItFits("nobody", 1, 1);
            cluster.view().agents().stream()
                    .filter(agent -> agent.setAside().isPresent())
                    .forEach(agent -> tried.add(agent.id().value()));
        }
        assertThat(tried).hasSize(4);
    }

    @Test
    void reservedResourcesOfAnAgentThatIsSetAsideStayTheirOwners() {
        cluster = with(new SetAsideRules(Duration.ofSeconds(10), Duration.ofMinutes(10), 1000));
        cluster.agent("a0", "cpus:4;mem:4096;cpus(owner):1;mem(owner):512").agent("a1", "cpus:4;mem:4096");
        smallOnes(4);
        secondsUntilItFits("nobody", 1, 60);
        cluster.application("app", "apps").ask("app", 1, 1, "cpus:4;mem:4096");
        for (int i = 0; i < 120 && setAside() == 0; i++) {
            secondsUntilItFits("nobody", 1, 1);
        }
        assertThat(setAside()).isOne();
        cluster.framework("owner", "owner").tick();
        assertThat(cluster.offers("owner"))
                .anySatisfy(offer -> assertThat(offer.resources().toString()).contains("reservations"));
    }
}
