package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Rejection;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.QueuePolicy.Ordering;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How frameworks of one role share what it has. */
class QueuePolicyTest {
    private static final RolePath QUEUE = new RolePath("eng");

    private final TestCluster cluster = new TestCluster();
    private long connection = 1_000;

    private void policy(QueuePolicy policy) {
        cluster.apply(new Command.SetQueuePolicy(QUEUE, Optional.of(policy), cluster.now()));
    }

    private static QueuePolicy ordered(Ordering ordering) {
        return new QueuePolicy(ordering, 100, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static QueuePolicy users(int minimumPercent, Optional<Integer> mostPercent) {
        return new QueuePolicy(
                Ordering.FAIR, minimumPercent, mostPercent, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static QueuePolicy applications(Optional<Integer> most, Optional<Integer> running) {
        return new QueuePolicy(Ordering.FAIR, 100, Optional.empty(), most, running, Optional.empty());
    }

    private static QueuePolicy masters(int percent) {
        return new QueuePolicy(
                Ordering.FAIR, 100, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(percent));
    }

    private static FrameworkSpec spec(String name, String user, int priority) {
        FrameworkSpec plain = TestCluster.frameworkSpec(name, List.of("eng"), Duration.ofHours(1), Set.of())
                .with(new ApplicationSpec(priority));
        return new FrameworkSpec(
                plain.name(),
                user,
                plain.roles(),
                plain.failoverTimeout(),
                plain.checkpoint(),
                plain.principal(),
                plain.capabilities(),
                plain.info(),
                plain.offerRules(),
                plain.application());
    }

    private Answer submit(String name, String user, int priority) {
        return cluster.apply(new Command.Subscribe(
                Optional.of(new FrameworkId(name)), spec(name, user, priority), Set.of(), connection++, cluster.now()));
    }

    private int running(String application) {
        return cluster.frameworkView(application).tasks().size();
    }

    private void finish(String application, int count) {
        cluster.frameworkView(application).tasks().stream().limit(count).forEach(task -> {
            String id = task.spec().taskId().value();
            var uuid = cluster.update(task.agentId().value(), application, id, TaskState.FINISHED);
            cluster.acknowledge(task.agentId().value(), application, id, uuid);
        });
    }

    // --- order

    @Test
    void inFairOrderBothGetTheSame() {
        cluster.agent("a", "cpus:4;mem:4096");
        submit("first", "ann", 0);
        cluster.pass(1);
        submit("second", "ann", 0);
        cluster.ask("first", 1, 4, "cpus:1;mem:512")
                .ask("second", 1, 4, "cpus:1;mem:512")
                .tick();
        assertThat(running("first")).isEqualTo(2);
        assertThat(running("second")).isEqualTo(2);
    }

    @Test
    void inFifoOrderWhoCameFirstIsServedFirst() {
        policy(ordered(Ordering.FIFO));
        cluster.agent("a", "cpus:4;mem:4096");
        submit("z-first", "ann", 0);
        cluster.pass(1);
        submit("a-second", "ann", 0);
        cluster.ask("a-second", 1, 4, "cpus:1;mem:512")
                .ask("z-first", 1, 3, "cpus:1;mem:512")
                .tick();
        assertThat(running("z-first")).isEqualTo(3);
        assertThat(running("a-second")).isEqualTo(1);
    }

    @Test
    void inFifoOrderHigherPriorityComesBeforeAge() {
        policy(ordered(Ordering.FIFO));
        cluster.agent("a", "cpus:4;mem:4096");
        submit("old", "ann", 0);
        cluster.pass(1);
        submit("urgent", "ann", 5);
        cluster.ask("old", 1, 4, "cpus:1;mem:512")
                .ask("urgent", 1, 3, "cpus:1;mem:512")
                .tick();
        assertThat(running("urgent")).isEqualTo(3);
        assertThat(running("old")).isEqualTo(1);
    }

    @Test
    void inOrderOfPriorityEqualsShareFairly() {
        policy(ordered(Ordering.PRIORITY));
        cluster.agent("a", "cpus:6;mem:6144");
        submit("low", "ann", 1);
        submit("left", "ann", 2);
        submit("right", "ann", 2);
        for (String application : List.of("low", "left", "right")) {
            cluster.ask(application, 1, 3, "cpus:1;mem:512");
        }
        cluster.tick();
        assertThat(running("left")).isEqualTo(3);
        assertThat(running("right")).isEqualTo(3);
        assertThat(running("low")).isZero();
        finish("left", 1);
        cluster.ask("left", 1, 1, "cpus:1;mem:512").ask("right", 1, 1, "cpus:1;mem:512");
        cluster.cycle();
        assertThat(running("left")).isEqualTo(3);
    }

    @Test
    void aPriorityCanBeRaisedLater() {
        policy(ordered(Ordering.FIFO));
        submit("old", "ann", 0);
        cluster.pass(1);
        submit("young", "ann", 0);
        cluster.ask("old", 1, 4, "cpus:1;mem:512").ask("young", 1, 3, "cpus:1;mem:512");
        cluster.apply(new Command.UpdateFramework(
                new FrameworkId("young"), spec("young", "ann", 9), Set.of(), cluster.now()));
        cluster.agent("a", "cpus:4;mem:4096").tick();
        assertThat(running("young")).isEqualTo(3);
    }

    @Test
    void frameworksThatWaitForOffersAreInTheSameOrder() {
        policy(ordered(Ordering.FIFO));
        cluster.framework("z-first", "eng").pass(1).framework("a-second", "eng");
        cluster.agent("a", "cpus:1;mem:1024").agent("b", "cpus:1;mem:1024").tick();
        assertThat(cluster.offers("z-first")).hasSize(2);
    }

    // --- users

    @Test
    void eachUserIsSureOfItsPartWhileOthersWant() {
        policy(users(50, Optional.empty()));
        cluster.agent("a", "cpus:8;mem:8192");
        submit("ann-1", "ann", 0);
        submit("ann-2", "ann", 0);
        submit("ann-3", "ann", 0);
        submit("bob-1", "bob", 0);
        for (String application : List.of("ann-1", "ann-2", "ann-3", "bob-1")) {
            cluster.ask(application, 1, 8, "cpus:1;mem:512");
        }
        cluster.tick();
        assertThat(running("ann-1") + running("ann-2") + running("ann-3")).isEqualTo(4);
        assertThat(running("bob-1")).isEqualTo(4);
    }

    @Test
    void whoIsAloneMayHaveAll() {
        policy(users(25, Optional.empty()));
        cluster.agent("a", "cpus:8;mem:8192");
        submit("ann-1", "ann", 0);
        cluster.ask("ann-1", 1, 8, "cpus:1;mem:512").tick();
        assertThat(running("ann-1")).isEqualTo(8);
    }

    @Test
    void noUserEverPassesTheMostThatOneMayHave() {
        cluster.apply(new Command.SetQuotas(
                List.of(new Command.SetQuotas.RoleQuota(
                        QUEUE,
                        new Quota(
                                ResourceQuantities.of(Map.of("cpus", Quantity.of(4), "mem", Quantity.of(4096))),
                                new TreeMap<>()))),
                true,
                cluster.now()));
        policy(users(100, Optional.of(50)));
        cluster.agent("a", "cpus:8;mem:8192");
        submit("ann-1", "ann", 0);
        cluster.ask("ann-1", 1, 8, "cpus:1;mem:512").tick();
        assertThat(running("ann-1")).isEqualTo(2);
        assertThat(cluster.view().rejections()).extracting(Rejection::reason).contains(Reason.USER_LIMIT);
    }

    @Test
    void offersAreCutToTheUsersLimit() {
        policy(users(50, Optional.empty()));
        cluster.agent("a", "cpus:8;mem:8192");
        cluster.framework("one", "eng");
        submit("bob-1", "bob", 0);
        cluster.ask("bob-1", 1, 8, "cpus:1;mem:512").tick();
        assertThat(running("bob-1")).isEqualTo(4);
        assertThat(cluster.offers("one")).hasSize(1);
        Offer offer = cluster.offers("one").getFirst();
        assertThat(offer.resources().scalars().milli("cpus")).isEqualTo(4000);
    }

    @Test
    void whatAUserGivesBackIsAnothersToHaveFromWhereverThereIsRoom() {
        policy(users(50, Optional.empty()));
        cluster.agent("a", "cpus:4;mem:4096").agent("b", "cpus:8;mem:8192");
        submit("ann-1", "ann", 0);
        submit("bob-1", "bob", 0);
        cluster.ask("ann-1", 1, 12, "cpus:1;mem:512").ask("bob-1", 1, 1, "cpus:9;mem:512");
        cluster.tick();
        // Bob's wish fits nowhere, so that he stays active and holds nothing.
        assertThat(running("ann-1")).isEqualTo(6);
        finish("ann-1", 2);
        cluster.cycle();
        assertThat(running("ann-1")).isEqualTo(6);
        cluster.ask("bob-1", 1, 0, "cpus:9;mem:512");
        finish("ann-1", 1);
        cluster.cycle();
        assertThat(running("ann-1")).isEqualTo(12 - 3);
    }

    // --- applications

    @Test
    void moreApplicationsThanMayBeAreRefusedInYarnsWords() {
        policy(applications(Optional.of(1), Optional.empty()));
        submit("one", "ann", 0);
        assertThat(submit("two", "ann", 0))
                .isInstanceOfSatisfying(Answer.Refused.class, refused -> assertThat(refused.message())
                        .isEqualTo("Queue eng already has 1 applications, cannot accept submission of application: two"
                                + " (expected: at most 1)"));
        // It comes back, which is no other application.
        assertThat(submit("one", "ann", 0)).isInstanceOf(Answer.Subscribed.class);
    }

    @Test
    void applicationsWaitUntilOneEnds() {
        policy(applications(Optional.empty(), Optional.of(1)));
        cluster.agent("a", "cpus:8;mem:8192");
        submit("one", "ann", 0);
        cluster.pass(1);
        submit("two", "ann", 0);
        cluster.ask("one", 1, 2, "cpus:1;mem:512")
                .ask("two", 1, 2, "cpus:1;mem:512")
                .tick();
        assertThat(running("one")).isEqualTo(2);
        assertThat(running("two")).isZero();
        assertThat(cluster.frameworkView("two").application().orElseThrow().admitted())
                .isFalse();
        cluster.apply(new Command.TeardownFramework(new FrameworkId("one"), cluster.now()));
        cluster.cycle();
        assertThat(running("two")).isEqualTo(2);
    }

    @Test
    void ofThoseWhoWaitTheMostUrgentBeginsFirst() {
        policy(applications(Optional.empty(), Optional.of(1)));
        submit("one", "ann", 0);
        submit("two", "ann", 0);
        submit("urgent", "ann", 7);
        cluster.apply(new Command.TeardownFramework(new FrameworkId("one"), cluster.now()));
        assertThat(cluster.frameworkView("urgent").application().orElseThrow().admitted())
                .isTrue();
        assertThat(cluster.frameworkView("two").application().orElseThrow().admitted())
                .isFalse();
    }

    @Test
    void mastersHoldNoMoreThanTheirPartButOneAlwaysRuns() {
        policy(masters(25));
        cluster.agent("a", "cpus:8;mem:8192");
        for (int i = 0; i < 4; i++) {
            submit("app" + i, "ann", 0);
            cluster.ask("app" + i, master("cpus:1;mem:512"));
        }
        cluster.tick();
        assertThat(running("app0") + running("app1") + running("app2") + running("app3"))
                .isEqualTo(2);
        assertThat(cluster.view().rejections()).extracting(Rejection::reason).contains(Reason.MASTER_LIMIT);
        finish(running("app0") > 0 ? "app0" : "app1", 1);
        cluster.cycle();
        assertThat(cluster.view().frameworks().stream()
                        .mapToInt(framework -> framework.tasks().size())
                        .sum())
                .isEqualTo(2);
    }

    @Test
    void theFirstMasterRunsHoweverLittleMastersMayHave() {
        policy(masters(1));
        cluster.agent("a", "cpus:8;mem:8192");
        submit("app", "ann", 0);
        cluster.ask("app", master("cpus:4;mem:512")).tick();
        assertThat(running("app")).isOne();
    }

    private static Ask master(String size) {
        return new Ask(
                new AskKey(0, 0),
                TestCluster.resources(size).scalars(),
                1,
                Locality.ANYWHERE,
                Placement.ANY,
                Optional.empty(),
                true);
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> users(0, Optional.empty())).hasMessage("minimum user limit: 0 (expected: 1 to 100)");
        assertThatThrownBy(() -> masters(101)).hasMessage("masters: 101 (expected: 0 to 100)");
    }
}
