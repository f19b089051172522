package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.FaultDomain;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.ask.Placement.Neighbours;
import io.offerplane.engine.framework.AttributeConstraint;
import io.offerplane.engine.framework.AttributeConstraint.Subject;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.QueuePolicy.Ordering;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.Diagnosis;
import io.offerplane.engine.view.Diagnosis.Candidate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Why somebody gets nothing, in one sentence. */
class DiagnosisTest {
    private final TestCluster cluster = new TestCluster();

    private void agent(String id, String hostname, String total) {
        cluster.apply(new Command.RegisterAgent(
                new AgentId(id),
                TestCluster.agentSpec(hostname),
                TestCluster.resources(total),
                List.of(),
                List.of(),
                100,
                cluster.now()));
    }

    private void cordon(String id) {
        cluster.apply(new Command.CordonAgent(new AgentId(id), Optional.empty(), cluster.now()));
    }

    private void limit(String role, Map<String, Quantity> limits) {
        quota(role, "", limits);
    }

    private void quota(String role, String guarantee, Map<String, Quantity> limits) {
        assertThat(cluster.apply(new Command.SetQuotas(
                        List.of(new Command.SetQuotas.RoleQuota(
                                new RolePath(role), new Quota(amounts(guarantee), new TreeMap<>(limits)))),
                        true,
                        cluster.now())))
                .isInstanceOf(Decision.Answer.Accepted.class);
    }

    private static ResourceQuantities amounts(String text) {
        return TestCluster.resources(text).scalars();
    }

    private static Ask ask(String size, int count, Locality locality, Placement placement, Optional<String> gang) {
        return new Ask(new AskKey(1, 0), amounts(size), count, locality, placement, gang, false);
    }

    private static Locality on(boolean elsewhere, String... hosts) {
        TreeMap<String, Integer> wanted = new TreeMap<>();
        for (String host : hosts) {
            wanted.merge(host, 1, Integer::sum);
        }
        return new Locality(wanted, new TreeMap<>(), elsewhere);
    }

    /** One that launches nothing and asks as little as its rules say. */
    private void choosy(String id, String role, OfferRules rules) {
        cluster.subscribe(
                id,
                TestCluster.frameworkSpec(
                                id, List.of(role), Duration.ofHours(1), Set.of(FrameworkCapability.PARTITION_AWARE))
                        .with(rules));
    }

    private static OfferRules atLeast(String role, String... minimums) {
        return new OfferRules(
                Map.of(
                        new RolePath(role),
                        List.of(minimums).stream().map(DiagnosisTest::amounts).toList()),
                Map.of(),
                Payload.EMPTY);
    }

    private void declineAll(String framework, double seconds) {
        cluster.offers(framework).forEach(offer -> cluster.decline(offer, seconds));
    }

