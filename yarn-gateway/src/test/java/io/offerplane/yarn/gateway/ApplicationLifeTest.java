package io.offerplane.yarn.gateway;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static io.offerplane.yarn.gateway.UnmanagedMaster.anywhere;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.ipc.RPC;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.ApplicationMasterProtocol;
import org.apache.hadoop.yarn.api.protocolrecords.FinishApplicationMasterRequest;
import org.apache.hadoop.yarn.api.protocolrecords.GetApplicationsRequest;
import org.apache.hadoop.yarn.api.protocolrecords.RegisterApplicationMasterRequest;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.ApplicationSubmissionContext;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ExecutionType;
import org.apache.hadoop.yarn.api.records.ExecutionTypeRequest;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.ResourceRequest;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.ClientRMProxy;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.ApplicationAttemptNotFoundException;
import org.apache.hadoop.yarn.exceptions.InvalidApplicationMasterRequestException;
import org.apache.hadoop.yarn.exceptions.InvalidResourceRequestException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of applications from submission to their end, as Hadoop's own client and a master that is the test see it. */
class ApplicationLifeTest {
    private static BooksAllocator books;
    private static HeadOnLoopback loopback;
    private static YarnClient client;
    private static int port = 41_000;

    private FakeNode node;

    @BeforeAll
    static void start() {
        books = new BooksAllocator(List.of(
                new QueueOnOffer("root", 1, 1, 1),
                new QueueOnOffer("root.default", 0.5, 1, 1),
                new QueueOnOffer("root.other", 0.5, 1, 1)));
        loopback = new HeadOnLoopback(books);
        client = newClient();
    }

    private static YarnClient newClient() {
        YarnClient made = YarnClient.createYarnClient();
        made.init(new YarnConfiguration(loopback.configuration()));
        made.start();
        return made;
    }

    @AfterAll
    static void stop() {
        client.stop();
        loopback.close();
        books.close();
    }

    @BeforeEach
    void node() throws Exception {
        port += 2;
        node = new FakeNode(loopback.head(), port, 4096, 16);
    }

    @AfterEach
    void leave() throws Exception {
        books.resume();
        node.leave();
        eventually(() -> books.held(), held -> assertThat(held).isEmpty());
    }

    private static UnmanagedMaster master() throws Exception {
        UnmanagedMaster master = new UnmanagedMaster(loopback.configuration(), client, "default");
        master.register();
        return master;
    }

    private static ApplicationId newId() throws Exception {
        return client.createApplication().getNewApplicationResponse().getApplicationId();
    }

    private static ApplicationReport report(ApplicationId id) throws Exception {
        return client.getApplicationReport(id);
    }

