package io.offerplane.yarn.gateway;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static io.offerplane.yarn.gateway.UnmanagedMaster.anywhere;
import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.yarn.gateway.link.LinkedAllocator;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.QueueInfo;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real head, the real link and the real engine; nodes and masters are the test's. */
class HeadOnEngineTest {
    private static final String HOST = "127.0.0.1";
    private static int port = 42_000;

    private volatile @Nullable EngineOnLoopback leader;
    private LinkedAllocator allocator;
    private HeadOnLoopback head;
    private YarnClient client;

    @BeforeEach
    void start() throws Exception {
        leader = new EngineOnLoopback(1);
        leader.queue("eng", 1);
        leader.queue("svc", 1);
        startHead();
    }

    private void startHead() {
        allocator = new LinkedAllocator(
                () -> leader.channel(),
                new LinkedAllocator.Settings(Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofMinutes(2)));
        head = new HeadOnLoopback(allocator);
        client = YarnClient.createYarnClient();
        client.init(new YarnConfiguration(head.configuration()));
        client.start();
    }

    private void stopHead() {
        client.stop();
        head.close();
        allocator.close();
    }

    @AfterEach
    void stop() {
        stopHead();
        leader.close();
    }

    private FakeNode node() throws Exception {
        port += 2;
        return new FakeNode(head.head(), port, 4096, 8);
    }

    private UnmanagedMaster master() throws Exception {
        UnmanagedMaster master = new UnmanagedMaster(head.configuration(), client, "root.eng");
        master.register();
        return master;
    }

