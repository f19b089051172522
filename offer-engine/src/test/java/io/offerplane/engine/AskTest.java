package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.ask.Placement.Neighbours;
import io.offerplane.engine.ask.Placement.Neighbours.Scope;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Rejection;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.Standing;
import io.offerplane.engine.task.TaskState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Frameworks that ask for containers instead of waiting for offers; YARN's applications. */
class AskTest {
    private final TestCluster cluster = new TestCluster();

    private static ResourceQuantities one() {
        return TestCluster.resources("cpus:1;mem:128").scalars();
    }

    private static Ask ask(int count, Locality locality, Placement placement) {
        return new Ask(new AskKey(1, 0), one(), count, locality, placement, Optional.empty(), false);
    }

    private static Locality on(boolean elsewhere, String... hosts) {
        TreeMap<String, Integer> wanted = new TreeMap<>();
        for (String host : hosts) {
            wanted.merge(host, 1, Integer::sum);
        }
        return new Locality(wanted, new TreeMap<>(), elsewhere);
    }

    private static Ask tagged(int count, String tag, Neighbours... neighbours) {
        return ask(count, Locality.ANYWHERE, new Placement(List.of(), List.of(neighbours), Set.of(tag)));
    }

    private static List<String> agents(List<Grant> grants) {
        return grants.stream().map(grant -> grant.agentId().value()).toList();
    }

    private void started(Grant grant, String application) {
        cluster.update(grant.agentId().value(), application, grant.container().value(), TaskState.RUNNING);
    }