    private Diagnosis diagnosis(String framework) {
        List<Diagnosis> found = cluster.view().diagnoses().of(new FrameworkId(framework));
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private String sentence(String framework) {
        return diagnosis(framework).sentence();
    }

    private String ofRole(String role) {
        return cluster.view().diagnoses().of(new RolePath(role)).orElseThrow().sentence();
    }

    @Test
    void whatIsAskedForStandsBesideTheAgentThatComesNearest() {
        agent("S1", "node-1", "cpus:8;mem:4096");
        agent("S3", "node-2", "cpus:8;mem:16384");
        cluster.application("other", "eng")
                .ask("other", 1, 1, "cpus:4;mem:4096")
                .tick();
        assertThat(cluster.grants("other")).hasSize(1);
        cluster.application("app", "eng").ask("app", 1, 3, "cpus:8;mem:16384").tick();

        assertThat(sentence("app"))
                .isEqualTo("needs 8 cpus and 16 GiB on one agent; best is 4 cpus and 12 GiB on agent S3 (node-2)");
        Diagnosis diagnosis = diagnosis("app");
        assertThat(diagnosis.reason()).hasValue(Reason.ASK_DOES_NOT_FIT);
        assertThat(diagnosis.counts()).isEqualTo(Map.of(Reason.ASK_DOES_NOT_FIT, 2));
        assertThat(diagnosis.needed()).isEqualTo(amounts("cpus:8;mem:16384"));
        assertThat(diagnosis.best()).hasValue(new Candidate(new AgentId("S3"), "node-2", amounts("cpus:4;mem:12288")));
        assertThat(diagnosis.agents()).isEqualTo(2);
        assertThat(diagnosis.lookedAt()).isEqualTo(2);
    }

    @Test
    void anAskThatNoAgentCouldEverHoldIsCalledTooLarge() {
        agent("S1", "node-1", "cpus:2;mem:4096");
        agent("S2", "node-2", "cpus:4;mem:12288");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:8;mem:16384").tick();

        assertThat(sentence("app"))
                .isEqualTo(
                        "needs 8 cpus and 16 GiB on one agent; no agent is that large: the largest is agent S2 (node-2) with 4 cpus and 12 GiB");
    }

    @Test
    void anAgentInMaintenanceMayBeLargeEnough() {
        agent("S1", "node-1", "cpus:2;mem:4096");
        agent("S2", "node-2", "cpus:8;mem:16384");
        cordon("S2");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:8;mem:16384").tick();

        assertThat(sentence("app"))
                .isEqualTo(
                        "needs 8 cpus and 16 GiB on one agent; best is 2 cpus and 4 GiB on agent S1 (node-1); 1 of 2 agents is in maintenance");
    }

    @Test
    void aLimitThatIsReachedIsNamedWithItsRole() {
        cluster.agent("a", "cpus:16;mem:65536");
        limit("eng", Map.of("cpus", Quantity.of(10)));
        cluster.application("app", "eng").ask("app", 1, 12, "cpus:1;mem:128").tick();

        assertThat(sentence("app")).isEqualTo("its role eng is at its limit of 10 cpus");
        assertThat(diagnosis("app").limitedBy()).hasValue(new RolePath("eng"));
        assertThat(ofRole("eng")).isEqualTo("is at its limit of 10 cpus; its only framework waits");
    }

    @Test
    void aLimitOfARoleAboveThatLeavesTooLittleIsNamed() {
        cluster.agent("a", "cpus:16;mem:65536");
        limit("eng", Map.of("cpus", Quantity.of(10), "mem", Quantity.of(20480)));
        cluster.application("app", "eng/ads").ask("app", 1, 3, "cpus:4;mem:128").tick();

        assertThat(sentence("app"))
                .isEqualTo(
                        "needs 4 cpus and 128 MiB, but role eng, above its own, has 2 of 10 cpus left below its limit");
        assertThat(ofRole("eng")).isEqualTo("has 2 of 10 cpus left below its limit; its only framework waits");
        assertThat(ofRole("eng/ads")).isEqualTo("its only framework waits; app, app: " + sentence("app"));
    }

    @Test
    void aFrameworkThatTakesOffersMeetsItsLimitToo() {
        cluster.agent("a", "cpus:4;mem:1024");
        limit("eng", Map.of("cpus", Quantity.of(0), "mem", Quantity.of(0)));
        cluster.framework("f", "eng").tick();

        assertThat(sentence("f")).isEqualTo("its role eng is at its limit of 0 cpus and 0 MiB");
    }

    @Test
    void whatIsHeldBackForGuaranteesSaysForWhom() {
        cluster.agent("a", "cpus:4;mem:1024").agent("b", "cpus:4;mem:1024");
        quota("prod", "cpus:8;mem:2048", Map.of());
        cluster.framework("f", "eng").tick();

        assertThat(sentence("f"))
                .isEqualTo("both agents are held back for role prod, which lacks 8 cpus and 2 GiB of its guarantee");
    }

    @Test
    void declinesThatFilterSayForHowLongAndWhatWasDeclined() {
        for (int i = 1; i <= 14; i++) {
            agent("S" + i, "node-" + i, i == 3 ? "cpus:8;mem:16384" : "cpus:4;mem:8192");
        }
        cordon("S13");
        cordon("S14");
        cluster.framework("f", "eng").tick();
        declineAll("f", 5);
        cluster.tick();

        assertThat(sentence("f"))
                .isEqualTo("12 of 14 agents are filtered by its declines for up to 5 s more; 2 are in maintenance;"
                        + " the largest that it declined was 8 cpus and 16 GiB on agent S3 (node-3)");
        assertThat(diagnosis("f").refusedUntil()).hasValue(cluster.now().plusSeconds(5));
        assertThat(diagnosis("f").inMaintenance()).isEqualTo(2);
    }

    @Test
    void whatADecliningFrameworkLaunchedLastSaysWhatItWaitsFor() {
        cluster.agent("a", "cpus:8;mem:8192").framework("f", "eng").tick();
        Offer offer = cluster.offers("f").getFirst();
        cluster.launch(offer, TestCluster.task("t", "a", "cpus:6;mem:4096"));
        cluster.pass(6).tick();
        declineAll("f", 3600);
        cluster.tick();

        assertThat(sentence("f"))
                .isEqualTo(
                        "the only agent is filtered by its declines for up to 1 h more;"
                                + " the largest that it declined was 2 cpus and 4 GiB on agent a (a); its last task took 6 cpus and 4 GiB");
    }

    @Test
    void refuseTimesAreToldInStepsSoThatTheSentenceStays() {
        cluster.agent("a", "cpus:8;mem:8192").framework("f", "eng").tick();
        declineAll("f", 60);
        cluster.tick();
        String at60 = sentence("f");
        cluster.pass(29).tick();
        assertThat(sentence("f")).isEqualTo(at60).contains("for up to 1 min more");
        cluster.pass(2).tick();
        assertThat(sentence("f")).contains("for up to 30 s more");
    }

    @Test
    void maintenanceAndLostLinksAreToldApart() {
        cluster.agent("a", "cpus:8;mem:8192").agent("b", "cpus:8;mem:8192").agent("c", "cpus:8;mem:8192");
        cluster.disconnectAgent("c");
        cordon("a");
        cordon("b");
        cluster.framework("f", "eng").tick();

        assertThat(sentence("f")).isEqualTo("2 of 3 agents are in maintenance; 1 is not connected");
    }

    @Test
    void withoutAnAgentThatIsSaid() {
        cluster.framework("f", "eng").tick();
        assertThat(sentence("f")).isEqualTo("no agent is registered");
        assertThat(diagnosis("f").reason()).isEmpty();
    }

    @Test
    void offerConstraintsThatNoAgentMeets() {
        cluster.agent("a", "cpus:8;mem:8192").agent("b", "cpus:8;mem:8192");
        var fast = new AttributeConstraint(
                Subject.ATTRIBUTE, "label", AttributeConstraint.Test.TEXT_EQUALS, new TextPattern.Exactly("fast"));
        choosy(
                "f",
                "eng",
                new OfferRules(Map.of(), Map.of(new RolePath("eng"), List.of(List.of(fast))), Payload.EMPTY));
        cluster.tick();

        assertThat(sentence("f")).isEqualTo("both agents don't meet its offer constraints");
    }

    @Test
    void agentsThatHaveRoomButWillNotDoStandBehindThoseThatAreTooSmall() {
        cluster.agent("a", "cpus:8;mem:8192").agent("b", "cpus:1;mem:1024");
        var fast =
                new AttributeConstraint(Subject.ATTRIBUTE, "label", AttributeConstraint.Test.EXISTS, TextPattern.NONE);
        cluster.application("app", "eng")
                .ask(
                        "app",
                        ask(
                                "cpus:2;mem:2048",
                                1,
                                Locality.ANYWHERE,
                                new Placement(List.of(fast), List.of(), Set.of()),
                                Optional.empty()))
                .tick();

        assertThat(sentence("app"))
                .isEqualTo(
                        "needs 2 cpus and 2 GiB on one agent; best is 1 cpu and 1 GiB on agent b (b); 1 of 2 agents doesn't meet its placement constraints");
    }

    @Test
    void neighboursThatMustBeApartLeaveNoAgent() {
        cluster.agent("a", "cpus:8;mem:8192").agent("b", "cpus:8;mem:8192");
        cluster.application("app", "eng")
                .ask(
                        "app",
                        ask(
                                "cpus:1;mem:128",
                                3,
                                Locality.ANYWHERE,
                                new Placement(
                                        List.of(),
                                        List.of(Neighbours.antiAffinity(Neighbours.Scope.HOST, "db")),
                                        Set.of("db")),
                                Optional.empty()))
                .tick();

        assertThat(sentence("app")).isEqualTo("both agents don't meet its placement constraints");
    }

    @Test
    void placesThatAnAskWaitsForAreNamed() {
        cluster.agent("a", "cpus:8;mem:8192");
        cluster.application("app", "eng")
                .ask("app", ask("cpus:1;mem:128", 2, on(true, "x", "y"), Placement.ANY, Optional.empty()))
                .application("strict", "eng")
                .ask("strict", ask("cpus:1;mem:128", 1, on(false, "z"), Placement.ANY, Optional.empty()))
                .tick();

        assertThat(sentence("app")).isEqualTo("waits for host x or host y; the only agent is elsewhere");
        assertThat(sentence("strict")).isEqualTo("takes only host z; the only agent is elsewhere");
    }

    @Test
    void aGangSaysHowMuchItNeedsAtOnce() {
        cluster.agent("a", "cpus:2;mem:8192").agent("b", "cpus:1;mem:8192").application("app", "eng");
        cluster.ask("app", ask("cpus:1;mem:128", 8, Locality.ANYWHERE, Placement.ANY, Optional.of("mpi")))
                .tick();

        assertThat(sentence("app"))
                .isEqualTo(
                        "needs room for all 8 containers of gang mpi at once, 8 cpus and 1 GiB in all; both agents have room for some of them");
    }

    @Test
    void hostsThatAnApplicationAvoidsAreCounted() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng");
        cluster.apply(new Command.UpdateAsks(
                new FrameworkId("app"),
                List.of(Ask.anywhere(new AskKey(1, 0), amounts("cpus:1;mem:128"), 1)),
                List.of("a"),
                List.of(),
                cluster.now()));
        cluster.tick();

        assertThat(sentence("app")).isEqualTo("the only agent is on a host that it avoids");
    }

