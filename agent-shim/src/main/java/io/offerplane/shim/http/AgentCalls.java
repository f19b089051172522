package io.offerplane.shim.http;

import io.offerplane.shim.Agent;
import io.offerplane.shim.http.HeldFrameworks.Executor;
import io.offerplane.shim.http.HeldFrameworks.Framework;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.Flag;
import org.apache.mesos.v1.Protos.Metric;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;

/**
 * The answers of the agent API's calls that read. Those that would change something, or run something, have none: nobody here has
 * said who they are.
 */
final class AgentCalls {

    private final Agent agent;
    private final SandboxFiles files;
    private final Containers containers;
    private final MetricsSnapshot metrics;

    AgentCalls(Agent agent, SandboxFiles files, Containers containers, MetricsSnapshot metrics) {
        this.agent = agent;
        this.files = files;
        this.containers = containers;
        this.metrics = metrics;
    }

    /**
     * Answers a valid call.
     *
     * @return empty for a call that isn't carried out here
     * @throws Refusal when a file can't be shown
     */
    Optional<Response> answer(Call call) throws IOException, Refusal {
        Response.Builder response = Response.newBuilder();
        switch (call.getType()) {
            case GET_HEALTH ->
                response.setType(Response.Type.GET_HEALTH)
                        .setGetHealth(Response.GetHealth.newBuilder().setHealthy(true));
            case GET_FLAGS -> response.setType(Response.Type.GET_FLAGS).setGetFlags(flags());
            case GET_VERSION ->
                response.setType(Response.Type.GET_VERSION)
                        .setGetVersion(Response.GetVersion.newBuilder().setVersionInfo(AgentFacts.version()));
            // Nothing is waited for, so any timeout is kept.
            case GET_METRICS -> response.setType(Response.Type.GET_METRICS).setGetMetrics(metrics());
            case GET_LOGGING_LEVEL ->
                response.setType(Response.Type.GET_LOGGING_LEVEL)
                        .setGetLoggingLevel(
                                Response.GetLoggingLevel.newBuilder().setLevel(0));
            case LIST_FILES ->
                response.setType(Response.Type.LIST_FILES)
                        .setListFiles(Response.ListFiles.newBuilder()
                                .addAllFileInfos(files.list(call.getListFiles().getPath())));
            case READ_FILE -> response.setType(Response.Type.READ_FILE).setReadFile(read(call.getReadFile()));
            case GET_STATE -> {
                HeldFrameworks held = HeldFrameworks.of(agent);
                response.setType(Response.Type.GET_STATE)
                        .setGetState(Response.GetState.newBuilder()
                                .setGetTasks(tasks(held))
                                .setGetExecutors(executors(held))
                                .setGetFrameworks(frameworks(held)));
            }
            case GET_CONTAINERS ->
                response.setType(Response.Type.GET_CONTAINERS)
                        .setGetContainers(containers(call.getGetContainers().getShowNested()));
            case GET_FRAMEWORKS ->
                response.setType(Response.Type.GET_FRAMEWORKS).setGetFrameworks(frameworks(HeldFrameworks.of(agent)));
            case GET_EXECUTORS ->
                response.setType(Response.Type.GET_EXECUTORS).setGetExecutors(executors(HeldFrameworks.of(agent)));
            case GET_TASKS -> response.setType(Response.Type.GET_TASKS).setGetTasks(tasks(HeldFrameworks.of(agent)));
            case GET_AGENT ->
                response.setType(Response.Type.GET_AGENT)
                        .setGetAgent(Response.GetAgent.newBuilder().setAgentInfo(agent.info()));
            // Operations are the leader's here, and there are no resource providers.
            case GET_OPERATIONS ->
                response.setType(Response.Type.GET_OPERATIONS)
                        .setGetOperations(Response.GetOperations.getDefaultInstance());
            case GET_RESOURCE_PROVIDERS ->
                response.setType(Response.Type.GET_RESOURCE_PROVIDERS)
                        .setGetResourceProviders(Response.GetResourceProviders.getDefaultInstance());
            default -> {
                return Optional.empty();
            }
        }
        return Optional.of(response.build());
    }

