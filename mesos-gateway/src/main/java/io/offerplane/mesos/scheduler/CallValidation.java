package io.offerplane.mesos.scheduler;

import io.offerplane.mesos.translate.StatusTranslator;
import java.util.Optional;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** What Mesos checks of a call before it looks at who sent it, in its words and order. */
final class CallValidation {
    private CallValidation() {}

    /** The first fault, or empty. */
    static Optional<String> fault(Call call) {
        if (!call.hasType()) {
            return Optional.of("Expecting 'type' to be present");
        }
        if (call.getType() == Call.Type.SUBSCRIBE) {
            if (!call.hasSubscribe()) {
                return absent("subscribe");
            }
            String own = call.getSubscribe().getFrameworkInfo().getId().getValue();
            return own.equals(call.getFrameworkId().getValue())
                    ? Optional.empty()
                    : Optional.of("'framework_id' differs from 'subscribe.framework_info.id'");
        }
        if (!call.hasFrameworkId()) {
            return absent("framework_id");
        }
        return switch (call.getType()) {
            case SUBSCRIBE, TEARDOWN, REVIVE, SUPPRESS, UNKNOWN -> Optional.empty();
            case ACCEPT -> call.hasAccept() ? Optional.empty() : absent("accept");
            case DECLINE -> call.hasDecline() ? Optional.empty() : absent("decline");
            case ACCEPT_INVERSE_OFFERS ->
                call.hasAcceptInverseOffers() ? Optional.empty() : absent("accept_inverse_offers");
            case DECLINE_INVERSE_OFFERS ->
                call.hasDeclineInverseOffers() ? Optional.empty() : absent("decline_inverse_offers");
            case KILL -> call.hasKill() ? Optional.empty() : absent("kill");
            case SHUTDOWN -> call.hasShutdown() ? Optional.empty() : absent("shutdown");
            case ACKNOWLEDGE -> {
                if (!call.hasAcknowledge()) {
                    yield absent("acknowledge");
                }
                yield StatusTranslator.uuid(call.getAcknowledge().getUuid()).isPresent()
                        ? Optional.empty()
                        : Optional.of("Not a valid UUID");
            }
            case ACKNOWLEDGE_OPERATION_STATUS -> {
                if (!call.hasAcknowledgeOperationStatus()) {
                    yield absent("acknowledge_operation_status");
                }
                if (StatusTranslator.uuid(call.getAcknowledgeOperationStatus().getUuid())
                        .isEmpty()) {
                    yield Optional.of("Not a valid UUID");
                }
                yield call.getAcknowledgeOperationStatus().hasAgentId() ? Optional.empty() : absent("agent_id");
            }
            case RECONCILE -> call.hasReconcile() ? Optional.empty() : absent("reconcile");
            case RECONCILE_OPERATIONS ->
                call.hasReconcileOperations() ? Optional.empty() : absent("reconcile_operations");
            case MESSAGE -> call.hasMessage() ? Optional.empty() : absent("message");
            case REQUEST -> call.hasRequest() ? Optional.empty() : absent("request");
            case UPDATE_FRAMEWORK -> {
                if (!call.hasUpdateFramework()) {
                    yield absent("update_framework");
                }
                String own =
                        call.getUpdateFramework().getFrameworkInfo().getId().getValue();
                yield own.equals(call.getFrameworkId().getValue())
                        ? Optional.empty()
                        : Optional.of("'framework_id' differs from 'update_framework.framework_info.id'");
            }
        };
    }

    private static Optional<String> absent(String field) {
        return Optional.of("Expecting '" + field + "' to be present");
    }
}