    @Test
    void agentsWithGpusAreNotForThoseWhoCannotUseThem() {
        cluster.agent("a", "cpus:8;mem:8192;gpus:2").agent("b", "cpus:8;mem:8192;gpus:2");
        cordon("b");
        cluster.framework("f", "eng").tick();

        // Both reasons have one agent: the first that a cycle asks for.
        assertThat(sentence("f")).isEqualTo("1 of 2 agents is in maintenance; 1 has gpus, and it lacks GPU_RESOURCES");
    }

    @Test
    void anotherRegionIsNotForThoseWhoDoNotKnowOfRegions() {
        TestCluster home = new TestCluster(new EngineConfig(
                "t1",
                Duration.ofSeconds(1),
                Optional.empty(),
                Duration.ofMinutes(10),
                List.of(),
                Optional.of("west"),
                true,
                100,
                50,
                1));
        AgentSpec plain = TestCluster.agentSpec("a");
        home.apply(new Command.RegisterAgent(
                new AgentId("a"),
                new AgentSpec(
                        plain.hostname(),
                        plain.ip(),
                        plain.port(),
                        plain.node(),
                        plain.pool(),
                        List.of(),
                        Optional.of(new FaultDomain("east", "east-1")),
                        plain.version()),
                TestCluster.resources("cpus:8;mem:8192"),
                List.of(),
                List.of(),
                100,
                home.now()));
        home.framework("f", "eng").tick();

        assertThat(home.view().diagnoses().of(new FrameworkId("f")))
                .extracting(Diagnosis::sentence)
                .containsExactly("the only agent is in another region, and it lacks REGION_AWARE");
    }

