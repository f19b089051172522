package io.offerplane.mesos.master;

import com.google.protobuf.Message;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.engine.view.EngineView.TaskView;
import io.offerplane.mesos.Credentials.Realm;
import io.offerplane.mesos.GatewayConfig;
import io.offerplane.mesos.MasterIdentity;
import io.offerplane.mesos.access.Gatekeeper;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.Exchange;
import io.offerplane.mesos.http.MediaType;
import io.offerplane.mesos.http.Router;
import io.offerplane.mesos.scheduler.CallReader;
import io.offerplane.mesos.translate.FrameworkTranslator;
import io.offerplane.mesos.translate.MaintenanceTranslator;
import io.offerplane.mesos.translate.OfferRulesTranslator;
import io.offerplane.mesos.translate.OfferTranslator;
import io.offerplane.mesos.translate.ResourceTranslator;
import io.offerplane.mesos.translate.StatusTranslator;
import io.offerplane.mesos.translate.TaskTranslator;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Response;

/** {@code POST /api/v1}: the operator API, as far as what there is can be read, and TEARDOWN. */
final class OperatorApi implements Router.Endpoint {
    private final EngineGate gate;
    private final Gatekeeper gatekeeper;
    private final Supplier<MasterIdentity> identity;
    private final MetricsSnapshot metrics;
    private final Map<String, String> flags;
    private final ExecutorService renderers;
    private final QuotaCalls quotas;
    private final MaintenanceCalls maintenance;

    OperatorApi(
            EngineGate gate,
            Gatekeeper gatekeeper,
            Supplier<MasterIdentity> identity,
            MetricsSnapshot metrics,
            Map<String, String> flags,
            ExecutorService renderers,
            QuotaCalls quotas,
            MaintenanceCalls maintenance) {
        this.gate = gate;
        this.gatekeeper = gatekeeper;
        this.identity = identity;
        this.metrics = metrics;
        this.flags = new TreeMap<>(flags);
        this.renderers = renderers;
        this.quotas = quotas;
        this.maintenance = maintenance;
    }

