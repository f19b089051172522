package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.offerplane.shim.Agent;
import io.offerplane.shim.http.HeldFrameworks.Executor;
import io.offerplane.shim.http.HeldFrameworks.Framework;
import io.offerplane.shim.task.HeldTasks;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;

/**
 * The page {@code /state}. Names of fields are Mesos', as tools read them; agents are {@code slaves} there. Source of the shape: a
 * Mesos 1.11.0 agent's answer.
 */
final class StateJson {

    private final Agent agent;

    StateJson(Agent agent) {
        this.agent = agent;
    }

    byte[] page() {
        HeldFrameworks held = HeldFrameworks.of(agent);
        AgentResources resources = AgentResources.of(agent.claim(), List.of(), held);
        return Json.object(json -> {
            AgentFacts.build(json);
            Json.number(json, "start_time", agent.startedMillis() / 1000.0);
            json.writeStringField("id", agent.identity().agentId());
            json.writeStringField(
                    "pid",
                    "slave(1)@" + agent.config().nodeIp() + ":" + agent.config().httpPort());
            json.writeStringField("hostname", agent.config().hostname());
            Json.strings(json, "capabilities", AgentFacts.CAPABILITIES);
            resources(json, resources);
            json.writeArrayFieldStart("resource_providers");
            json.writeEndArray();
            ResourcesJson.attributes(json, resources.attributes());
            AgentFacts.flags(json, AgentFacts.flags(agent.config()));
            frameworks(json, "frameworks", held.live());
            frameworks(json, "completed_frameworks", held.completed());
        });
    }

    private static void resources(JsonGenerator json, AgentResources resources) throws IOException {
        List<Resource> total = resources.total();
        ResourcesJson.write(json, "resources", total);
        ResourcesJson.byRole(json, "reserved_resources", AgentResources.reserved(total));
        ResourcesJson.write(json, "unreserved_resources", AgentResources.unreserved(total));
        json.writeObjectFieldStart("reserved_resources_full");
        for (var role : AgentResources.reserved(total).entrySet()) {
            Json.messages(json, role.getKey(), inEndpointFormat(role.getValue()));
        }
        json.writeEndObject();
        Json.messages(json, "unreserved_resources_full", inEndpointFormat(AgentResources.unreserved(total)));
        List<Resource> allocated = resources.allocated();
        ResourcesJson.byRole(json, "reserved_resources_allocated", AgentResources.reserved(allocated));
        ResourcesJson.write(json, "unreserved_resources_allocated", AgentResources.unreserved(allocated));
    }

    private static List<Resource> inEndpointFormat(List<Resource> resources) {
        return resources.stream().map(AgentResources::inEndpointFormat).toList();
    }

