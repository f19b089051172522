package io.offerplane.yarn.node;

import io.offerplane.yarn.node.launch.RunningContainer.Signal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.security.token.SecretManager.InvalidToken;
import org.apache.hadoop.yarn.api.ContainerManagementProtocol;
import org.apache.hadoop.yarn.api.protocolrecords.CommitResponse;
import org.apache.hadoop.yarn.api.protocolrecords.ContainerUpdateRequest;
import org.apache.hadoop.yarn.api.protocolrecords.ContainerUpdateResponse;
import org.apache.hadoop.yarn.api.protocolrecords.GetContainerStatusesRequest;
import org.apache.hadoop.yarn.api.protocolrecords.GetContainerStatusesResponse;
import org.apache.hadoop.yarn.api.protocolrecords.GetLocalizationStatusesRequest;
import org.apache.hadoop.yarn.api.protocolrecords.GetLocalizationStatusesResponse;
import org.apache.hadoop.yarn.api.protocolrecords.IncreaseContainersResourceRequest;
import org.apache.hadoop.yarn.api.protocolrecords.IncreaseContainersResourceResponse;
import org.apache.hadoop.yarn.api.protocolrecords.ReInitializeContainerRequest;
import org.apache.hadoop.yarn.api.protocolrecords.ReInitializeContainerResponse;
import org.apache.hadoop.yarn.api.protocolrecords.ResourceLocalizationRequest;
import org.apache.hadoop.yarn.api.protocolrecords.ResourceLocalizationResponse;
import org.apache.hadoop.yarn.api.protocolrecords.RestartContainerResponse;
import org.apache.hadoop.yarn.api.protocolrecords.RollbackResponse;
import org.apache.hadoop.yarn.api.protocolrecords.SignalContainerRequest;
import org.apache.hadoop.yarn.api.protocolrecords.SignalContainerResponse;
import org.apache.hadoop.yarn.api.protocolrecords.StartContainerRequest;
import org.apache.hadoop.yarn.api.protocolrecords.StartContainersRequest;
import org.apache.hadoop.yarn.api.protocolrecords.StartContainersResponse;
import org.apache.hadoop.yarn.api.protocolrecords.StopContainersRequest;
import org.apache.hadoop.yarn.api.protocolrecords.StopContainersResponse;
import org.apache.hadoop.yarn.api.records.ContainerExitStatus;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.SerializedException;
import org.apache.hadoop.yarn.api.records.SignalContainerCommand;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.ipc.RPCUtil;
import org.apache.hadoop.yarn.security.ContainerTokenIdentifier;
import org.apache.hadoop.yarn.security.NMTokenIdentifier;
import org.apache.hadoop.yarn.util.Records;
import org.jspecify.annotations.Nullable;

/** What masters (and the head, for a master's own container) ask of a node. Each container of a call succeeds or fails alone. */
final class ContainerProtocol implements ContainerManagementProtocol {
    private final StartAuthority authority;
    private final Containers containers;
    private final AuxServices services;
    private final String host;
    private final Duration killDelay;

    ContainerProtocol(
            StartAuthority authority, Containers containers, AuxServices services, String host, Duration killDelay) {
        this.authority = authority;
        this.containers = containers;
        this.services = services;
        this.host = host;
        this.killDelay = killDelay;
    }

    @Override
    public StartContainersResponse startContainers(StartContainersRequest requests) throws YarnException, IOException {
        NMTokenIdentifier caller = authority.caller();
        List<ContainerId> started = new ArrayList<>();
        Map<ContainerId, SerializedException> failed = new HashMap<>();
        for (StartContainerRequest request : requests.getStartContainerRequests()) {
            // A forged token fails the call: there is no trustworthy id to report it under.
            ContainerTokenIdentifier token = authority.verified(request.getContainerToken());
            try {
                start(caller, token, request.getContainerLaunchContext());
                started.add(token.getContainerID());
            } catch (InvalidToken e) {
                throw e;
            } catch (YarnException | IOException e) {
                failed.put(token.getContainerID(), SerializedException.newInstance(e));
            }
        }
        return StartContainersResponse.newInstance(services.metaData(), started, failed);
    }

    private void start(
            NMTokenIdentifier caller, ContainerTokenIdentifier token, @Nullable ContainerLaunchContext launch)
            throws YarnException, IOException {
        authority.authorizeStart(caller, token);
        if (launch == null) {
            throw RPCUtil.getRemoteException("Container " + token.getContainerID() + " has no launch context");
        }
        ContainerStarts.Request request = request(launch);
        services.check(request.serviceData());
        ContainerRun run = new ContainerRun(token, killDelay);
        if (!containers.start(run, request)) {
            throw RPCUtil.getRemoteException(
                    "Container " + token.getContainerID() + " already is running on this node!!");
        }
        authority.started(caller, token);
    }