    private void quota(String role, String guarantee, Map<String, Quantity> limits) {
        assertThat(cluster.apply(new Command.SetQuotas(
                        List.of(new Command.SetQuotas.RoleQuota(
                                new RolePath(role),
                                new Quota(TestCluster.resources(guarantee).scalars(), new TreeMap<>(limits)))),
                        true,
                        cluster.now())))
                .isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void grantsWhatHasRoomAndKeepsTheRestWaiting() {
        cluster.agent("a", "cpus:2;mem:1024").agent("b", "cpus:1;mem:1024");
        cluster.application("app", "eng").ask("app", 1, 5, "cpus:1;mem:128").tick();

        assertThat(agents(cluster.grants("app"))).containsExactlyInAnyOrder("a", "a", "b");
        assertThat(cluster.frameworkView("app").application().orElseThrow().pending())
                .extracting(Ask::count)
                .containsExactly(2);
        assertThat(cluster.agentView("a").allocated()).isEqualTo(TestCluster.resources("cpus:2;mem:256"));
    }

    @Test
    void servesWhatWaitsAsSoonAsThereIsRoom() {
        cluster.agent("a", "cpus:1;mem:1024").application("app", "eng").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.tick();
        Grant first = cluster.grants("app").getFirst();
        started(first, "app");
        cluster.update("a", "app", first.container().value(), TaskState.FINISHED);

        assertThat(cluster.nextDue()).hasValue(cluster.now());
        cluster.tick();
        assertThat(cluster.grants("app")).hasSize(1);
    }

    @Test
    void aCountIsWhatIsStillWantedNotWhatIsAdded() {
        cluster.application("app", "eng").ask("app", 1, 5, "cpus:1;mem:128").ask("app", 1, 2, "cpus:1;mem:128");
        cluster.agent("a", "cpus:8;mem:8192").tick();
        assertThat(cluster.grants("app")).hasSize(2);
    }

    @Test
    void aCountOfNothingTakesAnAskBack() {
        cluster.application("app", "eng").ask("app", 1, 5, "cpus:1;mem:128").ask("app", 1, 0, "cpus:1;mem:128");
        cluster.agent("a", "cpus:8;mem:8192").tick();
        assertThat(cluster.grants("app")).isEmpty();
    }

    @Test
    void lowerPriorityNumbersComeFirst() {
        cluster.application("app", "eng")
                .ask("app", 5, 2, "cpus:1;mem:128")
                .ask("app", 1, 1, "cpus:1;mem:128")
                .agent("a", "cpus:2;mem:8192")
                .tick();
        assertThat(cluster.grants("app"))
                .extracting(grant -> grant.key().priority())
                .containsExactly(1, 5);
    }

    @Test
    void twoSizesUnderOnePriorityAreBothServed() {
        cluster.agent("a", "cpus:8;mem:8192")
                .application("app", "eng")
                .ask(
                        "app",
                        Ask.anywhere(new AskKey(1, 7), one(), 1),
                        Ask.anywhere(
                                new AskKey(1, 8),
                                TestCluster.resources("cpus:2;mem:256").scalars(),
                                1))
                .tick();
        assertThat(cluster.grants("app"))
                .extracting(grant -> grant.key().allocationId())
                .containsExactly(7L, 8L);
    }

    @Test
    void anAskForOneHostOnlyIsServedThereOnly() {
        cluster.agent("a", "cpus:8;mem:8192").agent("b", "cpus:8;mem:8192");
        cluster.application("app", "eng")
                .ask("app", ask(1, on(false, "c"), Placement.ANY))
                .tick();
        cluster.pass(3600).tick();
        assertThat(cluster.grants("app")).isEmpty();
        cluster.agent("c", "cpus:8;mem:8192").tick();
        assertThat(agents(cluster.grants("app"))).containsExactly("c");
    }

    @Test
    void anAskThatLikesAHostTakesAnotherAfterTheDelay() {
        cluster.agent("a", "cpus:8;mem:8192");
        cluster.application("app", "eng")
                .ask("app", ask(1, on(true, "c"), Placement.ANY))
                .tick();
        assertThat(cluster.grants("app")).isEmpty();
        assertThat(cluster.view().rejections())
                .extracting(Rejection::reason)
                .containsExactly(Rejection.Reason.WAITS_FOR_LOCALITY);

        cluster.pass(1).tick();
        assertThat(cluster.grants("app")).extracting(Grant::level).containsExactly(Locality.Level.ELSEWHERE);
    }

    @Test
    void hostsComeBeforeAnyOtherPlace() {
        for (String agent : List.of("a", "b", "c", "d")) {
            cluster.agent(agent, "cpus:8;mem:8192");
        }
        cluster.application("app", "eng")
                .ask("app", ask(3, on(true, "b", "d"), Placement.ANY))
                .tick();
        assertThat(agents(cluster.grants("app"))).contains("b", "d").hasSize(3);
    }

    @Test
    void nothingIsGrantedOnAvoidedHosts() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng");
        cluster.apply(new Command.UpdateAsks(
                new FrameworkId("app"),
                List.of(Ask.anywhere(new AskKey(1, 0), one(), 1)),
                List.of("a"),
                List.of(),
                cluster.now()));
        cluster.tick();
        assertThat(cluster.grants("app")).isEmpty();

        cluster.apply(
                new Command.UpdateAsks(new FrameworkId("app"), List.of(), List.of(), List.of("a"), cluster.now()));
        cluster.tick();
        assertThat(cluster.grants("app")).hasSize(1);
    }

    @Test
    void attributesAreWhatTheAskDemands() {
        AgentSpec plain = TestCluster.agentSpec("gpu");
        cluster.agent("a", "cpus:8;mem:8192").agent("gpu", "cpus:8;mem:8192");
        cluster.apply(new Command.UpdateAgent(
                new AgentId("gpu"),
                new AgentSpec(
                        plain.hostname(),
                        plain.ip(),
                        plain.port(),
                        plain.node(),
                        plain.pool(),
                        List.of(Attribute.text("label", "fast")),
                        plain.faultDomain(),
                        plain.version()),
                TestCluster.resources("cpus:8;mem:8192"),
                cluster.now()));
        var fast = new io.offerplane.engine.framework.AttributeConstraint(
                io.offerplane.engine.framework.AttributeConstraint.Subject.ATTRIBUTE,
                "label",
                io.offerplane.engine.framework.AttributeConstraint.Test.TEXT_EQUALS,
                new io.offerplane.engine.framework.AttributeConstraint.TextPattern.Exactly("fast"));
        cluster.application("app", "eng")
                .ask("app", ask(3, Locality.ANYWHERE, new Placement(List.of(fast), List.of(), Set.of())))
                .tick();
        assertThat(agents(cluster.grants("app"))).containsExactly("gpu", "gpu", "gpu");
    }