    @Test
    void idsAreUniqueAmongClients() throws Exception {
        YarnClient second = newClient();
        try {
            Set<ApplicationId> ids = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                YarnClient either = i % 2 == 0 ? client : second;
                ids.add(either.createApplication().getNewApplicationResponse().getApplicationId());
            }
            assertThat(ids).hasSize(20);
        } finally {
            second.stop();
        }
    }

    @Test
    void aSecondSubmissionOfOneIdBeginsNoSecondAttempt() throws Exception {
        try (UnmanagedMaster master = master()) {
            ApplicationId id = master.attempt().getApplicationId();
            int applicants = books.applicants().size();
            client.submitApplication(UnmanagedMaster.submission(id, "default"));
            assertThat(client.getApplicationAttempts(id)).hasSize(1);
            assertThat(books.applicants()).hasSize(applicants);
        }
    }

    @Test
    void aMasterAboveTheMaximumIsRefusedAtSubmission() throws Exception {
        ApplicationId id = newId();
        ApplicationSubmissionContext context = UnmanagedMaster.managed(id, "default", 100_000);

        assertThatThrownBy(() -> client.submitApplication(context))
                .isInstanceOf(InvalidResourceRequestException.class)
                .hasMessageContaining("100000");
        assertThat(client.getApplications(EnumSet.of(YarnApplicationState.ACCEPTED, YarnApplicationState.RUNNING)))
                .extracting(ApplicationReport::getApplicationId)
                .doesNotContain(id);
    }

    @Test
    void beforeItsMasterRegistersAnApplicationIsAcceptedAndSaysWhatItWaitsFor() throws Exception {
        try (UnmanagedMaster master = new UnmanagedMaster(loopback.configuration(), client, "default")) {
            ApplicationReport before = report(master.attempt().getApplicationId());
            assertThat(before.getYarnApplicationState()).isEqualTo(YarnApplicationState.ACCEPTED);
            assertThat(before.getHost()).isEqualTo("N/A");
            assertThat(before.getRpcPort()).isEqualTo(-1);
            assertThat(before.getDiagnostics()).isNotBlank();

            master.register();
            eventually(
                    () -> report(master.attempt().getApplicationId()),
                    now -> assertThat(now.getYarnApplicationState()).isEqualTo(YarnApplicationState.RUNNING));
        }
    }

    @Test
    void anApplicationCanBeKilledBeforeItsMasterHasRoom() throws Exception {
        books.pause();
        ApplicationId id = newId();
        client.submitApplication(UnmanagedMaster.managed(id, "default", 256));
        assertThat(report(id).getYarnApplicationState()).isEqualTo(YarnApplicationState.ACCEPTED);

        client.killApplication(id);
        assertKilled(id);
        // Again is no fault.
        client.killApplication(id);
        books.resume();
        assertThat(books.held()).isEmpty();
    }

    @Test
    void anApplicationCanBeKilledWhileItRunsAndGivesBackWhatItHeldOnceTheNodeSaysSo() throws Exception {
        UnmanagedMaster master = master();
        master.allocate(List.of(anywhere(1, 256, 2)), List.of());
        List<Container> containers = master.fetch(2);
        containers.forEach(container -> node.running(container.getId()));
        node.beat();

        client.killApplication(master.attempt().getApplicationId());
        assertKilled(master.attempt().getApplicationId());
        assertThat(eventually(() -> node.beat().getContainersToCleanup(), cleanup -> assertThat(cleanup)
                        .isNotEmpty()))
                .containsAnyElementsOf(containers.stream().map(Container::getId).toList());
        assertThat(books.held()).hasSize(2);
        containers.forEach(container -> node.completed(container.getId(), 143));
        node.beat();
        eventually(() -> books.held(), held -> assertThat(held).isEmpty());
        assertThatThrownBy(() -> master.allocate(List.of(), List.of()))
                .isInstanceOf(ApplicationAttemptNotFoundException.class);
        RPC.stopProxy(master.protocol());
    }

    private static void assertKilled(ApplicationId id) throws Exception {
        ApplicationReport killed = eventually(() -> report(id), now -> assertThat(now.getYarnApplicationState())
                .isEqualTo(YarnApplicationState.KILLED));
        assertThat(killed.getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.KILLED);
        assertThat(killed.getDiagnostics()).contains("killed by user");
    }

    @Test
    void applicationsAreFoundByStateQueueAndUser() throws Exception {
        try (UnmanagedMaster here = master();
                UnmanagedMaster there = new UnmanagedMaster(loopback.configuration(), client, "other")) {
            there.register();
            GetApplicationsRequest inOther =
                    GetApplicationsRequest.newInstance(EnumSet.of(YarnApplicationState.RUNNING));
            inOther.setQueues(Set.of("root.other", "other"));
            eventually(() -> client.getApplications(inOther), found -> assertThat(found)
                    .extracting(ApplicationReport::getApplicationId)
                    .containsExactly(there.attempt().getApplicationId()));
            GetApplicationsRequest limited =
                    GetApplicationsRequest.newInstance(EnumSet.of(YarnApplicationState.RUNNING));
            limited.setLimit(1);
            assertThat(client.getApplications(limited)).hasSize(1);
            GetApplicationsRequest ofNobody = GetApplicationsRequest.newInstance();
            ofNobody.setUsers(Set.of("nobody-here"));
            assertThat(client.getApplications(ofNobody)).isEmpty();
            assertThat(report(here.attempt().getApplicationId()).getQueue()).endsWith("default");
        }
    }

    @Test
    void callsThatAreOutOfStepAreRefused() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(), List.of());
            int next = master.allocate(List.of(), List.of()).getResponseId();
            for (int wrong : List.of(next - 2, next + 2)) {
                assertThatThrownBy(() -> master.allocate(wrong, List.of(), List.of(), null))
                        .isInstanceOf(InvalidApplicationMasterRequestException.class);
            }
            master.allocate(next, List.of(), List.of(), null);
        }
    }

    @Test
    void twoSizesOfOnePriorityAreServedUnderTheirAllocationIds() throws Exception {
        try (UnmanagedMaster master = master()) {
            List<ResourceRequest> asks = new ArrayList<>();
            asks.add(withAllocationId(7, 256));
            asks.add(withAllocationId(8, 512));
            master.allocate(asks, List.of());
            assertThat(master.fetch(2))
                    .extracting(
                            Container::getAllocationRequestId,
                            container -> container.getResource().getMemorySize())
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple(7L, 256L),
                            org.assertj.core.groups.Tuple.tuple(8L, 512L));
        }
    }

    private static ResourceRequest withAllocationId(long id, int memory) {
        return ResourceRequest.newBuilder()
                .priority(Priority.newInstance(1))
                .resourceName(ResourceRequest.ANY)
                .capability(Resource.newInstance(memory, 1))
                .numContainers(1)
                .allocationRequestId(id)
                .executionTypeRequest(ExecutionTypeRequest.newInstance(ExecutionType.GUARANTEED, true))
                .build();
    }

    @Test
    void aNegativeSizeIsRefusedAndTheApplicationLivesOn() throws Exception {
        try (UnmanagedMaster master = master()) {
            assertThatThrownBy(() -> master.allocate(List.of(anywhere(1, -5, 1)), List.of()))
                    .isInstanceOf(InvalidResourceRequestException.class);
            master.allocate(List.of(anywhere(1, 128, 1)), List.of());
            assertThat(master.fetch(1)).hasSize(1);
        }
    }

    @Test
    void aNegativeCountWantsNothingAsInHadoopsOwnSchedulers() throws Exception {
        try (UnmanagedMaster master = master()) {
            master.allocate(List.of(anywhere(1, 128, -3)), List.of());
            master.allocate(List.of(anywhere(2, 256, 1)), List.of());
            assertThat(master.fetch(1))
                    .extracting(container -> container.getResource().getMemorySize())
                    .containsExactly(256L);
        }
    }

    @Test
    void aMasterIsUnregisteredOnceItsEndIsStoredAndMayNotGoOn() throws Exception {
        UnmanagedMaster master = master();
        FinishApplicationMasterRequest end =
                FinishApplicationMasterRequest.newInstance(FinalApplicationStatus.SUCCEEDED, "all done", "");
        eventually(
                () -> master.protocol().finishApplicationMaster(end).getIsUnregistered(),
                isUnregistered -> assertThat(isUnregistered).isTrue());
        ApplicationReport report = eventually(
                () -> report(master.attempt().getApplicationId()),
                now -> assertThat(now.getYarnApplicationState()).isEqualTo(YarnApplicationState.FINISHED));
        assertThat(report.getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.SUCCEEDED);
        assertThat(report.getDiagnostics()).contains("all done");
        assertThatThrownBy(() -> master.allocate(List.of(anywhere(1, 128, 1)), List.of()))
                .isInstanceOf(ApplicationAttemptNotFoundException.class);
        assertThat(books.held()).isEmpty();
        RPC.stopProxy(master.protocol());
    }

    @Test
    void whoHasNoTokenIsNoMaster() throws Exception {
        Configuration conf = loopback.configuration();
        UserGroupInformation stranger = UserGroupInformation.createRemoteUser("stranger");
        ApplicationMasterProtocol protocol =
                stranger.doAs((java.security.PrivilegedExceptionAction<ApplicationMasterProtocol>)
                        () -> ClientRMProxy.createRMProxy(conf, ApplicationMasterProtocol.class));
        try {
            assertThatThrownBy(() -> protocol.registerApplicationMaster(
                            RegisterApplicationMasterRequest.newInstance("localhost", 0, "")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("TOKEN");
        } finally {
            RPC.stopProxy(protocol);
        }
    }
}