    private static ContainerStarts.Request request(ContainerLaunchContext launch) throws YarnException {
        Map<String, LocalResource> resources = orEmpty(launch.getLocalResources());
        for (Map.Entry<String, LocalResource> resource : resources.entrySet()) {
            LocalResource file = resource.getValue();
            if (file == null || file.getResource() == null || file.getType() == null || file.getVisibility() == null) {
                throw RPCUtil.getRemoteException(
                        "Null resource URL, type or visibility for local resource " + resource.getKey());
            }
        }
        ByteBuffer tokens = launch.getTokens();
        List<String> commands = launch.getCommands();
        return new ContainerStarts.Request(
                commands == null ? List.of() : List.copyOf(commands),
                orEmpty(launch.getEnvironment()),
                resources,
                tokens == null ? ByteBuffer.allocate(0) : tokens,
                orEmpty(launch.getServiceData()),
                RuntimeChoice.image(orEmpty(launch.getEnvironment())));
    }

    private static <V> Map<String, V> orEmpty(@Nullable Map<String, V> map) {
        return map == null ? Map.of() : map;
    }

    @Override
    public StopContainersResponse stopContainers(StopContainersRequest request) throws YarnException, IOException {
        NMTokenIdentifier caller = authority.caller();
        List<ContainerId> stopped = new ArrayList<>();
        Map<ContainerId, SerializedException> failed = new HashMap<>();
        for (ContainerId id : request.getContainerIds()) {
            try {
                ContainerRun run = ofCaller(caller, id, "stopped");
                if (run != null) {
                    run.stop(ContainerExitStatus.KILLED_BY_APPMASTER, "Container killed by the ApplicationMaster.");
                }
                // One that is over and forgotten has stopped.
                stopped.add(id);
            } catch (YarnException e) {
                failed.put(id, SerializedException.newInstance(e));
            }
        }
        return StopContainersResponse.newInstance(stopped, failed);
    }

    @Override
    public GetContainerStatusesResponse getContainerStatuses(GetContainerStatusesRequest request)
            throws YarnException, IOException {
        NMTokenIdentifier caller = authority.caller();
        List<ContainerStatus> statuses = new ArrayList<>();
        Map<ContainerId, SerializedException> failed = new HashMap<>();
        for (ContainerId id : request.getContainerIds()) {
            try {
                ContainerRun run = ofCaller(caller, id, "seen");
                if (run == null) {
                    throw RPCUtil.getRemoteException("Container " + id + " is not handled by this NodeManager");
                }
                statuses.add(run.status(host));
            } catch (YarnException e) {
                failed.put(id, SerializedException.newInstance(e));
            }
        }
        return GetContainerStatusesResponse.newInstance(statuses, failed);
    }

    private @Nullable ContainerRun ofCaller(NMTokenIdentifier caller, ContainerId id, String what)
            throws YarnException {
        if (!caller.getApplicationAttemptId()
                .getApplicationId()
                .equals(id.getApplicationAttemptId().getApplicationId())) {
            throw RPCUtil.getRemoteException("Container " + id + " can only be " + what
                    + " by its own application, not by " + caller.getApplicationAttemptId());
        }
        return containers.find(id);
    }

    @Override
    public SignalContainerResponse signalToContainer(SignalContainerRequest request) throws YarnException, IOException {
        ContainerRun run = ofCaller(authority.caller(), request.getContainerId(), "signalled");
        if (run == null) {
            throw RPCUtil.getRemoteException(
                    "Container " + request.getContainerId() + " is not handled by this NodeManager");
        }
        run.signal(signal(request.getCommand()));
        return Records.newRecord(SignalContainerResponse.class);
    }

    static Signal signal(SignalContainerCommand command) {
        return switch (command) {
            case OUTPUT_THREAD_DUMP -> Signal.QUIT;
            case GRACEFUL_SHUTDOWN -> Signal.TERM;
            case FORCEFUL_SHUTDOWN -> Signal.KILL;
        };
    }

    @Override
    public ContainerUpdateResponse updateContainer(ContainerUpdateRequest request) throws YarnException {
        throw notHere("updateContainer");
    }

    @Override
    @Deprecated
    public IncreaseContainersResourceResponse increaseContainersResource(IncreaseContainersResourceRequest request)
            throws YarnException {
        throw notHere("increaseContainersResource");
    }

    @Override
    public ResourceLocalizationResponse localize(ResourceLocalizationRequest request) throws YarnException {
        throw notHere("localize");
    }

    @Override
    public ReInitializeContainerResponse reInitializeContainer(ReInitializeContainerRequest request)
            throws YarnException {
        throw notHere("reInitializeContainer");
    }

    @Override
    public RestartContainerResponse restartContainer(ContainerId id) throws YarnException {
        throw notHere("restartContainer");
    }

    @Override
    public RollbackResponse rollbackLastReInitialization(ContainerId id) throws YarnException {
        throw notHere("rollbackLastReInitialization");
    }

    @Override
    public CommitResponse commitLastReInitialization(ContainerId id) throws YarnException {
        throw notHere("commitLastReInitialization");
    }

    @Override
    public GetLocalizationStatusesResponse getLocalizationStatuses(GetLocalizationStatusesRequest request)
            throws YarnException {
        throw notHere("getLocalizationStatuses");
    }

    private static YarnException notHere(String call) {
        return RPCUtil.getRemoteException(call + " is not supported by this node");
    }
}