    @Override
    public void handle(Exchange exchange) {
        if (gatekeeper.admit(exchange, Realm.READ_WRITE) instanceof Gatekeeper.Outcome.Turned(Answer answer)) {
            exchange.respond(answer);
            return;
        }
        if (!exchange.method().equals("POST")) {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), "POST"));
            return;
        }
        Optional<String> contentType = exchange.header("Content-Type");
        if (contentType.isEmpty()) {
            exchange.respond(Answer.text(400, "Expecting 'Content-Type' to be present"));
            return;
        }
        Optional<MediaType> sent = MediaType.ofContentType(contentType.get());
        if (sent.isEmpty()) {
            exchange.respond(
                    Answer.text(415, "Expecting 'Content-Type' of application/json or application/x-protobuf"));
            return;
        }
        Call.Builder builder = Call.newBuilder();
        try {
            CallReader.read(exchange.body(), sent.get(), builder);
        } catch (CallReader.UnreadableCall e) {
            exchange.respond(Answer.text(400, e.answer()));
            return;
        }
        Call call = builder.build();
        Optional<String> fault = fault(call);
        if (fault.isPresent()) {
            exchange.respond(Answer.text(400, "Failed to validate master::Call: " + fault.get()));
            return;
        }
        Optional<MediaType> form = MediaType.acceptable(exchange.headers("Accept"));
        if (form.isEmpty()) {
            exchange.respond(
                    Answer.text(406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'"));
            return;
        }
        if (call.getType() == Call.Type.TEARDOWN) {
            MasterEndpoints.tearDown(
                    gate,
                    exchange,
                    new FrameworkId(call.getTeardown().getFrameworkId().getValue()));
            return;
        }
        Optional<ResourceCalls.Asked> change = ResourceCalls.of(call);
        if (change.isPresent()) {
            ResourceCalls.carryOut(gate, exchange, change.get());
            return;
        }
        if (quotas.handle(call, exchange) || maintenance.handle(call, exchange)) {
            return;
        }
        EngineView view = gate.view();
        MasterEndpoints.offLoop(
                renderers,
                exchange,
                () -> exchange.respond(response(call, view)
                        .map(response -> answer(response, form.get()))
                        .orElseGet(() -> Answer.text(501, "501 Not Implemented."))));
    }

    private static Answer answer(Message response, MediaType form) {
        return Answer.of(
                form.wireName(),
                switch (form) {
                    case JSON -> MesosJsonWriter.toBytes(response);
                    case PROTOBUF -> response.toByteArray();
                });
    }

    private static Optional<String> fault(Call call) {
        if (!call.hasType()) {
            return Optional.of("Expecting 'type' to be present");
        }
        if (call.getType() == Call.Type.GET_METRICS && !call.hasGetMetrics()) {
            return Optional.of("Expecting 'get_metrics' to be present");
        }
        if (call.getType() == Call.Type.TEARDOWN && !call.hasTeardown()) {
            return Optional.of("Expecting 'teardown' to be present");
        }
        return ResourceCalls.fault(call).or(() -> QuotaCalls.fault(call)).or(() -> MaintenanceCalls.fault(call));
    }

    /** The answer of a call that reads; empty for those that this master doesn't know. */
    private Optional<Response> response(Call call, EngineView view) {
        Response.Builder response = Response.newBuilder();
        switch (call.getType()) {
            case GET_HEALTH ->
                response.setType(Response.Type.GET_HEALTH)
                        .setGetHealth(Response.GetHealth.newBuilder().setHealthy(true));
            case GET_FLAGS -> {
                Response.GetFlags.Builder list = Response.GetFlags.newBuilder();
                flags.forEach((name, value) ->
                        list.addFlags(Protos.Flag.newBuilder().setName(name).setValue(value)));
                response.setType(Response.Type.GET_FLAGS).setGetFlags(list);
            }
            case GET_VERSION ->
                response.setType(Response.Type.GET_VERSION)
                        .setGetVersion(Response.GetVersion.newBuilder()
                                .setVersionInfo(Protos.VersionInfo.newBuilder()
                                        .setVersion(GatewayConfig.MESOS_VERSION)
                                        .setBuildDate(BuildInfo.DATE)
                                        .setBuildTime(BuildInfo.TIME)
                                        .setBuildUser(BuildInfo.USER)));
            case GET_METRICS -> {
                Response.GetMetrics.Builder list = Response.GetMetrics.newBuilder();
                metrics.values(Optional.of(view))
                        .forEach((name, value) -> list.addMetrics(
                                Protos.Metric.newBuilder().setName(name).setValue(value)));
                response.setType(Response.Type.GET_METRICS).setGetMetrics(list);
            }
            case GET_STATE ->
                response.setType(Response.Type.GET_STATE)
                        .setGetState(Response.GetState.newBuilder()
                                .setGetTasks(tasks(view))
                                .setGetExecutors(Response.GetExecutors.getDefaultInstance())
                                .setGetFrameworks(frameworks(view))
                                .setGetAgents(agents(view)));
            case GET_AGENTS -> response.setType(Response.Type.GET_AGENTS).setGetAgents(agents(view));
            case GET_FRAMEWORKS ->
                response.setType(Response.Type.GET_FRAMEWORKS).setGetFrameworks(frameworks(view));
            case GET_EXECUTORS ->
                response.setType(Response.Type.GET_EXECUTORS)
                        .setGetExecutors(Response.GetExecutors.getDefaultInstance());
            case GET_OPERATIONS ->
                response.setType(Response.Type.GET_OPERATIONS)
                        .setGetOperations(Response.GetOperations.getDefaultInstance());
            case GET_TASKS -> response.setType(Response.Type.GET_TASKS).setGetTasks(tasks(view));
            case GET_ROLES -> response.setType(Response.Type.GET_ROLES).setGetRoles(roles(view));
            case GET_WEIGHTS -> {
                Response.GetWeights.Builder list = Response.GetWeights.newBuilder();
                view.roles().stream().filter(role -> role.weight() != 1.0).forEach(role -> list.addWeightInfosBuilder()
                        .setRole(role.role().value())
                        .setWeight(role.weight()));
                response.setType(Response.Type.GET_WEIGHTS).setGetWeights(list);
            }
            case GET_QUOTA ->
                response.setType(Response.Type.GET_QUOTA)
                        .setGetQuota(Response.GetQuota.newBuilder().setStatus(QuotaCalls.status(view)));
            case GET_MAINTENANCE_SCHEDULE ->
                response.setType(Response.Type.GET_MAINTENANCE_SCHEDULE)
                        .setGetMaintenanceSchedule(Response.GetMaintenanceSchedule.newBuilder()
                                .setSchedule(MaintenanceTranslator.schedule(view.maintenance())));
            case GET_MAINTENANCE_STATUS ->
                response.setType(Response.Type.GET_MAINTENANCE_STATUS)
                        .setGetMaintenanceStatus(Response.GetMaintenanceStatus.newBuilder()
                                .setStatus(MaintenanceTranslator.status(view.maintenance(), view.agents())));
            case GET_MASTER -> {
                MasterIdentity master = identity.get();
                response.setType(Response.Type.GET_MASTER)
                        .setGetMaster(Response.GetMaster.newBuilder()
                                .setMasterInfo(master.toProto())
                                .setStartTime(StatusTranslator.seconds(master.started()))
                                .setElectedTime(StatusTranslator.seconds(master.elected())));
            }
            default -> {
                return Optional.empty();
            }
        }
        return Optional.of(response.build());
    }

    private static Response.GetAgents agents(EngineView view) {
        Response.GetAgents.Builder list = Response.GetAgents.newBuilder();
        for (AgentView agent : view.agents()) {
            if (agent.phase() == AgentView.Phase.RECOVERED) {
                list.addRecoveredAgents(info(agent));
            } else if (StateJson.isRegistered(agent)) {
                list.addAgents(agent(agent));
            }
        }
        return list.build();
    }

    private static Response.GetAgents.Agent agent(AgentView agent) {
        Response.GetAgents.Agent.Builder builder = Response.GetAgents.Agent.newBuilder()
                .setAgentInfo(info(agent))
                .setActive(StateJson.isActive(agent))
                .setDeactivated(agent.deactivated())
                .setVersion(GatewayConfig.MESOS_VERSION)
                .setPid(StateJson.pid(agent))
                .addAllTotalResources(ResourceTranslator.forOperators(agent.total(), Optional.empty()))
                .addAllAllocatedResources(ResourceTranslator.forOperators(agent.allocated(), Optional.empty()))
                .addAllOfferedResources(ResourceTranslator.forOperators(agent.offered(), Optional.empty()));
        agent.registered().ifPresent(at -> builder.setRegisteredTime(time(at)));
        agent.reregistered().ifPresent(at -> builder.setReregisteredTime(time(at)));
        agent.maintenance().drain().ifPresent(drain -> builder.setDrainInfo(MaintenanceTranslator.drain(drain))
                .setEstimatedDrainStartTime(MaintenanceTranslator.time(drain.since())));
        for (String capability : StateJson.AGENT_CAPABILITIES) {
            builder.addCapabilitiesBuilder().setType(Protos.AgentInfo.Capability.Type.valueOf(capability));
        }
        return builder.build();
    }

    private static Protos.AgentInfo info(AgentView agent) {
        Protos.AgentInfo.Builder info = Protos.AgentInfo.newBuilder()
                .setHostname(agent.spec().hostname())
                .setPort(agent.spec().port())
                .setId(Protos.AgentID.newBuilder().setValue(agent.id().value()))
                .addAllResources(ResourceTranslator.toProto(agent.total(), Optional.empty(), true));
        for (Attribute attribute : agent.spec().attributes()) {
            info.addAttributes(OfferTranslator.attribute(attribute));
        }
        agent.spec().faultDomain().ifPresent(domain -> info.setDomain(OfferTranslator.domain(domain)));
        return info.build();
    }

    private static Response.GetFrameworks frameworks(EngineView view) {
        Response.GetFrameworks.Builder list = Response.GetFrameworks.newBuilder();
        view.frameworks().forEach(framework -> list.addFrameworks(framework(framework)));
        view.completedFrameworks().forEach(framework -> list.addCompletedFrameworks(framework(framework)));
        return list.build();
    }

    private static Response.GetFrameworks.Framework framework(FrameworkView framework) {
        Optional<RolePath> role = framework.spec().roles().stream().findFirst();
        Response.GetFrameworks.Framework.Builder builder = Response.GetFrameworks.Framework.newBuilder()
                .setFrameworkInfo(FrameworkTranslator.toProto(framework.id(), framework.spec()))
                .setActive(framework.active())
                .setConnected(framework.connected())
                .setRecovered(framework.recovered())
                .setRegisteredTime(time(framework.registered()))
                .setReregisteredTime(time(framework.reregistered().orElse(framework.registered())))
                .addAllAllocatedResources(ResourceTranslator.forOperators(framework.allocated(), role))
                .addAllOfferedResources(ResourceTranslator.forOperators(framework.offered(), role));
        if (!framework.spec().offerRules().constraints().isEmpty()) {
            builder.setOfferConstraints(
                    OfferRulesTranslator.constraints(framework.spec().offerRules()));
        }
        framework.unregistered().ifPresent(at -> builder.setUnregisteredTime(time(at)));
        framework.offers().forEach(offer -> builder.addOffers(OfferTranslator.toProto(offer, framework.spec())));
        framework.inverseOffers().forEach(offer -> builder.addInverseOffers(MaintenanceTranslator.toProto(offer)));
        return builder.build();
    }

    private static Response.GetTasks tasks(EngineView view) {
        Response.GetTasks.Builder list = Response.GetTasks.newBuilder();
        for (FrameworkView framework : view.frameworks()) {
            framework.tasks().forEach(task -> list.addTasks(task(task)));
            framework.unreachableTasks().forEach(task -> list.addUnreachableTasks(task(task)));
            framework.completedTasks().forEach(task -> list.addCompletedTasks(task(task)));
        }
        for (FrameworkView framework : view.completedFrameworks()) {
            framework.completedTasks().forEach(task -> list.addCompletedTasks(task(task)));
        }
        return list.build();
    }

    private static Protos.Task task(TaskView task) {
        Protos.TaskInfo info = TaskTranslator.toProto(task.spec());
        Protos.Task.Builder builder = Protos.Task.newBuilder()
                .setName(task.spec().name())
                .setTaskId(info.getTaskId())
                .setFrameworkId(Protos.FrameworkID.newBuilder()
                        .setValue(task.frameworkId().value()))
                .setAgentId(Protos.AgentID.newBuilder().setValue(task.agentId().value()))
                .setState(StatusTranslator.state(task.state()))
                .addAllResources(ResourceTranslator.toProto(task.spec().resources(), Optional.of(task.role()), true));
        task.statuses().forEach(status -> builder.addStatuses(StatusTranslator.toProto(status)));
        if (!task.statuses().isEmpty()) {
            var last = task.statuses().getLast();
            builder.setStatusUpdateState(StatusTranslator.state(last.state()));
            last.uuid().ifPresent(uuid -> builder.setStatusUpdateUuid(StatusTranslator.bytes(uuid)));
        }
        if (info.hasLabels()) {
            builder.setLabels(info.getLabels());
        }
        if (info.hasDiscovery()) {
            builder.setDiscovery(info.getDiscovery());
        }
        if (info.hasContainer()) {
            builder.setContainer(info.getContainer());
        }
        if (info.hasHealthCheck()) {
            builder.setHealthCheck(info.getHealthCheck());
        }
        if (info.getCommand().hasUser()) {
            builder.setUser(info.getCommand().getUser());
        }
        return builder.build();
    }

    private static Response.GetRoles roles(EngineView view) {
        Response.GetRoles.Builder list = Response.GetRoles.newBuilder();
        for (EngineView.RoleView role : view.roles()) {
            Protos.Role.Builder builder = Protos.Role.newBuilder()
                    .setName(role.role().value())
                    .setWeight(role.weight())
                    .addAllResources(
                            ResourceTranslator.toProto(role.allocated().plus(role.offered()), Optional.empty(), true));
            role.frameworks()
                    .forEach(id -> builder.addFrameworks(
                            Protos.FrameworkID.newBuilder().setValue(id.value())));
            list.addRoles(builder);
        }
        return list.build();
    }

    private static Protos.TimeInfo time(Instant at) {
        return Protos.TimeInfo.newBuilder()
                .setNanoseconds(at.getEpochSecond() * 1_000_000_000L + at.getNano())
                .build();
    }
}