    @Test
    void offersBelowAFrameworksOwnLeastAreMeasuredByIt() {
        agent("S1", "node-1", "cpus:2;mem:4096");
        agent("S2", "node-2", "cpus:8;mem:8192");
        cluster.framework("f", "eng").tick();
        cluster.launch(
                cluster.offers("f").stream()
                        .filter(offer -> offer.agentId().value().equals("S2"))
                        .findFirst()
                        .orElseThrow(),
                TestCluster.task("t", "S2", "cpus:5;mem:4096"));
        declineAll("f", 0);
        cluster.apply(new Command.Suppress(new FrameworkId("f"), List.of(), cluster.now()));
        choosy("big", "eng", atLeast("eng", "cpus:4;mem:8192", "cpus:6"));
        cluster.cycle();

        assertThat(sentence("big"))
                .isEqualTo(
                        "needs at least 4 cpus and 8 GiB or 6 cpus in an offer; best is 3 cpus and 4 GiB on agent S2 (node-2)");
        assertThat(diagnosis("big").needed()).isEqualTo(amounts("cpus:4;mem:8192"));
    }

    @Test
    void aLeastThatNoAgentHasIsCalledTooLarge() {
        agent("S1", "node-1", "cpus:2;mem:4096");
        choosy("big", "eng", atLeast("eng", "cpus:64"));
        cluster.tick();

        assertThat(sentence("big"))
                .isEqualTo(
                        "needs at least 64 cpus in an offer; no agent is that large: the largest is agent S1 (node-1) with 2 cpus");
    }

