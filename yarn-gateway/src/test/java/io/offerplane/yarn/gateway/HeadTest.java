package io.offerplane.yarn.gateway;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static io.offerplane.yarn.gateway.UnmanagedMaster.anywhere;
import static io.offerplane.yarn.gateway.UnmanagedMaster.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.yarn.gateway.allocation.Amount;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerExitStatus;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.api.records.QueueInfo;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.ResourceBlacklistRequest;
import org.apache.hadoop.yarn.api.records.ResourceRequest;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.ApplicationMasterNotRegisteredException;
import org.apache.hadoop.yarn.exceptions.ApplicationNotFoundException;
import org.apache.hadoop.yarn.exceptions.InvalidApplicationMasterRequestException;
import org.apache.hadoop.yarn.exceptions.InvalidContainerReleaseException;
import org.apache.hadoop.yarn.exceptions.InvalidResourceRequestException;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The head with Hadoop's own client and a master that is the test, over RPC; nodes are told what to say. */
class HeadTest {
    private static BooksAllocator books;
    private static HeadOnLoopback loopback;
    private static YarnClient client;
    private static int port = 40_000;

    private FakeNode node;

    @BeforeAll
    static void start() {
        books = new BooksAllocator(List.of(
                new QueueOnOffer("root", 1, 1, 1),
                new QueueOnOffer("root.default", 0.25, 1, 1),
                new QueueOnOffer("root.eng", 0.75, 0.9, 3),
                new QueueOnOffer("root.eng.ads", 1, 1, 1)));
        loopback = new HeadOnLoopback(books);
        client = YarnClient.createYarnClient();
        Configuration conf = new YarnConfiguration(loopback.configuration());
        client.init(conf);
        client.start();
    }

    @AfterAll
    static void stop() {
        client.stop();
        loopback.close();
        books.close();
    }

    @BeforeEach
    void node() throws Exception {
        node = newNode(4096);
    }

    @AfterEach
    void leave() throws Exception {
        books.resume();
        node.leave();
        eventually(() -> books.held(), held -> assertThat(held).isEmpty());
    }

    private static FakeNode newNode(int memory) throws Exception {
        port += 2;
        return new FakeNode(loopback.head(), port, memory, 16);
    }

    private static UnmanagedMaster master() throws Exception {
        UnmanagedMaster master = new UnmanagedMaster(loopback.configuration(), client, "default");
        master.register();
        return master;
    }

