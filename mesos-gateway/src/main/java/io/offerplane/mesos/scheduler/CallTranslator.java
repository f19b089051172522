package io.offerplane.mesos.scheduler;

import io.offerplane.engine.Command;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.mesos.translate.ChangeTranslator;
import io.offerplane.mesos.translate.StatusTranslator;
import io.offerplane.mesos.translate.TaskGroupTranslator;
import io.offerplane.mesos.translate.TaskTranslator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** Valid calls as engine commands. Stateless. */
final class CallTranslator {
    private static final String INVALID_RESOURCES = "Operation attempted with invalid resources: ";

    private CallTranslator() {}

    /**
     * The command of a call that is one: all but SUBSCRIBE and UPDATE_FRAMEWORK, which the session makes, and those that this
     * master has nothing to do for. Empty for the latter: they are answered 202 and mean nothing here.
     */
    static Optional<Command> command(Call call, Instant at) {
        FrameworkId id = new FrameworkId(call.getFrameworkId().getValue());
        return switch (call.getType()) {
            case TEARDOWN -> Optional.of(new Command.TeardownFramework(id, at));
            case ACCEPT -> Optional.of(accept(id, call.getAccept(), at));
            case DECLINE ->
                Optional.of(new Command.DeclineOffers(
                        id,
                        offerIds(call.getDecline().getOfferIdsList()),
                        refuseSeconds(
                                call.getDecline().hasFilters(),
                                call.getDecline().getFilters()),
                        at));
            case REVIVE ->
                Optional.of(new Command.Revive(id, roles(call.getRevive().getRolesList()), at));
            case SUPPRESS ->
                Optional.of(new Command.Suppress(id, roles(call.getSuppress().getRolesList()), at));
            case KILL -> Optional.of(kill(id, call.getKill(), at));
            case SHUTDOWN ->
                Optional.of(new Command.ShutdownExecutor(
                        id,
                        new AgentId(call.getShutdown().getAgentId().getValue()),
                        new ExecutorId(call.getShutdown().getExecutorId().getValue()),
                        at));
            case ACKNOWLEDGE ->
                StatusTranslator.uuid(call.getAcknowledge().getUuid())
                        .map(uuid -> new Command.AcknowledgeUpdate(
                                id,
                                new AgentId(call.getAcknowledge().getAgentId().getValue()),
                                new TaskId(call.getAcknowledge().getTaskId().getValue()),
                                uuid,
                                at));
            case RECONCILE -> Optional.of(reconcile(id, call.getReconcile(), at));
            case ACKNOWLEDGE_OPERATION_STATUS ->
                StatusTranslator.uuid(call.getAcknowledgeOperationStatus().getUuid())
                        .map(uuid -> new Command.AcknowledgeOperation(
                                id,
                                call.getAcknowledgeOperationStatus()
                                        .getOperationId()
                                        .getValue(),
                                uuid,
                                at));
            case RECONCILE_OPERATIONS -> Optional.of(reconcile(id, call.getReconcileOperations(), at));
            case ACCEPT_INVERSE_OFFERS ->
                Optional.of(new Command.AcceptInverseOffers(
                        id,
                        offerIds(call.getAcceptInverseOffers().getInverseOfferIdsList()),
                        refuseSeconds(
                                call.getAcceptInverseOffers().hasFilters(),
                                call.getAcceptInverseOffers().getFilters()),
                        at));
            case DECLINE_INVERSE_OFFERS ->
                Optional.of(new Command.DeclineInverseOffers(
                        id,
                        offerIds(call.getDeclineInverseOffers().getInverseOfferIdsList()),
                        refuseSeconds(
                                call.getDeclineInverseOffers().hasFilters(),
                                call.getDeclineInverseOffers().getFilters()),
                        at));
            case MESSAGE ->
                Optional.of(new Command.MessageExecutor(
                        id,
                        new AgentId(call.getMessage().getAgentId().getValue()),
                        new ExecutorId(call.getMessage().getExecutorId().getValue()),
                        Payload.copyOf(call.getMessage().getData().toByteArray()),
                        at));
            // REQUEST is ignored by Mesos' own allocator.
            case REQUEST -> Optional.empty();
            case SUBSCRIBE, UPDATE_FRAMEWORK, UNKNOWN ->
                throw new IllegalArgumentException(
                        "call: " + call.getType() + " (expected: one that is a single command)");
        };
    }

