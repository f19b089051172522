package io.offerplane.yarn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.ipc.RPC;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.security.token.Token;
import org.apache.hadoop.yarn.api.ApplicationMasterProtocol;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateRequest;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.protocolrecords.FinishApplicationMasterRequest;
import org.apache.hadoop.yarn.api.protocolrecords.RegisterApplicationMasterRequest;
import org.apache.hadoop.yarn.api.protocolrecords.RegisterApplicationMasterResponse;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationSubmissionContext;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.ResourceBlacklistRequest;
import org.apache.hadoop.yarn.api.records.ResourceRequest;
import org.apache.hadoop.yarn.client.ClientRMProxy;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.security.AMRMTokenIdentifier;
import org.jspecify.annotations.Nullable;

/** An application whose master is the test itself: it speaks the master's protocol over RPC, call by call. */
public final class UnmanagedMaster implements AutoCloseable {
    private final ApplicationAttemptId attempt;
    private final ApplicationMasterProtocol protocol;
    private final List<Container> allocated = new ArrayList<>();
    private final List<ContainerStatus> ended = new ArrayList<>();
    private int responseId;

    static ApplicationSubmissionContext submission(ApplicationId id, String queue) {
        ApplicationSubmissionContext context = managed(id, queue, 256);
        context.setUnmanagedAM(true);
        return context;
    }

    /** Of an application whose master is to run in a container of so many MiB. */
    static ApplicationSubmissionContext managed(ApplicationId id, String queue, int memory) {
        return ApplicationSubmissionContext.newInstance(
                id,
                "test",
                queue,
                Priority.newInstance(0),
                ContainerLaunchContext.newInstance(null, null, List.of("true"), null, null, null),
                false,
                false,
                1,
                Resource.newInstance(memory, 1));
    }

    public UnmanagedMaster(Configuration conf, YarnClient client, String queue) throws Exception {
        ApplicationId id =
                client.createApplication().getNewApplicationResponse().getApplicationId();
        client.submitApplication(submission(id, queue));
        Token<AMRMTokenIdentifier> token = Eventually.eventually(
                () -> client.getAMRMToken(id), found -> assertThat(found).isNotNull());
        attempt = client.getApplicationReport(id).getCurrentApplicationAttemptId();
        UserGroupInformation user = UserGroupInformation.createRemoteUser("master");
        token.setService(ClientRMProxy.getAMRMTokenService(conf));
        user.addToken(token);
        protocol = user.doAs((PrivilegedExceptionAction<ApplicationMasterProtocol>)
                () -> ClientRMProxy.createRMProxy(conf, ApplicationMasterProtocol.class));
    }

    public ApplicationAttemptId attempt() {
        return attempt;
    }

    ApplicationMasterProtocol protocol() {
        return protocol;
    }

    public RegisterApplicationMasterResponse register() throws Exception {
        return protocol.registerApplicationMaster(RegisterApplicationMasterRequest.newInstance("localhost", 0, ""));
    }

    /** A request for a number of containers anywhere. */
    public static ResourceRequest anywhere(int priority, int memory, int count) {
        return at(ResourceRequest.ANY, priority, memory, count, true);
    }

    static ResourceRequest at(String place, int priority, int memory, int count, boolean relax) {
        return ResourceRequest.newInstance(
                Priority.newInstance(priority), place, Resource.newInstance(memory, 1), count, relax);
    }

    public AllocateResponse allocate(List<ResourceRequest> asks, List<ContainerId> releases) throws Exception {
        return allocate(responseId, asks, releases, null);
    }

    public AllocateResponse allocate(
            int id,
            List<ResourceRequest> asks,
            List<ContainerId> releases,
            @Nullable ResourceBlacklistRequest blacklist)
            throws Exception {
        AllocateResponse last = protocol.allocate(AllocateRequest.newInstance(id, 0, asks, releases, blacklist));
        responseId = last.getResponseId();
        allocated.addAll(last.getAllocatedContainers());
        ended.addAll(last.getCompletedContainersStatuses());
        return last;
    }

    /** Beats until so many containers have come that were not fetched before. */
    public List<Container> fetch(int count) throws Exception {
        Eventually.eventually(
                () -> {
                    allocate(List.of(), List.of());
                    return allocated;
                },
                all -> assertThat(all).hasSizeGreaterThanOrEqualTo(count));
        List<Container> fetched = List.copyOf(allocated);
        allocated.clear();
        return fetched;
    }

    /** Beats until this container is reported as over. */
    public ContainerStatus awaitEnd(ContainerId container) throws Exception {
        Eventually.eventually(
                () -> {
                    allocate(List.of(), List.of());
                    return ended;
                },
                all -> assertThat(all)
                        .extracting(ContainerStatus::getContainerId)
                        .contains(container));
        return ended.stream()
                .filter(status -> status.getContainerId().equals(container))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException, YarnException {
        protocol.finishApplicationMaster(
                FinishApplicationMasterRequest.newInstance(FinalApplicationStatus.SUCCEEDED, "", ""));
        RPC.stopProxy(protocol);
    }
}
