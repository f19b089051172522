package io.offerplane.engine;

import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Answers to offers: {@code ACCEPT} and {@code DECLINE}. */
final class Acceptance {
    private final Cluster cluster;
    private final OfferBook offers;
    private final TaskBook tasks;
    private final MasterUpdates updates;
    private final BackOff backOff;
    private final OperationBook feedback;

    Acceptance(Cluster cluster, OfferBook offers, TaskBook tasks, MasterUpdates updates, OperationBook feedback) {
        this.feedback = feedback;
        this.cluster = cluster;
        this.offers = offers;
        this.tasks = tasks;
        this.updates = updates;
        backOff = new BackOff(cluster);
    }

    void accept(Framework framework, Command.AcceptOffers command) {
        List<OutstandingOffer> accepted = new ArrayList<>(command.offerIds().size());
        Optional<String> fault = offersFault(framework, command.offerIds(), accepted);
        if (fault.isPresent()) {
            refuse(framework, command, fault.get());
            return;
        }
        // 1. Off the books with the offers: from here on their resources are in this method's hands.
        Resources left = Resources.EMPTY;
        for (OutstandingOffer offer : accepted) {
            offers.close(offer);
            left = left.plus(offer.offer.resources());
        }
        if (command.operations().isEmpty()) {
            framework.offersDeclined += accepted.size();
            accepted.forEach(backOff::handedBack);
        } else {
            framework.offersAccepted += accepted.size();
        }
        // 2. The operations in order, each on what the ones before it left.
        Agent agent = accepted.getFirst().agent;
        Subscription subscription = accepted.getFirst().subscription;
        Resources changed = Resources.EMPTY;
        for (Operation operation : command.operations()) {
            Resources before = left;
            left = switch (operation) {
                case Operation.Launch launch -> launch(launch, subscription, agent, left);
                case Operation.LaunchGroup group -> launch(group, subscription, agent, left);
                case Operation.Change change -> change(change, subscription, agent, left);
                case Operation.Refused refused -> refuse(framework, refused, left);
            };
            if (operation instanceof Operation.Change) {
                changed = changed.minusToZero(before.minusToZero(left)).plus(left.minusToZero(before));
            }
        }
        // 3. What nobody used is declined with the call's filter, but for what has only just come to be: that was never
        // offered.
        offers.giveBack(agent, subscription, left);
        cluster.filters.refuse(subscription, agent, left.minusToZero(changed), command.refuseSeconds(), cluster.now);
    }

    private Resources launch(Operation.Launch launch, Subscription subscription, Agent agent, Resources available) {
        Framework framework = subscription.framework;
        Resources left = available;
        for (TaskSpec spec : launch.tasks()) {
            Optional<String> fault = TaskValidation.fault(spec, framework, agent, subscription, left);
            if (fault.isPresent()) {
                error(framework, spec, StatusReason.TASK_INVALID, fault.get());
                continue;
            }
            Resources cost = TaskBook.cost(spec, framework, agent);
            tasks.launch(spec, subscription, agent);
            backOff.forget(subscription);
            // A shared volume is held once more, and stays for the next task.
            cluster.roles.charge(subscription, cost.shared());
            left = left.minus(cost.exclusive());
            cluster.outbox.add(new Effect.LaunchTask(agent.id, framework.id, framework.spec, subscription.role, spec));
        }
        return left;
    }

    private Resources launch(Operation.LaunchGroup group, Subscription subscription, Agent agent, Resources available) {
        Framework framework = subscription.framework;
        Optional<String> fault = TaskValidation.fault(group, framework, agent, subscription, available);
        if (fault.isPresent()) {
            for (TaskSpec spec : group.tasks()) {
                error(framework, spec, StatusReason.TASK_GROUP_INVALID, fault.get());
            }
            return available;
        }
        Resources left = available;
        for (TaskSpec spec : group.tasks()) {
            // The first brings the executor's resources; for the others it runs already.
            Resources cost = TaskBook.cost(spec, framework, agent);
            tasks.launch(spec, subscription, agent);
            cluster.roles.charge(subscription, cost.shared());
            left = left.minus(cost.exclusive());
        }
        backOff.forget(subscription);
        cluster.outbox.add(
                new Effect.LaunchTaskGroup(agent.id, framework.id, framework.spec, subscription.role, group.tasks()));
        return left;
    }

    private Resources change(Operation.Change change, Subscription subscription, Agent agent, Resources left) {
        Framework framework = subscription.framework;
        Optional<String> fault =
                ResourceChange.fault(change, agent, subscription).map(why -> why + onAgent(agent));
        if (fault.isEmpty()) {
            ResourceChange made = ResourceChange.of(change);
            fault = left.contains(made.consumed())
                    ? DynamicBounds.fault(agent, made)
                    : Optional.of(lack(change, left, made, subscription));
            if (fault.isEmpty()) {
                cluster.change(agent, made);
                cluster.roles.reuse(
                        subscription,
                        made.converted().unreserved(),
                        made.consumed().unreserved());
                change.operationId().ifPresent(id -> feedback.finish(framework, id, agent.id));
                return left.minus(made.consumed()).plus(made.converted());
            }
        }
        if (change.operationId().isPresent()) {
            feedback.fail(framework, change.operationId().get(), fault.get());
        }
        return left;
    }