    @Test
    void containersThatMustBeApartAreOnAgentsOfTheirOwn() {
        for (String agent : List.of("a", "b", "c")) {
            cluster.agent(agent, "cpus:8;mem:8192");
        }
        cluster.application("app", "eng")
                .ask("app", tagged(5, "db", Neighbours.antiAffinity(Scope.HOST, "db")))
                .tick();
        List<Grant> grants = cluster.grants("app");
        assertThat(agents(grants)).containsExactlyInAnyOrder("a", "b", "c");

        started(grants.getFirst(), "app");
        cluster.update(
                grants.getFirst().agentId().value(),
                "app",
                grants.getFirst().container().value(),
                TaskState.FAILED);
        cluster.tick();
        assertThat(agents(cluster.grants("app")))
                .containsExactly(grants.getFirst().agentId().value());
    }

    @Test
    void noMoreThanSoManyAreOnOneAgent() {
        for (String agent : List.of("a", "b")) {
            cluster.agent(agent, "cpus:8;mem:8192");
        }
        cluster.application("app", "eng")
                .ask("app", tagged(9, "db", new Neighbours(Scope.HOST, "db", 0, 2)))
                .tick();
        assertThat(agents(cluster.grants("app")).stream()
                        .collect(Collectors.groupingBy(agent -> agent, Collectors.counting())))
                .isEqualTo(Map.of("a", 3L, "b", 3L));
    }

    @Test
    void containersThatMustBeTogetherGoWhereTheOthersAre() {
        for (String agent : List.of("a", "b", "c")) {
            cluster.agent(agent, "cpus:8;mem:8192");
        }
        cluster.application("app", "eng").ask("app", tagged(1, "web")).tick();
        String web = agents(cluster.grants("app")).getFirst();
        cluster.ask("app", tagged(4, "cache", Neighbours.affinity(Scope.HOST, "web")))
                .tick();
        assertThat(agents(cluster.grants("app"))).containsExactly(web, web, web, web);
    }

    @Test
    void aGangIsServedAllAtOnceOrNotAtAll() {
        cluster.agent("a", "cpus:2;mem:8192").agent("b", "cpus:1;mem:8192").application("app", "eng");
        Ask workers = new Ask(new AskKey(1, 0), one(), 3, Locality.ANYWHERE, Placement.ANY, Optional.of("gang"), false);
        Ask chief = new Ask(new AskKey(2, 0), one(), 1, Locality.ANYWHERE, Placement.ANY, Optional.of("gang"), false);
        cluster.ask("app", workers, chief).tick();
        assertThat(cluster.grants("app")).isEmpty();
        assertThat(cluster.view().rejections())
                .extracting(Rejection::reason)
                .containsOnly(Rejection.Reason.GANG_INCOMPLETE);

        cluster.agent("c", "cpus:1;mem:8192").tick();
        assertThat(cluster.grants("app")).hasSize(4);
    }