    @Test
    void fullAgentsHaveTooLittleLeft() {
        cluster.agent("a", "cpus:8;mem:8192").framework("f", "eng").tick();
        cluster.launch(cluster.offers("f").getFirst(), TestCluster.task("t", "a", "cpus:8;mem:8192"));
        cluster.framework("g", "eng").tick();

        assertThat(sentence("g")).isEqualTo("the only agent has too little left to offer");
    }

    @Test
    void whatIsReservedForOthersIsSaid() {
        cluster.agent("a", "cpus(!prod):8;mem(!prod):8192")
                .framework("f", "eng")
                .tick();

        assertThat(sentence("f")).isEqualTo("the only agent has too little left that is free or reserved for its role");
    }

    @Test
    void whatOthersHoldInOffersIsLostToThem() {
        cluster.agent("a", "cpus:8;mem:8192").framework("f", "eng").tick();
        cluster.framework("g", "eng").tick();

        assertThat(sentence("g")).isEqualTo("the only agent is offered to others with lower shares");
    }

    @Test
    void whoHandedBackAllIsToldThatOthersComeFirst() {
        cluster.agent("a", "cpus:8;mem:8192").framework("f", "eng");
        for (int i = 0; i < 6; i++) {
            cluster.cycle();
            declineAll("f", 0);
        }
        cluster.framework("g", "eng").cycle();

        assertThat(sentence("f"))
                .isEqualTo(
                        "the only agent is offered to others with lower shares; others come first for a while, as it handed back all that it was offered");
    }

