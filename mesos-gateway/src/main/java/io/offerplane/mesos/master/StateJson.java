package io.offerplane.mesos.master;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.engine.view.EngineView.RoleView;
import io.offerplane.engine.view.EngineView.TaskView;
import io.offerplane.mesos.GatewayConfig;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MasterIdentity;
import io.offerplane.mesos.translate.FrameworkTranslator;
import io.offerplane.mesos.translate.MaintenanceTranslator;
import io.offerplane.mesos.translate.OfferRulesTranslator;
import io.offerplane.mesos.translate.OfferTranslator;
import io.offerplane.mesos.translate.ResourceTranslator;
import io.offerplane.mesos.translate.StatusTranslator;
import io.offerplane.mesos.translate.TaskTranslator;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos;

/**
 * The engine's view in the JSON shapes of Mesos' endpoints. Names and order of fields are Mesos', as tools read them; agents are
 * {@code slaves} there. Safe for any thread.
 */
final class StateJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** What an agent of ours can do, by Mesos' names. */
    static final List<String> AGENT_CAPABILITIES = List.of(
            "MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT", "AGENT_DRAINING", "TASK_RESOURCE_LIMITS");

    private static final List<TaskState> COUNTED = List.of(
            TaskState.STAGING,
            TaskState.STARTING,
            TaskState.RUNNING,
            TaskState.KILLING,
            TaskState.FINISHED,
            TaskState.KILLED,
            TaskState.FAILED,
            TaskState.LOST,
            TaskState.ERROR,
            TaskState.UNREACHABLE);

    private final Supplier<MasterIdentity> identity;
    private final Leadership leadership;
    private final Optional<String> cluster;
    private final Map<String, String> flags;

    StateJson(
            Supplier<MasterIdentity> identity,
            Leadership leadership,
            Optional<String> cluster,
            Map<String, String> flags) {
        this.identity = identity;
        this.leadership = leadership;
        this.cluster = cluster;
        this.flags = new TreeMap<>(flags);
    }

    /** One endpoint's body. */
    @FunctionalInterface
    interface Page {
        void write(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException;
    }

    static byte[] bytes(MasterEndpoints.JsonBody body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            body.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toByteArray();
    }

    static void number(double value, JsonGenerator json) throws IOException {
        MesosJsonWriter.writeDouble(value, json);
    }

    // --- pages

    byte[] version() {
        return bytes(json -> {
            json.writeStartObject();
            versionFields(json);
            json.writeEndObject();
        });
    }

    byte[] flags() {
        return bytes(json -> {
            json.writeStartObject();
            flagsField(json);
            json.writeEndObject();
        });
    }

    void state(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        MasterIdentity master = identity.get();
        json.writeStartObject();
        versionFields(json);
        number("start_time", StatusTranslator.seconds(master.started()), json);
        if (leadership.isLeader()) {
            number("elected_time", StatusTranslator.seconds(master.elected()), json);
        }
        json.writeStringField("id", master.id());
        json.writeStringField("pid", master.pid());
        json.writeStringField("hostname", master.hostname());
        json.writeArrayFieldStart("capabilities");
        json.writeString("AGENT_UPDATE");
        json.writeString("AGENT_DRAINING");
        json.writeEndArray();
        number("activated_slaves", count(view, agent -> isActive(agent)), json);
        number("deactivated_slaves", count(view, agent -> isRegistered(agent) && !isActive(agent)), json);
        number("unreachable_slaves", count(view, agent -> agent.phase() == AgentView.Phase.UNREACHABLE), json);
        if (leadership.isLeader()) {
            json.writeStringField("leader", master.pid());
            json.writeObjectFieldStart("leader_info");
            json.writeStringField("id", master.id());
            json.writeStringField("pid", master.pid());
            json.writeNumberField("port", master.port());
            json.writeStringField("hostname", master.hostname());
            json.writeEndObject();
        }
        if (cluster.isPresent()) {
            json.writeStringField("cluster", cluster.get());
        }
        flagsField(json);
        slavesField(view, agent -> true, false, json);
        recoveredSlaves(view, json);
        frameworksFields(view, Optional.empty(), json);
        emptyArray("orphan_tasks", json);
        emptyArray("unregistered_frameworks", json);
        json.writeEndObject();
    }

    void slaves(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        Optional<String> id = Optional.ofNullable(query.get("slave_id"));
        json.writeStartObject();
        slavesField(view, agent -> id.isEmpty() || id.get().equals(agent.id().value()), true, json);
        recoveredSlaves(view, json);
        json.writeEndObject();
    }

    void frameworks(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        json.writeStartObject();
        frameworksFields(view, Optional.ofNullable(query.get("framework_id")), json);
        emptyArray("unregistered_frameworks", json);
        json.writeEndObject();
    }

    void tasks(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        Optional<String> framework = Optional.ofNullable(query.get("framework_id"));
        Optional<String> task = Optional.ofNullable(query.get("task_id"));
        int limit = natural(query.get("limit"), 100);
        int offset = natural(query.get("offset"), 0);
        List<TaskView> found = new ArrayList<>();
        for (FrameworkView owner : all(view)) {
            if (framework.isPresent() && !framework.get().equals(owner.id().value())) {
                continue;
            }
            for (List<TaskView> list : List.of(owner.tasks(), owner.unreachableTasks(), owner.completedTasks())) {
                for (TaskView one : list) {
                    if (task.isEmpty() || task.get().equals(one.spec().taskId().value())) {
                        found.add(one);
                    }
                }
            }
        }
        Comparator<TaskView> byStart =
                Comparator.comparing(one -> one.statuses().isEmpty()
                        ? Instant.EPOCH
                        : one.statuses().getFirst().timestamp());
        found.sort("asc".equals(query.get("order")) ? byStart : byStart.reversed());
        json.writeStartObject();
        json.writeArrayFieldStart("tasks");
        for (TaskView one : found.stream().skip(offset).limit(limit).toList()) {
            task(one, json);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    void summary(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        Map<AgentId, Map<TaskState, Integer>> byAgent = new HashMap<>();
        Map<AgentId, Set<FrameworkId>> frameworksOn = new HashMap<>();
        for (FrameworkView framework : view.frameworks()) {
            for (List<TaskView> list :
                    List.of(framework.tasks(), framework.unreachableTasks(), framework.completedTasks())) {
                for (TaskView task : list) {
                    byAgent.computeIfAbsent(task.agentId(), id -> new HashMap<>())
                            .merge(task.state(), 1, Integer::sum);
                    frameworksOn
                            .computeIfAbsent(task.agentId(), id -> new LinkedHashSet<>())
                            .add(framework.id());
                }
            }
        }
        json.writeStartObject();
        json.writeStringField("hostname", identity.get().hostname());
        if (cluster.isPresent()) {
            json.writeStringField("cluster", cluster.get());
        }
        json.writeArrayFieldStart("slaves");
        for (AgentView agent : view.agents()) {
            if (!isRegistered(agent)) {
                continue;
            }
            json.writeStartObject();
            slaveFields(agent, json);
            counts(byAgent.getOrDefault(agent.id(), Map.of()), json);
            json.writeArrayFieldStart("framework_ids");
            for (FrameworkId id : frameworksOn.getOrDefault(agent.id(), Set.of())) {
                json.writeString(id.value());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("frameworks");
        for (FrameworkView framework : view.frameworks()) {
            Map<TaskState, Integer> counts = new HashMap<>();
            Set<AgentId> agents = new LinkedHashSet<>();
            for (List<TaskView> list :
                    List.of(framework.tasks(), framework.unreachableTasks(), framework.completedTasks())) {
                for (TaskView task : list) {
                    counts.merge(task.state(), 1, Integer::sum);
                    agents.add(task.agentId());
                }
            }
            json.writeStartObject();
            frameworkSummary(framework, json);
            counts(counts, json);
            json.writeArrayFieldStart("slave_ids");
            for (AgentId id : agents) {
                json.writeString(id.value());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    void roles(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("roles");
        for (RoleView role : view.roles()) {
            String name = role.role().value();
            json.writeStartObject();
            json.writeStringField("name", name);
            number("weight", role.weight(), json);
            json.writeObjectFieldStart("quota");
            json.writeStringField("role", name);
            quantities("guarantee", role.quota().guarantees().amounts(), json);
            quantities("limit", role.quota().limits(), json);
            quantities("consumed", role.consumed().amounts(), json);
            json.writeEndObject();
            quantities(
                    "resources", role.allocated().plus(role.offered()).scalars().amounts(), json);
            quantities("allocated", role.allocated().scalars().amounts(), json);
            quantities("offered", role.offered().scalars().amounts(), json);
            quantities("reserved", role.reserved().amounts(), json);
            json.writeArrayFieldStart("frameworks");
            for (FrameworkId id : role.frameworks()) {
                json.writeString(id.value());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    void quota(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        MesosJsonWriter.write(QuotaCalls.status(view), json);
    }

    void weights(EngineView view, Map<String, String> query, JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (RoleView role : view.roles()) {
            if (role.weight() != 1.0) {
                json.writeStartObject();
                json.writeStringField("role", role.role().value());
                number("weight", role.weight(), json);
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    // --- parts

    private static void versionFields(JsonGenerator json) throws IOException {
        json.writeStringField("build_date", BuildInfo.DATE);
        number("build_time", BuildInfo.TIME, json);
        json.writeStringField("build_user", BuildInfo.USER);
        json.writeStringField("version", GatewayConfig.MESOS_VERSION);
    }

    private void flagsField(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("flags");
        for (Map.Entry<String, String> flag : flags.entrySet()) {
            json.writeStringField(flag.getKey(), flag.getValue());
        }
        json.writeEndObject();
    }

    private void slavesField(
            EngineView view, java.util.function.Predicate<AgentView> wanted, boolean full, JsonGenerator json)
            throws IOException {
        Map<AgentId, Map<RolePath, Resources>> used = full ? usedByRole(view) : Map.of();
        Map<AgentId, Map<RolePath, Resources>> offered = full ? offeredByRole(view) : Map.of();
        json.writeArrayFieldStart("slaves");
        for (AgentView agent : view.agents()) {
            if (!isRegistered(agent) || !wanted.test(agent)) {
                continue;
            }
            json.writeStartObject();
            slaveFields(agent, json);
            if (full) {
                json.writeObjectFieldStart("reserved_resources_full");
                for (Map.Entry<RolePath, Resources> reserved :
                        reserved(agent.total()).entrySet()) {
                    protos(
                            reserved.getKey().value(),
                            ResourceTranslator.forOperators(reserved.getValue(), Optional.empty()),
                            json);
                }
                json.writeEndObject();
                protos(
                        "unreserved_resources_full",
                        ResourceTranslator.forOperators(unreserved(agent.total()), Optional.empty()),
                        json);
                protos("used_resources_full", byRole(used.getOrDefault(agent.id(), Map.of())), json);
                protos("offered_resources_full", byRole(offered.getOrDefault(agent.id(), Map.of())), json);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void slaveFields(AgentView agent, JsonGenerator json) throws IOException {
        json.writeStringField("id", agent.id().value());
        json.writeStringField("hostname", agent.spec().hostname());
        json.writeNumberField("port", agent.spec().port());
        attributes(agent, json);
        if (agent.spec().faultDomain().isPresent()) {
            json.writeFieldName("domain");
            MesosJsonWriter.write(
                    OfferTranslator.domain(agent.spec().faultDomain().get()), json);
        }
        json.writeStringField("pid", pid(agent));
        if (agent.registered().isPresent()) {
            number(
                    "registered_time",
                    StatusTranslator.seconds(agent.registered().get()),
                    json);
        }
        if (agent.reregistered().isPresent()) {
            number(
                    "reregistered_time",
                    StatusTranslator.seconds(agent.reregistered().get()),
                    json);
        }
        resources("resources", agent.total(), json);
        resources("used_resources", agent.allocated(), json);
        resources("offered_resources", agent.offered(), json);
        json.writeObjectFieldStart("reserved_resources");
        for (Map.Entry<RolePath, Resources> reserved : reserved(agent.total()).entrySet()) {
            resources(reserved.getKey().value(), reserved.getValue(), json);
        }
        json.writeEndObject();
        resources("unreserved_resources", unreserved(agent.total()), json);
        json.writeBooleanField("active", isActive(agent));
        json.writeBooleanField("deactivated", agent.deactivated());
        if (agent.maintenance().drain().isPresent()) {
            EngineView.DrainView drain = agent.maintenance().drain().get();
            json.writeFieldName("drain_info");
            MesosJsonWriter.write(MaintenanceTranslator.drain(drain), json);
            number("estimated_drain_start_time_seconds", StatusTranslator.seconds(drain.since()), json);
        }
        json.writeStringField("version", GatewayConfig.MESOS_VERSION);
        json.writeArrayFieldStart("capabilities");
        for (String capability : AGENT_CAPABILITIES) {
            json.writeString(capability);
        }
        json.writeEndArray();
    }

    private static Map<RolePath, Resources> reserved(Resources total) {
        Map<RolePath, Resources> byRole = new TreeMap<>();
        total.bound().forEach((terms, amounts) -> terms.role()
                .ifPresent(role -> byRole.merge(role, Resources.of(terms, amounts), Resources::plus)));
        return byRole;
    }

    private static Resources unreserved(Resources total) {
        return total.on(terms -> !terms.isReserved());
    }

    private static void recoveredSlaves(EngineView view, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("recovered_slaves");
        for (AgentView agent : view.agents()) {
            if (agent.phase() == AgentView.Phase.RECOVERED) {
                json.writeStartObject();
                json.writeStringField("id", agent.id().value());
                json.writeStringField("hostname", agent.spec().hostname());
                json.writeNumberField("port", agent.spec().port());
                attributes(agent, json);
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    private static void frameworksFields(EngineView view, Optional<String> id, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("frameworks");
        for (FrameworkView framework : view.frameworks()) {
            if (id.isEmpty() || id.get().equals(framework.id().value())) {
                framework(framework, json);
            }
        }
        json.writeEndArray();
        json.writeArrayFieldStart("completed_frameworks");
        for (FrameworkView framework : view.completedFrameworks()) {
            if (id.isEmpty() || id.get().equals(framework.id().value())) {
                framework(framework, json);
            }
        }
        json.writeEndArray();
    }

    private static void frameworkSummary(FrameworkView framework, JsonGenerator json) throws IOException {
        Protos.FrameworkInfo info = FrameworkTranslator.toProto(framework.id(), framework.spec());
        json.writeStringField("id", framework.id().value());
        json.writeStringField("name", framework.spec().name());
        resources("used_resources", framework.allocated(), json);
        resources("offered_resources", framework.offered(), json);
        json.writeArrayFieldStart("capabilities");
        for (Protos.FrameworkInfo.Capability capability : info.getCapabilitiesList()) {
            json.writeString(capability.getType().name());
        }
        json.writeEndArray();
        json.writeStringField("hostname", info.getHostname());
        json.writeStringField("webui_url", info.getWebuiUrl());
        json.writeBooleanField("active", framework.active());
        json.writeBooleanField("connected", framework.connected());
        json.writeBooleanField("recovered", framework.recovered());
    }

    private static void framework(FrameworkView framework, JsonGenerator json) throws IOException {
        Protos.FrameworkInfo info = FrameworkTranslator.toProto(framework.id(), framework.spec());
        json.writeStartObject();
        frameworkSummary(framework, json);
        json.writeStringField("user", framework.spec().user());
        number("failover_timeout", info.getFailoverTimeout(), json);
        json.writeBooleanField("checkpoint", framework.spec().checkpoint());
        number("registered_time", StatusTranslator.seconds(framework.registered()), json);
        number(
                "unregistered_time",
                framework.unregistered().map(StatusTranslator::seconds).orElse(0.0),
                json);
        if (framework.spec().principal().isPresent()) {
            json.writeStringField("principal", framework.spec().principal().get());
        }
        resources("resources", framework.allocated().plus(framework.offered()), json);
        if (framework.reregistered().isPresent()
                && !framework.reregistered().get().equals(framework.registered())) {
            number(
                    "reregistered_time",
                    StatusTranslator.seconds(framework.reregistered().get()),
                    json);
        }
        if (framework.spec().has(FrameworkCapability.MULTI_ROLE)) {
            json.writeArrayFieldStart("roles");
            for (RolePath role : framework.spec().roles()) {
                json.writeString(role.value());
            }
            json.writeEndArray();
        } else {
            json.writeStringField(
                    "role",
                    framework.spec().roles().stream()
                            .findFirst()
                            .orElse(RolePath.DEFAULT)
                            .value());
        }
        tasksField("tasks", framework.tasks(), json);
        tasksField("unreachable_tasks", framework.unreachableTasks(), json);
        tasksField("completed_tasks", framework.completedTasks(), json);
        json.writeArrayFieldStart("offers");
        for (Offer offer : framework.offers()) {
            json.writeStartObject();
            json.writeStringField("id", offer.id().value());
            json.writeStringField("framework_id", framework.id().value());
            json.writeObjectFieldStart("allocation_info");
            json.writeStringField("role", offer.role().value());
            json.writeEndObject();
            json.writeStringField("slave_id", offer.agentId().value());
            resources("resources", offer.resources(), json);
            json.writeEndObject();
        }
        json.writeEndArray();
        emptyArray("executors", json);
        if (info.hasLabels()) {
            labels(info.getLabels(), json);
        }
        json.writeFieldName("offer_constraints");
        MesosJsonWriter.write(OfferRulesTranslator.constraints(framework.spec().offerRules()), json);
        json.writeEndObject();
    }

    private static void tasksField(String name, List<TaskView> tasks, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(name);
        for (TaskView task : tasks) {
            task(task, json);
        }
        json.writeEndArray();
    }

    private static void task(TaskView task, JsonGenerator json) throws IOException {
        Protos.TaskInfo info = TaskTranslator.toProto(task.spec());
        json.writeStartObject();
        json.writeStringField("id", task.spec().taskId().value());
        json.writeStringField("name", task.spec().name());
        json.writeStringField("framework_id", task.frameworkId().value());
        json.writeStringField(
                "executor_id",
                task.spec()
                        .executor()
                        .map(executor -> executor.executorId().value())
                        .orElse(""));
        json.writeStringField("slave_id", task.agentId().value());
        json.writeStringField("state", task.state().wireName());
        resources("resources", task.spec().resources(), json);
        if (info.getLimitsCount() > 0) {
            json.writeObjectFieldStart("limits");
            for (Map.Entry<String, Protos.Value.Scalar> limit :
                    info.getLimitsMap().entrySet()) {
                number(limit.getKey(), limit.getValue().getValue(), json);
            }
            json.writeEndObject();
        }
        json.writeStringField("role", task.role().value());
        json.writeArrayFieldStart("statuses");
        for (StatusUpdate status : task.statuses()) {
            status(status, json);
        }
        json.writeEndArray();
        if (info.getCommand().hasUser()) {
            json.writeStringField("user", info.getCommand().getUser());
        }
        if (info.hasLabels()) {
            labels(info.getLabels(), json);
        }
        if (info.hasDiscovery()) {
            json.writeFieldName("discovery");
            MesosJsonWriter.write(info.getDiscovery(), json);
        }
        if (info.hasContainer()) {
            json.writeFieldName("container");
            MesosJsonWriter.write(info.getContainer(), json);
        }
        if (info.hasHealthCheck()) {
            json.writeFieldName("health_check");
            MesosJsonWriter.write(info.getHealthCheck(), json);
        }
        json.writeEndObject();
    }

    private static void status(StatusUpdate update, JsonGenerator json) throws IOException {
        Protos.TaskStatus status = StatusTranslator.toProto(update);
        json.writeStartObject();
        json.writeStringField("state", update.state().wireName());
        number("timestamp", status.getTimestamp(), json);
        if (status.hasLabels()) {
            labels(status.getLabels(), json);
        }
        if (status.hasContainerStatus()) {
            json.writeFieldName("container_status");
            // The process id of the executor is the agent's affair, and not part of this shape.
            MesosJsonWriter.write(
                    status.getContainerStatus().toBuilder().clearExecutorPid().build(), json);
        }
        if (status.hasHealthy()) {
            json.writeBooleanField("healthy", status.getHealthy());
        }
        json.writeEndObject();
    }

    private static void labels(Protos.Labels labels, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("labels");
        for (Protos.Label label : labels.getLabelsList()) {
            MesosJsonWriter.write(label, json);
        }
        json.writeEndArray();
    }

    private static void attributes(AgentView agent, JsonGenerator json) throws IOException {
        Map<String, Attribute.Value> first = new LinkedHashMap<>();
        agent.spec().attributes().forEach(attribute -> first.putIfAbsent(attribute.name(), attribute.value()));
        json.writeObjectFieldStart("attributes");
        for (Map.Entry<String, Attribute.Value> attribute : first.entrySet()) {
            switch (attribute.getValue()) {
                case Attribute.Value.Text(String text) -> json.writeStringField(attribute.getKey(), text);
                case Attribute.Value.Scalar(double value) -> number(attribute.getKey(), value, json);
                case Attribute.Value.RangeList(var ranges) ->
                    json.writeStringField(attribute.getKey(), ranges.toString());
                case Attribute.Value.Items(var items) -> json.writeStringField(attribute.getKey(), items.toString());
            }
        }
        json.writeEndObject();
    }

    /** Mesos' summary of resources: the four that everybody asks for always, the rest where there are any; what may be taken back apart. */
    private static void resources(String name, Resources resources, JsonGenerator json) throws IOException {
        Map<String, Double> scalars = new LinkedHashMap<>();
        ResourceQuantities kept = resources.nonRevocable().scalars();
        for (String always : List.of("disk", "mem", "gpus", "cpus")) {
            scalars.put(always, kept.get(always).units());
        }
        kept.amounts().forEach((key, amount) -> scalars.put(key, amount.units()));
        resources
                .revocable()
                .scalars()
                .amounts()
                .forEach((key, amount) -> scalars.put(key + "_revocable", amount.units()));
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, Double> scalar : scalars.entrySet()) {
            number(scalar.getKey(), scalar.getValue(), json);
        }
        for (var ranges : resources.ranges().entrySet()) {
            json.writeStringField(ranges.getKey(), ranges.getValue().toString());
        }
        for (var set : resources.sets().entrySet()) {
            json.writeStringField(set.getKey(), set.getValue().toString());
        }
        json.writeEndObject();
    }

    private static void quantities(String name, Map<String, Quantity> amounts, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, Quantity> amount : amounts.entrySet()) {
            number(amount.getKey(), amount.getValue().units(), json);
        }
        json.writeEndObject();
    }

    private static void counts(Map<TaskState, Integer> counts, JsonGenerator json) throws IOException {
        for (TaskState state : COUNTED) {
            json.writeNumberField(state.wireName(), counts.getOrDefault(state, 0));
        }
    }

    private static Map<AgentId, Map<RolePath, Resources>> usedByRole(EngineView view) {
        Map<AgentId, Map<RolePath, Resources>> used = new HashMap<>();
        for (FrameworkView framework : view.frameworks()) {
            for (TaskView task : framework.tasks()) {
                if (!task.state().isTerminal()) {
                    used.computeIfAbsent(task.agentId(), id -> new TreeMap<>())
                            .merge(task.role(), task.spec().resources(), Resources::plus);
                }
            }
        }
        return used;
    }

    private static Map<AgentId, Map<RolePath, Resources>> offeredByRole(EngineView view) {
        Map<AgentId, Map<RolePath, Resources>> offered = new HashMap<>();
        for (FrameworkView framework : view.frameworks()) {
            for (Offer offer : framework.offers()) {
                offered.computeIfAbsent(offer.agentId(), id -> new TreeMap<>())
                        .merge(offer.role(), offer.resources(), Resources::plus);
            }
        }
        return offered;
    }

    private static List<Protos.Resource> byRole(Map<RolePath, Resources> resources) {
        List<Protos.Resource> list = new ArrayList<>();
        resources.forEach((role, part) -> list.addAll(ResourceTranslator.forOperators(part, Optional.of(role))));
        return list;
    }

    private static void protos(String name, List<Protos.Resource> resources, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(name);
        for (Protos.Resource resource : resources) {
            MesosJsonWriter.write(resource, json);
        }
        json.writeEndArray();
    }

    private static void number(String name, double value, JsonGenerator json) throws IOException {
        json.writeFieldName(name);
        number(value, json);
    }

    private static void emptyArray(String name, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(name);
        json.writeEndArray();
    }

    private static int natural(@org.jspecify.annotations.Nullable String text, int otherwise) {
        if (text == null || !text.matches("[0-9]{1,9}")) {
            return otherwise;
        }
        return Integer.parseInt(text);
    }

    private static List<FrameworkView> all(EngineView view) {
        List<FrameworkView> all = new ArrayList<>(view.frameworks());
        all.addAll(view.completedFrameworks());
        return all;
    }

    static String pid(AgentView agent) {
        return "slave(1)@" + agent.spec().ip() + ":" + agent.spec().port();
    }

    static boolean isRegistered(AgentView agent) {
        return (agent.phase() == AgentView.Phase.CONNECTED || agent.phase() == AgentView.Phase.DISCONNECTED)
                && !agent.maintenance().down();
    }

    static boolean isActive(AgentView agent) {
        return isRegistered(agent) && agent.phase() == AgentView.Phase.CONNECTED && !agent.deactivated();
    }

    private static double count(EngineView view, java.util.function.Predicate<AgentView> wanted) {
        return view.agents().stream().filter(wanted).count();
    }
}