    @Test
    void anAskBecomesAGrantAndTheGrantAContainerWithItsTokens() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 100, 2)), List.of());
            List<Container> containers = master.fetch(2);
            assertThat(containers).hasSize(2);
            // 100 MB are rounded up to a multiple of the least allocation, 128.
            assertThat(containers).allSatisfy(container -> {
                assertThat(container.getResource()).isEqualTo(Resource.newInstance(128, 1));
                assertThat(container.getContainerToken()).isNotNull();
                assertThat(container.getNodeId()).isEqualTo(node.id());
            });
            assertThat(books.held())
                    .containsOnlyKeys(
                            containers.get(0).getId().toString(),
                            containers.get(1).getId().toString());
        }
    }

    @Test
    void sizesAreRoundedUpToTheStep() throws Exception {
        books.pause();
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 129, 1)), List.of());
            assertThat(lastAsk(master).each()).isEqualTo(new Amount(256, 1));
        }
    }

    private static Ask lastAsk(UnmanagedMaster master) {
        return books.heard().stream()
                .filter(ask -> ask.attempt().equals(master.attempt().toString()))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void asksAreAbsoluteAndZeroCancels() throws Exception {
        books.pause();
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 128, 5)), List.of());
            assertThat(lastAsk(master).total()).isEqualTo(5);
            master.allocate(List.of(anywhere(1, 128, 2)), List.of());
            assertThat(lastAsk(master).total()).isEqualTo(2);
            master.allocate(List.of(anywhere(1, 128, 0)), List.of());
            assertThat(lastAsk(master).total()).isZero();
            books.resume();
            master.allocate(List.of(anywhere(2, 128, 1)), List.of());
            assertThat(master.fetch(1)).hasSize(1);
            assertThat(books.held()).hasSize(1);
        }
    }

    @Test
    void anAskThatFollowsGrantsNamesHowManyItHasSeen() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 128, 3)), List.of());
            master.fetch(3);
            master.allocate(List.of(anywhere(1, 128, 1)), List.of());
            assertThat(lastAsk(master).grantsSeen()).isEqualTo(3);
            assertThat(master.fetch(1)).hasSize(1);
            assertThat(books.held()).hasSize(4);
        }
    }

    @Test
    void aHostWithoutRelaxationIsServedOnlyThere() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(
                    List.of(
                            at("elsewhere", 1, 128, 1, true),
                            at("/default-rack", 1, 128, 1, false),
                            at(ResourceRequest.ANY, 1, 128, 1, false)),
                    List.of());
            Ask ask = lastAsk(master);
            assertThat(ask.wishes()).hasSize(3).anySatisfy(wish -> {
                assertThat(wish.place()).isEqualTo("*");
                assertThat(wish.relaxed()).isFalse();
            });
            assertThat(books.held()).isEmpty();
        }
    }

    @Test
    void aBlacklistedHostIsAvoidedUntilItIsTakenOffTheList() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(
                    0,
                    List.of(),
                    List.of(),
                    ResourceBlacklistRequest.newInstance(List.of("127.0.0.1", "localhost"), List.of()));
            AllocateResponse response = master.allocate(List.of(anywhere(1, 128, 1)), List.of());
            assertThat(books.held()).isEmpty();
            master.allocate(
                    response.getResponseId(),
                    List.of(),
                    List.of(),
                    ResourceBlacklistRequest.newInstance(List.of(), List.of("127.0.0.1", "localhost")));
            assertThat(master.fetch(1)).hasSize(1);
        }
    }

    @Test
    void releasingAContainerThatWasNotLaunchedFreesItAtOnce() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 128, 1)), List.of());
            Container container = master.fetch(1).getFirst();
            master.allocate(List.of(), List.of(container.getId()));
            ContainerStatus status = master.awaitEnd(container.getId());
            assertThat(status.getExitStatus()).isEqualTo(ContainerExitStatus.ABORTED);
            eventually(() -> books.held(), held -> assertThat(held).isEmpty());
        }
    }

    @Test
    void releasingARunningContainerFreesItOnlyWhenTheNodeSaysThatItIsGone() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 128, 1)), List.of());
            Container container = master.fetch(1).getFirst();
            node.running(container.getId());
            node.beat();
            eventually(
                    () -> loopback.head()
                            .getResourceScheduler()
                            .getRMContainer(container.getId())
                            .getState(),
                    state -> assertThat(state.toString()).isEqualTo("RUNNING"));
            master.allocate(List.of(), List.of(container.getId()));
            master.awaitEnd(container.getId());
            assertThat(books.held()).containsOnlyKeys(container.getId().toString());
            eventually(node::beat, response -> assertThat(response.getContainersToCleanup())
                    .contains(container.getId()));
            node.completed(container.getId(), 143);
            node.beat();
            eventually(() -> books.held(), held -> assertThat(held).isEmpty());
        }
    }

    @Test
    void theExitStatusOfAContainerReachesItsMasterUnchanged() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 128, 1)), List.of());
            Container container = master.fetch(1).getFirst();
            node.running(container.getId());
            node.beat();
            node.completed(container.getId(), 3);
            node.beat();
            assertThat(master.awaitEnd(container.getId()).getExitStatus()).isEqualTo(3);
            // The master's next call acknowledges, and the node may forget.
            master.allocate(List.of(), List.of());
            eventually(node::beat, response -> assertThat(response.getContainersToBeRemovedFromNM())
                    .contains(container.getId()));
        }
    }

    @Test
    void aLostNodeEndsItsContainersAndIsNoLongerCounted() throws Exception {
        FakeNode second = newNode(8192);
        try (UnmanagedMaster master = master()) {
            // Only the second has room for it.
            master.allocate(List.of(anywhere(1, 6144, 1)), List.of());
            Container container = master.fetch(1).getFirst();
            assertThat(container.getNodeId()).isEqualTo(second.id());
            second.leave();
            ContainerStatus status = master.awaitEnd(container.getId());
            assertThat(status.getExitStatus()).isEqualTo(ContainerExitStatus.ABORTED);
            assertThat(master.allocate(List.of(), List.of()).getNumClusterNodes())
                    .isEqualTo(1);
            assertThat(books.held()).isEmpty();
        }
    }

    @Test
    void headroomFallsByWhatIsHeldAndRisesAgain() throws Exception {
        try (UnmanagedMaster master = master()) {
            eventually(
                    () -> master.allocate(List.of(), List.of()).getAvailableResources(),
                    headroom -> assertThat(headroom.getMemorySize()).isEqualTo(4096));
            master.allocate(List.of(anywhere(1, 1024, 1)), List.of());
            Container container = master.fetch(1).getFirst();
            assertThat(master.allocate(List.of(), List.of())
                            .getAvailableResources()
                            .getMemorySize())
                    .isEqualTo(3072);
            master.allocate(List.of(), List.of(container.getId()));
            eventually(
                    () -> master.allocate(List.of(), List.of()).getAvailableResources(),
                    headroom -> assertThat(headroom.getMemorySize()).isEqualTo(4096));
        }
    }

    @Test
    void aRepeatedCallIsAnsweredTheSameAndDoesNothing() throws Exception {
        try (UnmanagedMaster master = master()) {
            AllocateResponse first = master.allocate(0, List.of(anywhere(1, 128, 1)), List.of(), null);
            int asks = books.heard().size();
            AllocateResponse again = master.allocate(0, List.of(anywhere(1, 128, 7)), List.of(), null);
            assertThat(again.getResponseId()).isEqualTo(first.getResponseId());
            assertThat(books.heard()).hasSize(asks);
            assertThatThrownBy(() -> master.allocate(17, List.of(), List.of(), null))
                    .isInstanceOf(InvalidApplicationMasterRequestException.class);
        }
    }

    @Test
    void registrationComesFirstAndOnce() throws Exception {
        try (UnmanagedMaster master = new UnmanagedMaster(loopback.configuration(), client, "default")) {
            assertThatThrownBy(() -> master.allocate(List.of(), List.of()))
                    .isInstanceOf(ApplicationMasterNotRegisteredException.class);
            assertThat(master.register().getQueue()).endsWith("default");
            assertThatThrownBy(master::register).isInstanceOf(InvalidApplicationMasterRequestException.class);
        }
    }

    @Test
    void anAskAboveTheMaximumIsRefusedAndTheApplicationLivesOn() throws Exception {
        try (UnmanagedMaster master = master()) {
            assertThatThrownBy(() -> master.allocate(List.of(anywhere(1, 100_000, 1)), List.of()))
                    .isInstanceOf(InvalidResourceRequestException.class);
            master.allocate(List.of(anywhere(1, 128, 1)), List.of());
            assertThat(master.fetch(1)).hasSize(1);
        }
    }

    @Test
    void anothersContainerCannotBeReleased() throws Exception {
        try (UnmanagedMaster owner = master();
                UnmanagedMaster thief = master()) {
            owner.allocate(List.of(anywhere(1, 128, 1)), List.of());
            Container container = owner.fetch(1).getFirst();
            assertThatThrownBy(() -> thief.allocate(List.of(), List.of(container.getId())))
                    .isInstanceOf(InvalidContainerReleaseException.class);
            assertThat(books.held()).containsOnlyKeys(container.getId().toString());
        }
    }

    @Test
    void unknownQueuesAndParentsAreRefusedWithAReadableReason() throws Exception {
        assertThatThrownBy(() -> client.submitApplication(UnmanagedMaster.submission(newId(), "nowhere")))
                .isInstanceOf(YarnException.class)
                .hasMessageContaining("unknown queue: nowhere");
        ApplicationId id = newId();
        assertThatThrownBy(() -> client.submitApplication(UnmanagedMaster.submission(id, "root.eng")))
                .isInstanceOf(YarnException.class)
                .hasMessageContaining("non-leaf queue: root.eng");
        assertThat(client.getApplicationReport(id).getYarnApplicationState()).isEqualTo(YarnApplicationState.FAILED);
    }

    private static ApplicationId newId() throws Exception {
        return client.createApplication().getNewApplicationResponse().getApplicationId();
    }

    @Test
    void anUnknownApplicationIsNotFound() {
        assertThatThrownBy(() -> client.getApplicationReport(ApplicationId.newInstance(1, 1)))
                .isInstanceOf(ApplicationNotFoundException.class);
    }

    @Test
    void queuesAreFoundByShortAndFullName() throws Exception {
        QueueInfo byName = client.getQueueInfo("ads");
        QueueInfo byPath = client.getQueueInfo("root.eng");
        assertThat(byName.getQueuePath()).isEqualTo("root.eng.ads");
        assertThat(byPath.getCapacity()).isEqualTo(0.75f);
        assertThat(byPath.getMaximumCapacity()).isEqualTo(0.9f);
        assertThat(client.getQueueInfo("nowhere")).isNull();
        assertThat(client.getAllQueues())
                .extracting(QueueInfo::getQueueName)
                .containsExactlyInAnyOrder("default", "eng", "ads");
        assertThat(client.getQueueAclsInfo()).isNotEmpty();
    }

    @Test
    void nodesAreReportedWithTotalsAndUse() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 512, 2)), List.of());
            master.fetch(2);
            List<NodeReport> nodes = client.getNodeReports(NodeState.RUNNING);
            assertThat(nodes).hasSize(1);
            assertThat(nodes.getFirst().getCapability()).isEqualTo(Resource.newInstance(4096, 16));
            assertThat(nodes.getFirst().getUsed()).isEqualTo(Resource.newInstance(1024, 2));
            assertThat(nodes.getFirst().getNumContainers()).isEqualTo(2);
        }
    }

    @Test
    void theRestApiAnswersUnderItsStockPaths() throws Exception {
        String web = "http://" + loopback.configuration().get(YarnConfiguration.RM_WEBAPP_ADDRESS);
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(get(http, web + "/ws/v1/cluster/info")).contains("\"clusterInfo\"", "STARTED");
            assertThat(get(http, web + "/ws/v1/cluster/metrics")).contains("\"totalMB\":4096");
            assertThat(get(http, web + "/ws/v1/cluster/nodes"))
                    .contains(node.id().toString());
        }
    }

    private static String get(HttpClient http, String url) throws Exception {
        HttpResponse<String> response =
                http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(url).isEqualTo(200);
        return response.body();
    }
}