    @Test
    void anAgentThatIsSetAsideIsNamedToThatOneAndCountedForOthers() {
        cluster.agent("a", "cpus:4;mem:4096").agent("b", "cpus:4;mem:4096").framework("small", "s");
        cluster.application("big", "eng").ask("big", 1, 1, "cpus:4;mem:4096");
        cluster.apply(
                new Command.UpdateAsks(new FrameworkId("big"), List.of(), List.of("a", "b"), List.of(), cluster.now()));
        cluster.tick();
        cluster.offers("small").forEach(offer -> cluster.launch(offer, oneCpu(offer)));
        // From here on it would take either, and others have some of both.
        cluster.apply(
                new Command.UpdateAsks(new FrameworkId("big"), List.of(), List.of(), List.of("a", "b"), cluster.now()));
        cluster.pass(6).tick();
        cluster.offers("small").forEach(offer -> cluster.launch(offer, oneCpu(offer)));
        cluster.pass(61).tick();
        String kept = cluster.view().agents().stream()
                .filter(agent -> agent.setAside().isPresent())
                .map(agent -> agent.id().value())
                .findFirst()
                .orElseThrow();
        cluster.offers("small").forEach(offer -> cluster.decline(offer, 3600));
        cluster.cycle();

        assertThat(sentence("big"))
                .isEqualTo("needs 4 cpus and 4 GiB on one agent; best is 2 cpus and 2 GiB on agent a (a); agent " + kept
                        + " (" + kept + ") is set aside for it until 4 cpus and 4 GiB are free there");
        assertThat(diagnosis("small").counts()).containsEntry(Reason.SET_ASIDE, 1);
        assertThat(sentence("small")).contains("set aside for others whose tasks need more of one agent");
    }

    private void policy(QueuePolicy policy) {
        cluster.apply(new Command.SetQueuePolicy(new RolePath("eng"), Optional.of(policy), cluster.now()));
    }

    @Test
    void whatLimitsWithinARoleLeaveIsSaid() {
        cluster.agent("a", "cpus:8;mem:8192");
        policy(new QueuePolicy(
                Ordering.FAIR, 100, Optional.of(50), Optional.empty(), Optional.empty(), Optional.empty()));
        cluster.application("app", "eng").ask("app", 1, 8, "cpus:1;mem:512").tick();
        assertThat(sentence("app")).isEqualTo("its user root holds as much of role eng as it lets one user have");
        assertThat(diagnosis("app").limitedBy()).hasValue(new RolePath("eng"));
        assertThat(ofRole("eng")).isEqualTo("its only framework waits; app, app: " + sentence("app"));
    }

    @Test
    void whatMastersOfApplicationsMayHaveIsSaid() {
        cluster.agent("a", "cpus:8;mem:8192");
        policy(new QueuePolicy(
                Ordering.FAIR, 100, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(25)));
        Ask master = new Ask(
                new AskKey(0, 0),
                amounts("cpus:1;mem:512"),
                3,
                Locality.ANYWHERE,
                Placement.ANY,
                Optional.empty(),
                true);
        cluster.application("app", "eng").ask("app", master).tick();

        assertThat(cluster.grants("app")).hasSize(2);
        assertThat(sentence("app"))
                .isEqualTo(
                        "needs 1 cpu and 512 MiB for its master, but masters of applications hold as much of role eng as it lets them have");
    }

    @Test
    void anApplicationThatMayNotBeginYetWaitsForItsTurn() {
        cluster.agent("a", "cpus:8;mem:8192");
        policy(new QueuePolicy(
                Ordering.FAIR, 100, Optional.empty(), Optional.empty(), Optional.of(1), Optional.empty()));
        cluster.application("one", "eng").ask("one", 1, 1, "cpus:1;mem:512");
        cluster.application("two", "eng").ask("two", 1, 1, "cpus:1;mem:512").tick();

        assertThat(sentence("two")).isEqualTo("waits for its turn: role eng lets 1 application run at once");
        assertThat(diagnosis("two").limitedBy()).hasValue(new RolePath("eng"));
        assertThat(ofRole("eng")).isEqualTo("its only framework waits; two, two: " + sentence("two"));
    }

    private static TaskSpec oneCpu(Offer offer) {
        return TestCluster.task("t-" + offer.id(), offer.agentId().value(), "cpus:1;mem:1024");
    }

