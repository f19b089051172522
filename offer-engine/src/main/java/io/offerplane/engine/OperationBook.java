package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.offer.OperationState;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Feedback on operations that frameworks gave an id. An operation on resources is done as soon as it is taken in, so its one status is
 * FINISHED, sent again after 10 s, then 20 s and so on until the framework acknowledges it, as Mesos' agents do.
 */
final class OperationBook {
    private static final Duration FIRST_REPEAT = Duration.ofSeconds(10);
    private static final Duration LAST_REPEAT = Duration.ofMinutes(10);

    /** Of one framework; the oldest is let go beyond this. */
    private static final int KEPT = 1_000;

    private final Cluster cluster;
    private long nextNumber;

    OperationBook(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Of what the next uuid is made. */
    long nextNumber() {
        return nextNumber;
    }

    void continueFrom(long number) {
        nextNumber = number;
    }

    /** A status that waits to be acknowledged. */
    static final class Finished {
        final String id;
        final AgentId agentId;
        final UUID uuid;
        Timetable.@Nullable Entry repeat;

        Finished(String id, AgentId agentId, UUID uuid) {
            this.id = id;
            this.agentId = agentId;
            this.uuid = uuid;
        }
    }

    void finish(Framework framework, String id, AgentId agentId) {
        UUID uuid = UUID.nameUUIDFromBytes(
                (cluster.config.termId() + "-operation" + nextNumber++).getBytes(StandardCharsets.UTF_8));
        Finished finished = new Finished(id, agentId, uuid);
        forget(framework.operations.put(id, finished));
        if (framework.operations.size() > KEPT) {
            forget(framework.operations.remove(
                    framework.operations.keySet().iterator().next()));
        }
        tell(framework, finished, FIRST_REPEAT);
    }

    /** Sends a status, and once more after the patience unless it is acknowledged by then. */
    void tell(Framework framework, Finished finished, Duration patience) {
        send(framework, finished.id, OperationState.FINISHED, Optional.of(finished.agentId), null, finished.uuid);
        Duration next = patience.multipliedBy(2).compareTo(LAST_REPEAT) < 0 ? patience.multipliedBy(2) : LAST_REPEAT;
        finished.repeat = cluster.timetable.add(
                cluster.now.plus(patience), new Timetable.Due.OperationRepeat(framework, finished, next));
    }

    void fail(Framework framework, String id, String message) {
        send(framework, id, OperationState.ERROR, Optional.empty(), message, null);
    }

    void acknowledge(Framework framework, Command.AcknowledgeOperation command) {
        Finished finished = framework.operations.get(command.operationId());
        if (finished != null && finished.uuid.equals(command.uuid())) {
            forget(framework.operations.remove(command.operationId()));
        }
    }

    /** The framework has ended: nobody will acknowledge. */
    void forgetAll(Framework framework) {
        framework.operations.values().forEach(this::forget);
        framework.operations.clear();
    }

    private void forget(@Nullable Finished finished) {
        if (finished != null) {
            cluster.timetable.cancel(finished.repeat);
        }
    }

    void reconcile(Framework framework, List<Command.ReconcileOperations.Asked> questions) {
        if (questions.isEmpty()) {
            List<Finished> newestFirst = new ArrayList<>(framework.operations.values()).reversed();
            newestFirst.forEach(finished -> answer(framework, finished));
        }
        for (Command.ReconcileOperations.Asked question : questions) {
            Finished finished = framework.operations.get(question.operationId());
            if (finished != null) {
                answer(framework, finished);
            } else {
                answerUnknown(framework, question);
            }
        }
    }

    private void answer(Framework framework, Finished finished) {
        send(framework, finished.id, OperationState.FINISHED, Optional.of(finished.agentId), null, null);
    }

    private void answerUnknown(Framework framework, Command.ReconcileOperations.Asked question) {
        if (question.agentId().isEmpty()) {
            send(
                    framework,
                    question.operationId(),
                    OperationState.UNKNOWN,
                    Optional.empty(),
                    "Reconciliation: Operation is unknown and no 'agent_id' was provided",
                    null);
            return;
        }
        AgentId id = question.agentId().get();
        Agent agent = cluster.agents.get(id);
        OperationState state;
        String message;
        if (agent != null && agent.phase == Phase.RECOVERED) {
            state = OperationState.RECOVERING;
            message = "Reconciliation: Agent is recovered but has not re-registered";
        } else if (agent != null && agent.phase == Phase.UNREACHABLE) {
            state = OperationState.UNREACHABLE;
            message = "Reconciliation: Agent is unreachable";
        } else if (cluster.goneAgents.contains(id)) {
            state = OperationState.GONE_BY_OPERATOR;
            message = "Reconciliation: Agent marked gone by operator";
        } else {
            state = OperationState.UNKNOWN;
            message = agent != null
                    ? "Reconciliation: Operation is unknown"
                    : "Reconciliation: Both operation and agent are unknown";
        }
        send(framework, question.operationId(), state, Optional.of(id), message, null);
    }

    private void send(
            Framework framework,
            String id,
            OperationState state,
            Optional<AgentId> agentId,
            @Nullable String message,
            @Nullable UUID uuid) {
        if (framework.connected) {
            cluster.outbox.add(new Effect.SendOperationStatus(
                    framework.id, id, state, agentId, Optional.ofNullable(message), Optional.ofNullable(uuid)));
        }
    }
}