    private static void frameworks(JsonGenerator json, String field, List<Framework> frameworks) throws IOException {
        json.writeArrayFieldStart(field);
        for (Framework framework : frameworks) {
            json.writeStartObject();
            framework(json, framework);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Deprecated is {@code role}, the only one of a framework that isn't of many. */
    @SuppressWarnings("deprecation")
    private static void framework(JsonGenerator json, Framework framework) throws IOException {
        FrameworkInfo info = framework.info();
        json.writeStringField("id", framework.id());
        json.writeStringField("name", info.getName());
        json.writeStringField("user", info.getUser());
        Json.number(json, "failover_timeout", info.getFailoverTimeout());
        json.writeBooleanField("checkpoint", info.getCheckpoint());
        json.writeStringField("hostname", info.getHostname());
        if (info.hasPrincipal()) {
            json.writeStringField("principal", info.getPrincipal());
        }
        boolean multiRole = info.getCapabilitiesList().stream()
                .anyMatch(capability -> capability.getType() == FrameworkInfo.Capability.Type.MULTI_ROLE);
        if (multiRole || info.getRolesCount() > 0) {
            Json.strings(json, "roles", info.getRolesList());
        } else {
            json.writeStringField("role", info.getRole());
        }
        executors(json, "executors", framework.executors());
        executors(json, "completed_executors", framework.completedExecutors());
    }

    private static void executors(JsonGenerator json, String field, List<Executor> executors) throws IOException {
        json.writeArrayFieldStart(field);
        for (Executor executor : executors) {
            json.writeStartObject();
            executor(json, executor);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Deprecated is {@code source}, which tools still read. */
    @SuppressWarnings("deprecation")
    private static void executor(JsonGenerator json, Executor executor) throws IOException {
        ExecutorInfo info = executor.info();
        json.writeStringField("id", executor.id());
        json.writeStringField("name", info.getName());
        json.writeStringField("source", info.getSource());
        json.writeStringField("container", executor.containerId());
        json.writeStringField("directory", executor.directory());
        ResourcesJson.write(json, "resources", executor.allocated());
        json.writeStringField("role", executor.role());
        if (info.hasLabels()) {
            Json.labels(json, info.getLabels());
        }
        if (info.hasType()) {
            json.writeStringField("type", info.getType().name());
        }
        json.writeArrayFieldStart("tasks");
        for (HeldTasks.View task : executor.launched()) {
            task(json, task);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("queued_tasks");
        for (HeldTasks.View task : executor.queued()) {
            queuedTask(json, task);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("completed_tasks");
        for (List<HeldTasks.View> tasks : List.of(executor.completed(), executor.terminated())) {
            for (HeldTasks.View task : tasks) {
                task(json, task);
            }
        }
        json.writeEndArray();
    }

    private static void task(JsonGenerator json, HeldTasks.View view) throws IOException {
        TaskInfo info = view.task();
        json.writeStartObject();
        json.writeStringField("id", view.key().taskId());
        json.writeStringField("name", info.getName());
        json.writeStringField("framework_id", view.key().frameworkId());
        json.writeStringField("executor_id", info.hasExecutor() ? view.executorId() : "");
        json.writeStringField("slave_id", info.getAgentId().getValue());
        json.writeStringField("state", view.state().name());
        ResourcesJson.write(json, "resources", info.getResourcesList());
        if (info.getLimitsCount() > 0) {
            json.writeObjectFieldStart("limits");
            for (Map.Entry<String, Value.Scalar> limit : info.getLimitsMap().entrySet()) {
                Json.number(json, limit.getKey(), limit.getValue().getValue());
            }
            json.writeEndObject();
        }
        json.writeStringField("role", view.role());
        json.writeArrayFieldStart("statuses");
        for (TaskStatus status : view.told().statuses()) {
            status(json, status);
        }
        json.writeEndArray();
        var user = TaskMessages.user(info);
        if (user.isPresent()) {
            json.writeStringField("user", user.get());
        }
        if (info.hasLabels()) {
            Json.labels(json, info.getLabels());
        }
        if (info.hasDiscovery()) {
            Json.message(json, "discovery", info.getDiscovery());
        }
        if (info.hasContainer()) {
            Json.message(json, "container", info.getContainer());
        }
        if (info.hasHealthCheck()) {
            Json.message(json, "health_check", info.getHealthCheck());
        }
        json.writeEndObject();
    }

    private static void queuedTask(JsonGenerator json, HeldTasks.View view) throws IOException {
        TaskInfo info = view.task();
        json.writeStartObject();
        json.writeStringField("id", view.key().taskId());
        json.writeStringField("name", info.getName());
        json.writeStringField("slave_id", info.getAgentId().getValue());
        ResourcesJson.write(json, "resources", info.getResourcesList());
        json.writeStringField("role", view.role());
        if (info.hasExecutor()) {
            json.writeStringField("executor_id", view.executorId());
        }
        if (info.hasCommand()) {
            command(json, info.getCommand());
        }
        if (info.hasDiscovery()) {
            Json.message(json, "discovery", info.getDiscovery());
        }
        json.writeEndObject();
    }

    private static void command(JsonGenerator json, CommandInfo command) throws IOException {
        json.writeObjectFieldStart("command");
        if (command.hasShell()) {
            json.writeBooleanField("shell", command.getShell());
        }
        if (command.hasValue()) {
            json.writeStringField("value", command.getValue());
        }
        Json.strings(json, "argv", command.getArgumentsList());
        json.writeArrayFieldStart("uris");
        for (CommandInfo.URI uri : command.getUrisList()) {
            json.writeStartObject();
            json.writeStringField("value", uri.getValue());
            json.writeBooleanField("executable", uri.getExecutable());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void status(JsonGenerator json, TaskStatus status) throws IOException {
        json.writeStartObject();
        json.writeStringField("state", status.getState().name());
        Json.number(json, "timestamp", status.getTimestamp());
        if (status.hasLabels()) {
            Json.labels(json, status.getLabels());
        }
        if (status.hasContainerStatus()) {
            // The process id of the executor is the agent's affair, and not part of this shape.
            Json.message(
                    json,
                    "container_status",
                    status.getContainerStatus().toBuilder().clearExecutorPid().build());
        }
        if (status.hasHealthy()) {
            json.writeBooleanField("healthy", status.getHealthy());
        }
        json.writeEndObject();
    }
}