    @Test
    void whoeverHasOffersOrWantsNoneDoesNotWait() {
        cluster.agent("a", "cpus:8;mem:8192").framework("f", "eng").framework("g", "eng");
        cluster.apply(new Command.Suppress(new FrameworkId("g"), List.of(), cluster.now()));
        cluster.application("app", "eng").tick();

        assertThat(cluster.offers("f")).hasSize(1);
        assertThat(cluster.view().diagnoses().frameworks()).isEmpty();
        assertThat(cluster.view().diagnoses().roles()).isEmpty();
    }

    @Test
    void whoIsToGetSomethingInTheNextCycleDoesNotWait() {
        cluster.framework("f", "eng").tick();
        cluster.agent("a", "cpus:8;mem:8192");

        assertThat(cluster.view().diagnoses().frameworks()).isEmpty();
    }

    @Test
    void aRoleSaysHowManyWaitAndWhatMostOfThemWaitFor() {
        agent("S1", "node-1", "cpus:4;mem:4096");
        cluster.framework("holder", "eng").tick();
        cluster.application("small", "eng/a").ask("small", 1, 1, "cpus:1;mem:128");
        cluster.application("big", "eng/b").ask("big", 1, 1, "cpus:9;mem:128").tick();

        assertThat(cluster.offers("holder")).hasSize(1);
        assertThat(ofRole("eng"))
                .isEqualTo("2 of 3 frameworks wait; small, small: needs 1 cpu and 128 MiB on one agent;"
                        + " best is 0 cpus and 0 MiB on agent S1 (node-1)");
        Diagnosis.OfRole eng =
                cluster.view().diagnoses().of(new RolePath("eng")).orElseThrow();
        assertThat(eng.waiting()).isEqualTo(2);
        assertThat(eng.frameworks()).isEqualTo(3);
        assertThat(eng.counts()).isEqualTo(Map.of(Reason.ASK_DOES_NOT_FIT, 2));
        assertThat(ofRole("eng/b"))
                .isEqualTo("its only framework waits; big, big: needs 9 cpus and 128 MiB on one agent;"
                        + " no agent is that large: the largest is agent S1 (node-1) with 4 cpus and 4 GiB");
    }

    @Test
    void ofManyAgentsThoseWithMostLeftAreLookedAtAndThatIsSaid() {
        for (int i = 0; i < 1100; i++) {
            cluster.agent("S" + i, i == 1099 ? "cpus:3;mem:3072" : "cpus:1;mem:1024");
        }
        cordon("S0");
        cluster.application("app", "eng").ask("app", 1, 1, "cpus:4;mem:1024").tick();
        cluster.framework("f", "eng").tick();
        declineAll("f", 5);
        cluster.tick();

        assertThat(sentence("app"))
                .isEqualTo(
                        "needs 4 cpus and 1 GiB on one agent; best is 3 cpus and 3 GiB on agent S1099 (S1099); 1 of 1100 agents is in maintenance");
        assertThat(sentence("f"))
                .startsWith("all 1024 agents with most left are filtered by its declines for up to 5 s more;"
                        + " 1 of 1100 agents is in maintenance; the largest");
        assertThat(diagnosis("f").lookedAt()).isEqualTo(1025);
        assertThat(diagnosis("f").agents()).isEqualTo(1100);
    }

    @Test
    void theSameStateIsToldInTheSameWordsByACopy() {
        agent("S1", "node-1", "cpus:4;mem:4096");
        agent("S2", "node-2", "cpus:4;mem:4096");
        cluster.framework("f", "eng", "ops").tick();
        declineAll("f", 30);
        cluster.application("app", "eng").ask("app", 1, 3, "cpus:3;mem:3072").tick();
        cluster.update("S1", "app", "none", TaskState.RUNNING);

        OfferEngine copy = OfferEngine.restore(TestCluster.CONFIG, cluster.snapshot());

        assertThat(cluster.view().diagnoses().frameworks()).isNotEmpty();
        assertThat(copy.view(cluster.now()).diagnoses())
                .isEqualTo(cluster.view().diagnoses());
    }
}