    static Command.Subscribe subscribe(Call.Subscribe subscribe, FrameworkSpec spec, long connection, Instant at) {
        String id = subscribe.getFrameworkInfo().getId().getValue();
        return new Command.Subscribe(
                id.isEmpty() ? Optional.empty() : Optional.of(new FrameworkId(id)),
                spec,
                Set.copyOf(roles(List.copyOf(new HashSet<>(subscribe.getSuppressedRolesList())))),
                connection,
                at);
    }

    static Command.UpdateFramework update(FrameworkId id, Call.UpdateFramework update, FrameworkSpec spec, Instant at) {
        return new Command.UpdateFramework(
                id, spec, Set.copyOf(roles(List.copyOf(new HashSet<>(update.getSuppressedRolesList())))), at);
    }

    private static Command accept(FrameworkId id, Call.Accept accept, Instant at) {
        List<Operation> operations = new ArrayList<>();
        for (Protos.Offer.Operation operation : accept.getOperationsList()) {
            operations.add(operation(id, operation));
        }
        return new Command.AcceptOffers(
                id,
                offerIds(accept.getOfferIdsList()),
                sharingResourceFault(operations),
                refuseSeconds(accept.hasFilters(), accept.getFilters()),
                at);
    }

    /** Mesos looks at all resources of an ACCEPT before anything else: one that can't be fails every task in it. */
    private static List<Operation> sharingResourceFault(List<Operation> operations) {
        Optional<String> fault = operations.stream()
                .flatMap(operation -> resourceFaults(operation).stream())
                .findFirst();
        if (fault.isEmpty()) {
            return operations;
        }
        return operations.stream()
                .<Operation>map(operation -> switch (operation) {
                    case Operation.Launch(List<TaskSpec> tasks) -> new Operation.Launch(withFault(tasks, fault));
                    case Operation.LaunchGroup(List<TaskSpec> tasks, Optional<String> groupFault) ->
                        new Operation.LaunchGroup(withFault(tasks, fault), groupFault);
                    case Operation.Change change ->
                        new Operation.Refused(
                                change.kind().name(), INVALID_RESOURCES + fault.get(), change.operationId(), List.of());
                    case Operation.Refused(
                            String name,
                            String message,
                            Optional<String> operationId,
                            List<TaskSpec> tasks) ->
                        new Operation.Refused(name, message, operationId, withFault(tasks, fault));
                })
                .toList();
    }

    private static List<String> resourceFaults(Operation operation) {
        List<TaskSpec> tasks =
                switch (operation) {
                    case Operation.Launch launch -> launch.tasks();
                    case Operation.LaunchGroup group -> group.tasks();
                    case Operation.Change change -> List.of();
                    case Operation.Refused refused -> refused.tasks();
                };
        List<String> faults = new ArrayList<>();
        tasks.forEach(task -> task.resourceFault().ifPresent(faults::add));
        if (operation instanceof Operation.Refused refused && refused.message().startsWith(INVALID_RESOURCES)) {
            faults.add(refused.message().substring(INVALID_RESOURCES.length()));
        }
        return faults;
    }

    private static List<TaskSpec> withFault(List<TaskSpec> tasks, Optional<String> resourceFault) {
        return tasks.stream()
                .map(task -> new TaskSpec(
                        task.taskId(),
                        task.name(),
                        task.agentId(),
                        task.resources(),
                        task.executor(),
                        task.fault(),
                        resourceFault,
                        task.info()))
                .toList();
    }

