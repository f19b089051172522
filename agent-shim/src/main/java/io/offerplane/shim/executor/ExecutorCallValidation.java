package io.offerplane.shim.executor;

import java.util.Optional;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;

/** What can be wrong with an executor's call by itself, in Mesos' words and order. Source: slave/validation.cpp. */
final class ExecutorCallValidation {

    private static final int UUID_BYTES = 16;

    private ExecutorCallValidation() {}

    static Optional<String> fault(Call call) {
        if (!call.hasType()) {
            return Optional.of("Expecting 'type' to be present");
        }
        if (!call.hasExecutorId()) {
            return Optional.of("Expecting 'executor_id' to be present");
        }
        if (!call.hasFrameworkId()) {
            return Optional.of("Expecting 'framework_id' to be present");
        }
        return switch (call.getType()) {
            case SUBSCRIBE ->
                call.hasSubscribe()
                        ? call.getSubscribe().getUnacknowledgedUpdatesList().stream()
                                .map(update -> updateFault(call, update.getStatus()))
                                .flatMap(Optional::stream)
                                .findFirst()
                        : Optional.of("Expecting 'subscribe' to be present");
            case UPDATE ->
                call.hasUpdate()
                        ? updateFault(call, call.getUpdate().getStatus())
                        : Optional.of("Expecting 'update' to be present");
            case MESSAGE -> call.hasMessage() ? Optional.empty() : Optional.of("Expecting 'message' to be present");
            case HEARTBEAT, UNKNOWN -> Optional.empty();
        };
    }

    private static Optional<String> updateFault(Call call, TaskStatus status) {
        String who = "executor " + call.getExecutorId().getValue() + " of framework "
                + call.getFrameworkId().getValue();
        if (!status.hasUuid()) {
            return Optional.of("Expecting 'uuid' to be present");
        }
        if (status.getUuid().size() != UUID_BYTES) {
            return Optional.of("Not a valid UUID");
        }
        if (status.hasExecutorId() && !status.getExecutorId().equals(call.getExecutorId())) {
            return Optional.of("ExecutorID in Call: " + call.getExecutorId().getValue()
                    + " does not match ExecutorID in TaskStatus: "
                    + status.getExecutorId().getValue());
        }
        if (status.getSource() != TaskStatus.Source.SOURCE_EXECUTOR || !status.hasSource()) {
            return Optional.of("Received Call from " + who + " with invalid source, expecting 'SOURCE_EXECUTOR'");
        }
        if (status.getState() == TaskState.TASK_STAGING) {
            return Optional.of("Received TASK_STAGING from " + who + " which is not allowed");
        }
        return Optional.empty();
    }
}
