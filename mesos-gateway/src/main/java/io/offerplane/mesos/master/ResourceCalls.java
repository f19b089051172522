package io.offerplane.mesos.master;

import com.google.protobuf.Message;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.offer.Operation.Change;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.Exchange;
import io.offerplane.mesos.http.RequestTarget;
import io.offerplane.mesos.translate.ChangeTranslator;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.Offer.Operation;
import org.apache.mesos.v1.master.Protos.Call;

/** What operators ask of an agent's resources, by the API's calls and by the old endpoints that take forms. */
final class ResourceCalls {
    private ResourceCalls() {}

    /** A change asked for. */
    record Asked(AgentId agent, ChangeTranslator.Parsed parsed) {}

    /** What is missing in a call of this kind, or can't be; empty for other calls, too. */
    static Optional<String> fault(Call call) {
        boolean present =
                switch (call.getType()) {
                    case RESERVE_RESOURCES -> call.hasReserveResources();
                    case UNRESERVE_RESOURCES -> call.hasUnreserveResources();
                    case CREATE_VOLUMES -> call.hasCreateVolumes();
                    case DESTROY_VOLUMES -> call.hasDestroyVolumes();
                    case GROW_VOLUME -> call.hasGrowVolume();
                    case SHRINK_VOLUME -> call.hasShrinkVolume();
                    default -> true;
                };
        return present
                ? of(call).flatMap(asked -> asked.parsed().fault())
                : Optional.of(
                        "Expecting '" + call.getType().name().toLowerCase(java.util.Locale.ROOT) + "' to be present");
    }

    static Optional<Asked> of(Call call) {
        return switch (call.getType()) {
            case RESERVE_RESOURCES -> {
                Call.ReserveResources reserve = call.getReserveResources();
                yield asked(
                        reserve.getAgentId(),
                        unallocated(
                                ChangeTranslator.reserve(
                                        reserve.getResourcesList(), reserve.getSourceList(), Optional.empty()),
                                reserve.getResourcesList()));
            }
            case UNRESERVE_RESOURCES ->
                asked(
                        call.getUnreserveResources().getAgentId(),
                        ChangeTranslator.unreserve(call.getUnreserveResources().getResourcesList(), Optional.empty()));
            case CREATE_VOLUMES ->
                asked(
                        call.getCreateVolumes().getAgentId(),
                        ChangeTranslator.create(call.getCreateVolumes().getVolumesList(), Optional.empty()));
            case DESTROY_VOLUMES ->
                asked(
                        call.getDestroyVolumes().getAgentId(),
                        ChangeTranslator.destroy(call.getDestroyVolumes().getVolumesList(), Optional.empty()));
            case GROW_VOLUME ->
                asked(
                        call.getGrowVolume().getAgentId(),
                        ChangeTranslator.grow(
                                call.getGrowVolume().getVolume(),
                                call.getGrowVolume().getAddition(),
                                Optional.empty()));
            case SHRINK_VOLUME ->
                asked(
                        call.getShrinkVolume().getAgentId(),
                        ChangeTranslator.shrink(
                                call.getShrinkVolume().getVolume(),
                                call.getShrinkVolume().getSubtract(),
                                Optional.empty()));
            default -> Optional.empty();
        };
    }

    private static Optional<Asked> asked(Protos.AgentID agent, ChangeTranslator.Parsed parsed) {
        return Optional.of(new Asked(new AgentId(agent.getValue()), parsed));
    }

    private static ChangeTranslator.Parsed unallocated(
            ChangeTranslator.Parsed parsed, List<Protos.Resource> resources) {
        Change change = parsed.change();
        if (resources.stream().noneMatch(Protos.Resource::hasAllocationInfo)) {
            return parsed;
        }
        Optional<String> fault = Optional.of("A reserve operation was attempted with an allocated resource, but the"
                + " operator API only allows reservations to be made to unallocated resources");
        return new ChangeTranslator.Parsed(
                new Change(change.kind(), change.resources(), change.other(), change.operationId(), fault),
                parsed.fault());
    }

    static void carryOut(EngineGate gate, Exchange exchange, Asked asked) {
        Command command =
                new Command.ChangeResources(asked.agent(), asked.parsed().change(), gate.now());
        boolean queued = gate.submit(command, answer -> {
            if (answer instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String message)) {
                exchange.respond(Answer.text(reason == Decision.Answer.Reason.CONFLICT ? 409 : 400, message));
            } else {
                exchange.respond(Answer.empty(202));
            }
        });
        if (!queued) {
            exchange.respond(Answer.busy());
        }
    }

    /** The form's agent and resources as a change. */
    enum Form {
        RESERVE("resources", Operation.Reserve.newBuilder()),
        UNRESERVE("resources", Operation.Unreserve.newBuilder()),
        CREATE("volumes", Operation.Create.newBuilder()),
        DESTROY("volumes", Operation.Destroy.newBuilder());

        private final String field;
        private final Message empty;

        Form(String field, Message.Builder builder) {
            this.field = field;
            this.empty = builder.build();
        }

        private ChangeTranslator.Parsed parsed(Message read) {
            return switch (this) {
                case RESERVE ->
                    ChangeTranslator.reserve(
                            ((Operation.Reserve) read).getResourcesList(),
                            ((Operation.Reserve) read).getSourceList(),
                            Optional.empty());
                case UNRESERVE ->
                    ChangeTranslator.unreserve(((Operation.Unreserve) read).getResourcesList(), Optional.empty());
                case CREATE -> ChangeTranslator.create(((Operation.Create) read).getVolumesList(), Optional.empty());
                case DESTROY -> ChangeTranslator.destroy(((Operation.Destroy) read).getVolumesList(), Optional.empty());
            };
        }

        void handle(EngineGate gate, Exchange exchange) {
            if (!exchange.method().equals("POST")) {
                exchange.respond(Answer.methodNotAllowed(exchange.method(), "POST"));
                return;
            }
            Map<String, String> form = RequestTarget.parameters(new String(exchange.body(), StandardCharsets.UTF_8));
            String agent = form.get("slaveId");
            String list = form.get(field);
            if (agent == null || list == null) {
                exchange.respond(Answer.text(
                        400,
                        "Missing '" + (agent == null ? "slaveId" : field) + "' query parameter in the request body"));
                return;
            }
            Message.Builder builder = empty.newBuilderForType();
            String source = form.getOrDefault("source", "[]");
            String json =
                    "{" + (this == RESERVE ? "\"source\":" + source + "," : "") + "\"" + field + "\":" + list + "}";
            try {
                MesosJsonReader.merge(json.getBytes(StandardCharsets.UTF_8), builder);
            } catch (MalformedMessageException e) {
                exchange.respond(Answer.text(
                        400, "Error parsing '" + field + "' query parameter in the request body: " + e.text()));
                return;
            }
            ChangeTranslator.Parsed parsed = parsed(builder.build());
            if (parsed.fault().isPresent()) {
                exchange.respond(Answer.text(400, parsed.fault().get()));
                return;
            }
            carryOut(gate, exchange, new Asked(new AgentId(agent), parsed));
        }
    }
}
