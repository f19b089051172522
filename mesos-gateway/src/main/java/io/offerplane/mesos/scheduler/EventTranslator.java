package io.offerplane.mesos.scheduler;

import io.offerplane.engine.Effect;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.mesos.translate.MaintenanceTranslator;
import io.offerplane.mesos.translate.OfferTranslator;
import io.offerplane.mesos.translate.StatusTranslator;
import java.time.Duration;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** Effects as events, in the format that a framework's capabilities ask for. Stateless. */
final class EventTranslator {
    static final Event HEARTBEAT =
            Event.newBuilder().setType(Event.Type.HEARTBEAT).build();

    private EventTranslator() {}

    static Event subscribed(FrameworkId id, Duration heartbeat, Protos.MasterInfo master) {
        return Event.newBuilder()
                .setType(Event.Type.SUBSCRIBED)
                .setSubscribed(Event.Subscribed.newBuilder()
                        .setFrameworkId(Protos.FrameworkID.newBuilder().setValue(id.value()))
                        .setHeartbeatIntervalSeconds(heartbeat.toMillis() / 1000.0)
                        .setMasterInfo(master))
                .build();
    }

    static Event error(String message) {
        return Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage(message))
                .build();
    }

    static Event offers(Effect.SendOffers offers, FrameworkSpec framework) {
        Event.Offers.Builder list = Event.Offers.newBuilder();
        offers.offers().forEach(offer -> list.addOffers(OfferTranslator.toProto(offer, framework)));
        return Event.newBuilder().setType(Event.Type.OFFERS).setOffers(list).build();
    }

    static Event rescind(Effect.RescindOffer rescind) {
        return Event.newBuilder()
                .setType(Event.Type.RESCIND)
                .setRescind(Event.Rescind.newBuilder()
                        .setOfferId(Protos.OfferID.newBuilder()
                                .setValue(rescind.offerId().value())))
                .build();
    }

    static Event inverseOffers(Effect.SendInverseOffers offers) {
        Event.InverseOffers.Builder list = Event.InverseOffers.newBuilder();
        offers.offers().forEach(offer -> list.addInverseOffers(MaintenanceTranslator.toProto(offer)));
        return Event.newBuilder()
                .setType(Event.Type.INVERSE_OFFERS)
                .setInverseOffers(list)
                .build();
    }

    static Event rescindInverse(Effect.RescindInverseOffer rescind) {
        return Event.newBuilder()
                .setType(Event.Type.RESCIND_INVERSE_OFFER)
                .setRescindInverseOffer(Event.RescindInverseOffer.newBuilder()
                        .setInverseOfferId(Protos.OfferID.newBuilder()
                                .setValue(rescind.offerId().value())))
                .build();
    }

    static Event update(Effect.SendUpdate update) {
        return Event.newBuilder()
                .setType(Event.Type.UPDATE)
                .setUpdate(Event.Update.newBuilder().setStatus(StatusTranslator.toProto(update.update())))
                .build();
    }

    static Event failure(Effect.SendAgentFailure failure) {
        return Event.newBuilder()
                .setType(Event.Type.FAILURE)
                .setFailure(Event.Failure.newBuilder()
                        .setAgentId(Protos.AgentID.newBuilder()
                                .setValue(failure.agentId().value())))
                .build();
    }

    /** A custom executor has ended. */
    static Event failure(Effect.SendExecutorFailure failure) {
        return Event.newBuilder()
                .setType(Event.Type.FAILURE)
                .setFailure(Event.Failure.newBuilder()
                        .setAgentId(Protos.AgentID.newBuilder()
                                .setValue(failure.agentId().value()))
                        .setExecutorId(Protos.ExecutorID.newBuilder()
                                .setValue(failure.executorId().value()))
                        .setStatus(failure.waitStatus()))
                .build();
    }

    static Event message(Effect.SendMessage message) {
        return Event.newBuilder()
                .setType(Event.Type.MESSAGE)
                .setMessage(Event.Message.newBuilder()
                        .setAgentId(Protos.AgentID.newBuilder()
                                .setValue(message.agentId().value()))
                        .setExecutorId(Protos.ExecutorID.newBuilder()
                                .setValue(message.executorId().value()))
                        .setData(com.google.protobuf.ByteString.copyFrom(
                                message.data().toByteArray())))
                .build();
    }

    static Event operationStatus(Effect.SendOperationStatus sent) {
        Protos.OperationStatus.Builder status = Protos.OperationStatus.newBuilder()
                .setState(
                        switch (sent.state()) {
                            case FINISHED -> Protos.OperationState.OPERATION_FINISHED;
                            case ERROR -> Protos.OperationState.OPERATION_ERROR;
                            case RECOVERING -> Protos.OperationState.OPERATION_RECOVERING;
                            case UNREACHABLE -> Protos.OperationState.OPERATION_UNREACHABLE;
                            case GONE_BY_OPERATOR -> Protos.OperationState.OPERATION_GONE_BY_OPERATOR;
                            case UNKNOWN -> Protos.OperationState.OPERATION_UNKNOWN;
                        })
                .setOperationId(Protos.OperationID.newBuilder().setValue(sent.operationId()));
        sent.agentId()
                .ifPresent(
                        agent -> status.setAgentId(Protos.AgentID.newBuilder().setValue(agent.value())));
        sent.message().ifPresent(status::setMessage);
        sent.uuid().ifPresent(uuid -> status.setUuid(Protos.UUID.newBuilder().setValue(StatusTranslator.bytes(uuid))));
        return Event.newBuilder()
                .setType(Event.Type.UPDATE_OPERATION_STATUS)
                .setUpdateOperationStatus(
                        Event.UpdateOperationStatus.newBuilder().setStatus(status))
                .build();
    }
}