    private Response.GetFlags flags() {
        Response.GetFlags.Builder flags = Response.GetFlags.newBuilder();
        AgentFacts.flags(agent.config())
                .forEach((name, value) ->
                        flags.addFlags(Flag.newBuilder().setName(name).setValue(value)));
        return flags.build();
    }

    private Response.GetMetrics metrics() {
        Response.GetMetrics.Builder list = Response.GetMetrics.newBuilder();
        metrics.values()
                .forEach((name, value) ->
                        list.addMetrics(Metric.newBuilder().setName(name).setValue(value)));
        return list.build();
    }

    /** Offset and length are unsigned: what looks negative lies beyond every file. */
    private Response.ReadFile read(Call.ReadFile call) throws IOException, Refusal {
        long offset = call.getOffset() < 0 ? Long.MAX_VALUE : call.getOffset();
        long length = call.hasLength() && call.getLength() >= 0 ? call.getLength() : -1;
        SandboxFiles.Piece piece = files.read(call.getPath(), offset, length);
        return Response.ReadFile.newBuilder()
                .setSize(piece.size())
                .setData(piece.data())
                .build();
    }

    private Response.GetContainers containers(boolean withNested) {
        Response.GetContainers.Builder list = Response.GetContainers.newBuilder();
        for (Containers.Container container : containers.all()) {
            Executor executor = container.executor();
            list.addContainersBuilder()
                    .setFrameworkId(executor.info().getFrameworkId())
                    .setExecutorId(executor.info().getExecutorId())
                    .setExecutorName(executor.info().getName())
                    .setContainerId(ContainerID.newBuilder().setValue(executor.containerId()))
                    .setContainerStatus(container.status())
                    .setResourceStatistics(container.statistics());
        }
        if (withNested) {
            // Without their executor, as Mesos shows them.
            for (Containers.Nested container : containers.nested()) {
                list.addContainersBuilder()
                        .setContainerId(container.name().toId())
                        .setContainerStatus(container.status())
                        .setResourceStatistics(container.statistics());
            }
        }
        return list.build();
    }

    private static Response.GetFrameworks frameworks(HeldFrameworks held) {
        Response.GetFrameworks.Builder list = Response.GetFrameworks.newBuilder();
        held.live().forEach(framework -> list.addFrameworksBuilder().setFrameworkInfo(framework.info()));
        held.completed()
                .forEach(framework -> list.addCompletedFrameworksBuilder().setFrameworkInfo(framework.info()));
        return list.build();
    }

    private static Response.GetExecutors executors(HeldFrameworks held) {
        Response.GetExecutors.Builder list = Response.GetExecutors.newBuilder();
        for (Framework framework : held.all().toList()) {
            framework.executors().forEach(executor -> list.addExecutorsBuilder()
                    .setExecutorInfo(TaskMessages.executor(executor.info())));
            framework.completedExecutors().forEach(executor -> list.addCompletedExecutorsBuilder()
                    .setExecutorInfo(TaskMessages.executor(executor.info())));
        }
        return list.build();
    }

    private static Response.GetTasks tasks(HeldFrameworks held) {
        Response.GetTasks.Builder list = Response.GetTasks.newBuilder();
        Stream<Executor> executors = held.all().flatMap(Framework::all);
        for (Executor executor : executors.toList()) {
            executor.queued().forEach(task -> list.addQueuedTasks(TaskMessages.task(task)));
            executor.launched().forEach(task -> list.addLaunchedTasks(TaskMessages.task(task)));
            executor.terminated().forEach(task -> list.addTerminatedTasks(TaskMessages.task(task)));
            executor.completed().forEach(task -> list.addCompletedTasks(TaskMessages.task(task)));
        }
        return list.build();
    }
}