    private static String onAgent(Agent agent) {
        return "; on agent " + agent.text();
    }

    private static String lack(
            Operation.Change change, Resources left, ResourceChange wanted, Subscription subscription) {
        String lack = ResourceText.of(left, subscription.role) + " does not contain "
                + ResourceText.of(wanted.consumed(), subscription.role);
        return switch (change.kind()) {
            case GROW_VOLUME, SHRINK_VOLUME -> "Invalid " + change.kind() + " operation: " + lack;
            case RESERVE, UNRESERVE, CREATE, DESTROY -> lack;
        };
    }

    private Resources refuse(Framework framework, Operation.Refused refused, Resources left) {
        for (TaskSpec spec : refused.tasks()) {
            error(framework, spec, StatusReason.TASK_GROUP_INVALID, refused.message());
        }
        refused.operationId().ifPresent(id -> feedback.fail(framework, id, refused.message()));
        return left;
    }

    private void error(Framework framework, TaskSpec spec, StatusReason reason, String message) {
        updates.send(
                framework, updates.about(spec.taskId(), Optional.of(spec.agentId()), TaskState.ERROR, reason, message));
    }

    /** One bad offer spoils the call: those that are good go back without a filter, and no task starts. */
    private void refuse(Framework framework, Command.AcceptOffers command, String why) {
        for (OfferId id : new LinkedHashSet<>(command.offerIds())) {
            OutstandingOffer offer = cluster.offers.get(id);
            if (offer != null && offer.framework() == framework) {
                offers.discard(offer);
            }
        }
        TaskState state = framework.isPartitionAware() ? TaskState.DROPPED : TaskState.LOST;
        for (Operation operation : command.operations()) {
            List<TaskSpec> dropped =
                    switch (operation) {
                        case Operation.Launch launch -> launch.tasks();
                        case Operation.LaunchGroup group -> group.tasks();
                        case Operation.Change change -> List.of();
                        case Operation.Refused refused -> refused.tasks();
                    };
            for (TaskSpec spec : dropped) {
                updates.send(
                        framework,
                        updates.about(
                                spec.taskId(),
                                Optional.of(spec.agentId()),
                                state,
                                StatusReason.INVALID_OFFERS,
                                "Task launched with invalid offers: " + why));
            }
            Optional<String> id =
                    switch (operation) {
                        case Operation.Launch launch -> Optional.empty();
                        case Operation.LaunchGroup group -> Optional.empty();
                        case Operation.Change change -> change.operationId();
                        case Operation.Refused refused -> refused.operationId();
                    };
            id.ifPresent(known -> feedback.fail(framework, known, "Operation attempted with invalid offers: " + why));
        }
    }

    /**
     * Mesos' checks in its order; each goes through all offers before the next begins.
     *
     * @param found takes in the offers, each of which is a search through the table
     */
    private Optional<String> offersFault(Framework framework, List<OfferId> ids, List<OutstandingOffer> found) {
        if (ids.isEmpty()) {
            return Optional.of("No offers specified");
        }
        if (ids.size() > 1) {
            Set<OfferId> seen = new LinkedHashSet<>();
            for (OfferId id : ids) {
                if (!seen.add(id)) {
                    return Optional.of("Duplicate offer " + id + " in offer list");
                }
            }
        }
        for (OfferId id : ids) {
            OutstandingOffer offer = cluster.offers.get(id);
            if (offer == null) {
                return Optional.of("Offer " + id + " is no longer valid");
            }
            found.add(offer);
        }
        for (OutstandingOffer offer : found) {
            if (offer.framework() != framework) {
                return Optional.of("Offer " + offer.id() + " has invalid framework " + offer.framework().id
                        + " while framework " + framework.id + " is expected");
            }
        }
        OutstandingOffer first = found.getFirst();
        for (OutstandingOffer offer : found) {
            if (offer.subscription != first.subscription) {
                return Optional.of("Aggregated offers must be allocated to the same role. Offer " + offer.id()
                        + " uses role '" + offer.subscription.role + " but another is using role '"
                        + first.subscription.role);
            }
        }
        for (OutstandingOffer offer : found) {
            if (offer.agent != first.agent) {
                return Optional.of("Aggregated offers must belong to one single agent. Offer " + offer.id()
                        + " uses agent " + offer.agent.id + " and agent " + first.agent.id);
            }
        }
        return Optional.empty();
    }

    void decline(Framework framework, Command.DeclineOffers command) {
        // One that is named twice is gone by the second time.
        for (OfferId id : command.offerIds()) {
            OutstandingOffer offer = cluster.offers.get(id);
            if (offer == null || offer.framework() != framework) {
                continue;
            }
            offers.discard(offer);
            backOff.handedBack(offer);
            framework.offersDeclined++;
            cluster.filters.refuse(
                    offer.subscription, offer.agent, offer.offer.resources(), command.refuseSeconds(), cluster.now);
        }
    }
}