    @Test
    void anApplicationGetsItsContainersFromTheEngineWhichHasThemBackWhenTheyEnd() throws Exception {
        leader.agent(HOST, 8, 4096);
        FakeNode node = node();
        assertThat(client.getQueueInfo("root.eng"))
                .extracting(QueueInfo::getQueuePath)
                .isEqualTo("root.eng");
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 512, 2)), List.of());
            List<Container> containers = master.fetch(2);
            assertThat(containers)
                    .extracting(Container::getNodeId)
                    .containsOnly(NodeId.newInstance(HOST, node.id().getPort()));
            assertThat(leader.allocatedCpus()).isEqualTo(2);
            eventually(() -> master.allocate(List.of(), List.of()), answer -> assertThat(answer.getAvailableResources())
                    .isEqualTo(Resource.newInstance(3072, 6)));
            node.running(containers.get(0).getId());
            node.running(containers.get(1).getId());
            node.beat();
            node.completed(containers.get(0).getId(), 0);
            node.beat();
            eventually(() -> leader.allocatedCpus(), held -> assertThat(held).isEqualTo(1));
            master.allocate(List.of(), List.of(containers.get(1).getId()));
            node.completed(containers.get(1).getId(), -100);
            node.beat();
            eventually(() -> leader.allocatedCpus(), held -> assertThat(held).isZero());
        }
        eventually(() -> leader.view().frameworks(), left -> assertThat(left).isEmpty());
    }

    @Test
    void aQueueThatIsMadeWhileTheHeadRunsTakesApplications() throws Exception {
        leader.agent(HOST, 8, 4096);
        node();
        assertThat(client.getQueueInfo("root.later")).isNull();
        leader.queue("later/nightly", 2);
        QueueInfo made = eventually(() -> client.getQueueInfo("root.later.nightly"), queue -> assertThat(queue)
                .isNotNull());
        assertThat(made.getWeight()).isEqualTo(2);
        assertThat(client.getChildQueueInfos("root"))
                .extracting(QueueInfo::getQueuePath)
                .contains("root.eng", "root.later");
        try (UnmanagedMaster master = new UnmanagedMaster(head.configuration(), client, "root.later.nightly")) {
            master.register();
            master.allocate(List.of(anywhere(1, 512, 1)), List.of());
            assertThat(master.fetch(1)).hasSize(1);
        }
    }

    @Test
    void aMesosFrameworkAndAnApplicationInQueuesOfEqualWeightShareAlike() throws Exception {
        for (int i = 1; i <= 8; i++) {
            port += 2;
            new FakeNode(head.head(), "127.0.0." + i, port, 512, 1);
        }
        TaskPerOffer mesos = new TaskPerOffer(leader);
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 512, 100)), List.of());
            mesos.subscribe();
            eventually(() -> leader.view().frameworks(), both -> assertThat(both)
                    .allSatisfy(framework -> assertThat(framework
                                    .application()
                                    .map(asking -> asking.pending().isEmpty())
                                    .orElse(false))
                            .isFalse())
                    .hasSize(2));
            for (int i = 1; i <= 8; i++) {
                leader.agent("127.0.0." + i, 1, 512);
            }
            eventually(() -> leader.allocatedCpus(), held -> assertThat(held).isEqualTo(8));
            assertThat(master.fetch(4)).hasSize(4);
            assertThat(leader.heldCpus("mesos")).isEqualTo(4);
        }
    }

    @Test
    void aNewLeaderKnowsOfEveryContainerAndGivesNoneOfTheirRoomAway() throws Exception {
        leader.agent(HOST, 8, 4096);
        FakeNode node = node();
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 512, 3)), List.of());
            for (Container container : master.fetch(3)) {
                node.running(container.getId());
            }
            node.beat();
            leader.close();
            leader = new EngineOnLoopback(2);
            // Before the head has come back, as likely as not.
            leader.agent(HOST, 8, 4096);
            eventually(() -> leader.allocatedCpus(), held -> assertThat(held).isEqualTo(3));

            AllocateResponse answer = master.allocate(List.of(anywhere(2, 512, 100)), List.of());
            assertThat(answer.getCompletedContainersStatuses()).isEmpty();
            assertThat(master.fetch(5)).hasSize(5);
            assertThat(leader.allocatedCpus()).isEqualTo(8);
            assertThat(master.allocate(List.of(), List.of()).getCompletedContainersStatuses())
                    .isEmpty();
        }
    }

    @Test
    void aHeadThatStartsAnewLeavesNothingBehindAndServesOnceMore() throws Exception {
        leader.agent(HOST, 8, 4096);
        node();
        UnmanagedMaster forgotten = master();
        forgotten.allocate(List.of(anywhere(1, 512, 8)), List.of());
        forgotten.fetch(8);
        assertThat(leader.allocatedCpus()).isEqualTo(8);

        stopHead();
        startHead();
        node();
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 512, 8)), List.of());
            assertThat(master.fetch(8)).hasSize(8);
            assertThat(leader.allocatedCpus()).isEqualTo(8);
        }
    }

    /** A Mesos framework that starts one small task on each offer. */
    private static final class TaskPerOffer {
        private static final FrameworkId ID = new FrameworkId("mesos");

        private final EngineOnLoopback leader;
        private int tasks;

        TaskPerOffer(EngineOnLoopback leader) {
            this.leader = leader;
            leader.sendOffersTo(this::receive);
        }

        void subscribe() {
            leader.apply(new Command.Subscribe(
                    Optional.of(ID),
                    new FrameworkSpec(
                            "mesos",
                            "root",
                            List.of(new RolePath("svc")),
                            Duration.ZERO,
                            false,
                            Optional.empty(),
                            Set.of(),
                            Payload.EMPTY),
                    Set.of(),
                    1,
                    Instant.now()));
        }

        private void receive(Effect.ToFramework effect) {
            if (effect instanceof Effect.SendOffers sent) {
                sent.offers().forEach(this::accept);
            }
        }

        private void accept(Offer offer) {
            leader.submit(
                    new Command.AcceptOffers(
                            ID,
                            List.of(offer.id()),
                            List.of(new Operation.Launch(List.of(new TaskSpec(
                                    new TaskId("task-" + ++tasks),
                                    "task",
                                    offer.agentId(),
                                    Resources.scalars(Map.of("cpus", Quantity.of(1), "mem", Quantity.of(512))),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Payload.EMPTY)))),
                            Optional.of(0.0),
                            Instant.now()),
                    answer -> {});
        }
    }
}