    private static Operation operation(FrameworkId id, Protos.Offer.Operation operation) {
        Optional<String> operationId =
                operation.hasId() ? Optional.of(operation.getId().getValue()) : Optional.empty();
        String name = operation.getType().name();
        return switch (operation.getType()) {
            case LAUNCH -> {
                List<TaskSpec> tasks = new ArrayList<>();
                for (Protos.TaskInfo task : operation.getLaunch().getTaskInfosList()) {
                    TaskSpec spec = TaskTranslator.fromProto(task, id);
                    tasks.add(operationId.isEmpty() ? spec : withFault(spec));
                }
                yield new Operation.Launch(tasks);
            }
            case LAUNCH_GROUP ->
                operation.getLaunchGroup().getTaskGroup().getTasksCount() == 0
                        // Of a group without tasks there is nobody to tell of.
                        ? new Operation.Refused(name, "Task group cannot be empty", operationId, List.of())
                        : TaskGroupTranslator.fromProto(operation.getLaunchGroup(), operationId.isPresent(), id);
            case RESERVE -> {
                Protos.Offer.Operation.Reserve reserve = operation.getReserve();
                yield reserve.getSourceCount() > 0
                        ? new Operation.Refused(
                                name,
                                "Reservation updates are not yet implemented for the scheduler API.",
                                operationId,
                                List.of())
                        : change(ChangeTranslator.reserve(reserve.getResourcesList(), List.of(), operationId));
            }
            case UNRESERVE ->
                change(ChangeTranslator.unreserve(operation.getUnreserve().getResourcesList(), operationId));
            case CREATE -> change(ChangeTranslator.create(operation.getCreate().getVolumesList(), operationId));
            case DESTROY ->
                change(ChangeTranslator.destroy(operation.getDestroy().getVolumesList(), operationId));
            case GROW_VOLUME ->
                change(ChangeTranslator.grow(
                        operation.getGrowVolume().getVolume(),
                        operation.getGrowVolume().getAddition(),
                        operationId));
            case SHRINK_VOLUME ->
                change(ChangeTranslator.shrink(
                        operation.getShrinkVolume().getVolume(),
                        operation.getShrinkVolume().getSubtract(),
                        operationId));
            case CREATE_DISK, DESTROY_DISK ->
                new Operation.Refused(
                        name, "Operation " + name + " is not supported by this master", operationId, List.of());
            case UNKNOWN -> new Operation.Refused(name, "Unknown operation", operationId, List.of());
        };
    }

    private static Operation change(ChangeTranslator.Parsed parsed) {
        Operation.Change change = parsed.change();
        return parsed.fault().isEmpty()
                ? change
                : new Operation.Refused(
                        change.kind().name(),
                        INVALID_RESOURCES + parsed.fault().get(),
                        change.operationId(),
                        List.of());
    }

    private static TaskSpec withFault(TaskSpec task) {
        return new TaskSpec(
                task.taskId(),
                task.name(),
                task.agentId(),
                task.resources(),
                task.executor(),
                Optional.of("The `id` field cannot be set on LAUNCH operations"),
                task.resourceFault(),
                task.info());
    }

    private static Command kill(FrameworkId id, Call.Kill kill, Instant at) {
        Optional<Duration> grace = kill.hasKillPolicy() && kill.getKillPolicy().hasGracePeriod()
                ? Optional.of(Duration.ofNanos(
                        Math.max(0, kill.getKillPolicy().getGracePeriod().getNanoseconds())))
                : Optional.empty();
        return new Command.KillTask(
                id,
                new TaskId(kill.getTaskId().getValue()),
                kill.hasAgentId() ? Optional.of(new AgentId(kill.getAgentId().getValue())) : Optional.empty(),
                grace,
                at);
    }

    private static Command reconcile(FrameworkId id, Call.Reconcile reconcile, Instant at) {
        List<Command.ReconcileTasks.Question> questions = new ArrayList<>();
        for (Call.Reconcile.Task task : reconcile.getTasksList()) {
            questions.add(new Command.ReconcileTasks.Question(
                    new TaskId(task.getTaskId().getValue()),
                    task.hasAgentId()
                            ? Optional.of(new AgentId(task.getAgentId().getValue()))
                            : Optional.empty()));
        }
        return new Command.ReconcileTasks(id, questions, at);
    }

    private static Command reconcile(FrameworkId id, Call.ReconcileOperations reconcile, Instant at) {
        List<Command.ReconcileOperations.Asked> asked = new ArrayList<>();
        for (Call.ReconcileOperations.Operation operation : reconcile.getOperationsList()) {
            asked.add(new Command.ReconcileOperations.Asked(
                    operation.getOperationId().getValue(),
                    operation.hasAgentId()
                            ? Optional.of(new AgentId(operation.getAgentId().getValue()))
                            : Optional.empty()));
        }
        return new Command.ReconcileOperations(id, asked, at);
    }

    private static List<OfferId> offerIds(List<Protos.OfferID> ids) {
        return ids.stream().map(id -> new OfferId(id.getValue())).toList();
    }

    private static List<RolePath> roles(List<String> roles) {
        return roles.stream().map(RolePath::new).toList();
    }

    private static Optional<Double> refuseSeconds(boolean given, Protos.Filters filters) {
        return given ? Optional.of(filters.getRefuseSeconds()) : Optional.empty();
    }
}