    @Test
    void whatWasNotStartedIsFreeAsSoonAsItIsReleased() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng").ask("app", 1, 1, "cpus:1;mem:128");
        cluster.tick();
        Grant grant = cluster.grants("app").getFirst();
        cluster.apply(new Command.ReleaseContainers(new FrameworkId("app"), List.of(grant.container()), cluster.now()));
        assertThat(cluster.agentView("a").allocated().isEmpty()).isTrue();
        assertThat(cluster.take(Effect.KillTask.class)).hasSize(1);
    }

    @Test
    void whatRunsIsFreeWhenItsAgentSaysSo() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng").ask("app", 1, 1, "cpus:1;mem:128");
        cluster.tick();
        Grant grant = cluster.grants("app").getFirst();
        started(grant, "app");
        cluster.apply(new Command.ReleaseContainers(new FrameworkId("app"), List.of(grant.container()), cluster.now()));
        assertThat(cluster.agentView("a").allocated()).isEqualTo(TestCluster.resources("cpus:1;mem:128"));
        cluster.update("a", "app", grant.container().value(), TaskState.KILLED);
        assertThat(cluster.agentView("a").allocated().isEmpty()).isTrue();
    }

    @Test
    void theMasterStandsApartFromItsContainers() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng");
        cluster.ask(
                        "app",
                        new Ask(new AskKey(0, 0), one(), 1, Locality.ANYWHERE, Placement.ANY, Optional.empty(), true))
                .ask("app", 20, 1, "cpus:1;mem:128")
                .tick();
        assertThat(cluster.frameworkView("app").tasks())
                .extracting(task -> task.spec().standing())
                .containsExactly(new Standing(0, true), new Standing(20, false));
    }

    @Test
    void whoAsksAndWhoWaitsForOffersShareAlike() {
        cluster.application("app", "eng").framework("mesos", "ops");
        for (int i = 0; i < 10; i++) {
            cluster.agent("agent" + i, "cpus:4;mem:4096");
        }
        cluster.ask("app", 1, 1000, "cpus:1;mem:1024");
        for (int round = 0; round < 40; round++) {
            cluster.tick();
            for (Offer offer : cluster.offers("mesos")) {
                cluster.launch(
                        offer,
                        TestCluster.task("t" + offer.id(), offer.agentId().value(), "cpus:1;mem:1024"));
            }
            cluster.pass(5);
        }
        double held = cluster.frameworkView("app").allocated().scalars().milli("cpus") / 1000.0;
        double other = cluster.frameworkView("mesos").allocated().scalars().milli("cpus") / 1000.0;
        assertThat(held + other).isEqualTo(40);
        assertThat(Math.abs(held - other))
                .as("%s and %s of 40 cpus", held, other)
                .isLessThanOrEqualTo(4);
    }

    @Test
    void twoApplicationsShareByTheWeightsOfTheirQueues() {
        cluster.apply(new Command.SetRoleWeight(new RolePath("eng"), 2, cluster.now()));
        cluster.application("app", "eng").application("other", "ops");
        for (int i = 0; i < 10; i++) {
            cluster.agent("agent" + i, "cpus:3;mem:4096");
        }
        cluster.ask("app", 1, 1000, "cpus:1;mem:128")
                .ask("other", 1, 1000, "cpus:1;mem:128")
                .tick();
        assertThat(cluster.frameworkView("app").allocated().scalars().milli("cpus"))
                .isEqualTo(20_000);
        assertThat(cluster.frameworkView("other").allocated().scalars().milli("cpus"))
                .isEqualTo(10_000);
    }

    @Test
    void limitsHoldForContainersAsForOffers() {
        quota("eng", "", Map.of("cpus", Quantity.of(3)));
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng/ads").ask("app", 1, 9, "cpus:2;mem:128");
        cluster.tick();
        assertThat(cluster.grants("app")).hasSize(1);
        assertThat(cluster.view().rejections())
                .extracting(Rejection::reason)
                .containsExactly(Rejection.Reason.QUOTA_LIMIT);
    }

    @Test
    void aGangMayNotPassALimitTogether() {
        quota("eng", "", Map.of("cpus", Quantity.of(3)));
        cluster.agent("a", "cpus:2;mem:8192").agent("b", "cpus:2;mem:8192").application("app", "eng");
        cluster.ask(
                        "app",
                        new Ask(
                                new AskKey(1, 0),
                                one(),
                                4,
                                Locality.ANYWHERE,
                                Placement.ANY,
                                Optional.of("gang"),
                                false))
                .tick();
        assertThat(cluster.grants("app")).isEmpty();
    }

    @Test
    void whatOthersAreGuaranteedIsNotGranted() {
        quota("ops", "cpus:6", Map.of());
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng").ask("app", 1, 9, "cpus:1;mem:128");
        cluster.tick();
        assertThat(cluster.grants("app")).hasSize(2);
    }

    @Test
    void headroomIsWhatNobodyHoldsWithinTheLimits() {
        quota("eng", "", Map.of("cpus", Quantity.of(3)));
        cluster.agent("a", "cpus:8;mem:1024").application("app", "eng").ask("app", 1, 1, "cpus:1;mem:128");
        cluster.tick();
        Effect.GrantContainers granted =
                cluster.take(Effect.GrantContainers.class).getFirst();
        assertThat(granted.headroom())
                .isEqualTo(TestCluster.resources("cpus:2;mem:896").scalars());
    }

    @Test
    void whoAsksGetsNoOffers() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng").tick();
        assertThat(cluster.take(Effect.SendOffers.class)).isEmpty();
    }

    @Test
    void whoWaitsForOffersMayNotAsk() {
        cluster.framework("mesos", "eng");
        Answer answer = cluster.apply(new Command.UpdateAsks(
                new FrameworkId("mesos"),
                List.of(Ask.anywhere(new AskKey(1, 0), one(), 1)),
                List.of(),
                List.of(),
                cluster.now()));
        assertThat(answer).isInstanceOfSatisfying(Answer.Refused.class, refused -> assertThat(refused.message())
                .isEqualTo("asks: mesos waits for offers (expected: a framework that asks)"));
    }

    @Test
    void aRestartedApplicationHasAskedForNothingYet() {
        cluster.application("app", "eng").ask("app", 1, 5, "cpus:1;mem:128").application("app", "eng");
        cluster.agent("a", "cpus:8;mem:8192").tick();
        assertThat(cluster.grants("app")).isEmpty();
    }

    @Test
    void containersOfALostAgentAreToldOf() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng").ask("app", 1, 1, "cpus:1;mem:128");
        cluster.tick();
        cluster.apply(new Command.MarkAgentUnreachable(new AgentId("a"), cluster.now()));
        assertThat(cluster.updates()).extracting(update -> update.state()).containsExactly(TaskState.UNREACHABLE);
    }

    @Test
    void aContainerThatWasStartedAfterItWasGivenUpIsEnded() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng").ask("app", 1, 1, "cpus:1;mem:128");
        String container = cluster.tick().grants("app").getFirst().container().value();
        cluster.apply(new Command.MarkAgentUnreachable(new AgentId("a"), cluster.now()));
        cluster.agent("a", "cpus:8;mem:8192");
        cluster.take(Effect.class);
        cluster.update("a", "app", container, TaskState.RUNNING);
        assertThat(cluster.take(Effect.KillTask.class))
                .extracting(kill -> kill.taskId().value())
                .containsExactly(container);
    }

    @Test
    void containersOfAMachineThatGoesDownAreEndedOneByOne() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng").ask("app", 1, 2, "cpus:1;mem:128");
        List<String> containers = cluster.tick().grants("app").stream()
                .map(grant -> grant.container().value())
                .toList();
        MachineId machine = new MachineId(Optional.of("a"), Optional.of("10.0.0.1"));
        cluster.apply(new Command.UpdateMaintenanceSchedule(
                List.of(new Window(List.of(machine), new Unavailability(cluster.now(), Optional.empty()))),
                cluster.now()));
        cluster.take(Effect.class);
        cluster.apply(new Command.StartMaintenance(List.of(machine), cluster.now()));
        List<Effect> effects = cluster.take(Effect.class);
        // A shutdown of all that the application has there might arrive after its next container has started.
        assertThat(effects).noneMatch(Effect.ShutdownFramework.class::isInstance);
        assertThat(effects.stream()
                        .filter(Effect.KillTask.class::isInstance)
                        .map(kill -> ((Effect.KillTask) kill).taskId().value()))
                .containsExactlyElementsOf(containers);
    }
}
