package io.offerplane.mesos.master;

import com.google.protobuf.Message;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.view.EngineView;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.Exchange;
import io.offerplane.mesos.translate.MaintenanceTranslator;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.master.Protos.Call;

/** Maintenance and drains as operators set and see them: the API's calls, {@code /maintenance/...} and {@code /machine/...}. */
final class MaintenanceCalls {
    private static final String NOT_AN_ARRAY = "Unexpected JSON type parsed";

    private final EngineGate gate;

    MaintenanceCalls(EngineGate gate) {
        this.gate = gate;
    }

    /** What is missing in a call of this kind; empty for other calls, too. */
    static Optional<String> fault(Call call) {
        boolean present =
                switch (call.getType()) {
                    case UPDATE_MAINTENANCE_SCHEDULE -> call.hasUpdateMaintenanceSchedule();
                    case START_MAINTENANCE -> call.hasStartMaintenance();
                    case STOP_MAINTENANCE -> call.hasStopMaintenance();
                    case DRAIN_AGENT -> call.hasDrainAgent();
                    case DEACTIVATE_AGENT -> call.hasDeactivateAgent();
                    case REACTIVATE_AGENT -> call.hasReactivateAgent();
                    default -> true;
                };
        return present
                ? Optional.empty()
                : Optional.of("Expecting '" + call.getType().name().toLowerCase(Locale.ROOT) + "' to be present");
    }

    /** Whether the call was one of these, and has been taken in. */
    boolean handle(Call call, Exchange exchange) {
        switch (call.getType()) {
            case UPDATE_MAINTENANCE_SCHEDULE ->
                submit(schedule(call.getUpdateMaintenanceSchedule().getSchedule()), exchange);
            case START_MAINTENANCE ->
                submit(
                        new Command.StartMaintenance(
                                MaintenanceTranslator.machines(
                                        call.getStartMaintenance().getMachinesList()),
                                gate.now()),
                        exchange);
            case STOP_MAINTENANCE ->
                submit(
                        new Command.StopMaintenance(
                                MaintenanceTranslator.machines(
                                        call.getStopMaintenance().getMachinesList()),
                                gate.now()),
                        exchange);
            case DRAIN_AGENT -> {
                Call.DrainAgent drain = call.getDrainAgent();
                com.google.protobuf.Duration most = drain.getMaxGracePeriod();
                Optional<Duration> grace = drain.hasMaxGracePeriod()
                        ? Optional.of(Duration.ofSeconds(Math.max(0, most.getSeconds()), Math.max(0, most.getNanos())))
                        : Optional.empty();
                submit(
                        new Command.DrainAgent(
                                id(drain.getAgentId()), new DrainConfig(grace, drain.getMarkGone()), gate.now()),
                        exchange);
            }
            case DEACTIVATE_AGENT ->
                submit(new Command.DeactivateAgent(id(call.getDeactivateAgent().getAgentId()), gate.now()), exchange);
            case REACTIVATE_AGENT ->
                submit(new Command.ActivateAgent(id(call.getReactivateAgent().getAgentId()), gate.now()), exchange);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static AgentId id(Protos.AgentID id) {
        return new AgentId(id.getValue());
    }

    private Command schedule(Schedule schedule) {
        return new Command.UpdateMaintenanceSchedule(MaintenanceTranslator.windows(schedule), gate.now());
    }

    private void submit(Command command, Exchange exchange) {
        boolean queued = gate.submit(
                command,
                answer -> exchange.respond(
                        answer instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String message)
                                ? Answer.text(reason == Decision.Answer.Reason.CONFLICT ? 409 : 400, message)
                                : Answer.empty(200)));
        if (!queued) {
            exchange.respond(Answer.busy());
        }
    }

    /** {@code POST /maintenance/schedule}. */
    void postSchedule(Exchange exchange) {
        Schedule.Builder builder = Schedule.newBuilder();
        if (read(exchange, exchange.body(), builder)) {
            submit(schedule(builder.build()), exchange);
        }
    }

    /** {@code GET /maintenance/schedule}. */
    static byte[] schedule(EngineView view) {
        return MesosJsonWriter.toBytes(MaintenanceTranslator.schedule(view.maintenance()));
    }

    /** {@code GET /maintenance/status}. */
    static byte[] status(EngineView view) {
        return MesosJsonWriter.toBytes(MaintenanceTranslator.status(view.maintenance(), view.agents()));
    }

    /** {@code POST /machine/down}. */
    void postDown(Exchange exchange) {
        machines(
                exchange,
                call -> new Command.StartMaintenance(
                        MaintenanceTranslator.machines(call.getMachinesList()), gate.now()));
    }

    /** {@code POST /machine/up}. */
    void postUp(Exchange exchange) {
        machines(
                exchange,
                call -> new Command.StopMaintenance(
                        MaintenanceTranslator.machines(call.getMachinesList()), gate.now()));
    }

    /** The body is a bare list, which no message is: it is read as the list of a call. */
    private void machines(Exchange exchange, Function<Call.StartMaintenance, Command> command) {
        if (!exchange.method().equals("POST")) {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), "POST"));
            return;
        }
        String body = new String(exchange.body(), StandardCharsets.UTF_8).strip();
        if (body.startsWith("{") || body.startsWith("\"")) {
            exchange.respond(Answer.text(400, NOT_AN_ARRAY));
            return;
        }
        ByteArrayOutputStream wrapped = new ByteArrayOutputStream();
        wrapped.writeBytes("{\"machines\":".getBytes(StandardCharsets.UTF_8));
        wrapped.writeBytes(exchange.body());
        wrapped.write('}');
        Call.StartMaintenance.Builder builder = Call.StartMaintenance.newBuilder();
        if (read(exchange, wrapped.toByteArray(), builder)) {
            submit(command.apply(builder.build()), exchange);
        }
    }

    private static boolean read(Exchange exchange, byte[] json, Message.Builder builder) {
        try {
            MesosJsonReader.merge(json, builder);
            return true;
        } catch (MalformedMessageException e) {
            exchange.respond(Answer.text(400, e.text()));
            return false;
        }
    }
}
