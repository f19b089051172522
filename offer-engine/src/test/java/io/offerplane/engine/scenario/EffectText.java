package io.offerplane.engine.scenario;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Effect;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.task.StatusUpdate;
import java.util.Optional;
import java.util.stream.Collectors;

/** Effects as a reader of a script wants them: who is told what. News for status pages stay out. */
final class EffectText {
    private EffectText() {}

    static Optional<String> answer(Answer answer) {
        return switch (answer) {
            case Answer.Accepted accepted -> Optional.empty();
            case Answer.Subscribed subscribed -> Optional.of("subscribed as " + subscribed.frameworkId());
            case Answer.Refused refused -> Optional.of("refused, " + refused.reason() + ": " + refused.message());
        };
    }

    static Optional<String> of(Effect effect) {
        return switch (effect) {
            case Effect.SendOffers sent ->
                Optional.of(sent.frameworkId() + " <- OFFERS "
                        + sent.offers().stream().map(EffectText::offer).collect(Collectors.joining(", ")));
            case Effect.RescindOffer rescind ->
                Optional.of(rescind.frameworkId() + " <- RESCIND "
                        + number(rescind.offerId().value()));
            case Effect.SendInverseOffers sent ->
                Optional.of(sent.frameworkId() + " <- INVERSE_OFFERS "
                        + sent.offers().stream()
                                .map(offer -> number(offer.id().value()) + " of " + offer.agentId() + " "
                                        + ViewText.away(offer.unavailability()))
                                .collect(Collectors.joining(", ")));
            case Effect.RescindInverseOffer rescind ->
                Optional.of(rescind.frameworkId() + " <- RESCIND_INVERSE_OFFER "
                        + number(rescind.offerId().value()));
            case Effect.SendUpdate sent -> Optional.of(sent.frameworkId() + " <- UPDATE " + update(sent.update()));
            case Effect.AnnounceReclaim announced ->
                Optional.of(announced.frameworkId() + " <- RECLAIM " + announced.tasks() + " for " + announced.role());
            case Effect.GrantContainers granted ->
                Optional.of(granted.frameworkId() + " <- CONTAINERS "
                        + granted.grants().stream()
                                .map(grant -> grant.container() + " on " + grant.agentId())
                                .collect(Collectors.joining(", ")));
            case Effect.SendAgentFailure failure ->
                Optional.of(failure.frameworkId() + " <- FAILURE " + failure.agentId());
            case Effect.SendExecutorFailure failure ->
                Optional.of(failure.frameworkId() + " <- FAILURE " + failure.agentId() + " executor "
                        + failure.executorId() + " " + failure.waitStatus());
            case Effect.SendMessage message ->
                Optional.of(message.frameworkId() + " <- MESSAGE of " + message.executorId() + " on "
                        + message.agentId() + " " + message.data());
            case Effect.MessageExecutor message ->
                Optional.of(message.agentId() + " <- MESSAGE for " + message.executorId() + " of "
                        + message.frameworkId() + " " + message.data());
            case Effect.SendOperationStatus status ->
                Optional.of(status.frameworkId() + " <- OPERATION_" + status.state() + " " + status.operationId()
                        + status.agentId().map(agent -> " on " + agent).orElse("")
                        + status.message().map(message -> " \"" + message + '"').orElse("")
                        + (status.uuid().isPresent() ? " to be acknowledged" : ""));
            case Effect.SendError error -> Optional.of(error.frameworkId() + " <- ERROR " + error.message());
            case Effect.CloseStream close -> Optional.of(close.frameworkId() + " <- end of stream");
            case Effect.LaunchTask launch ->
                Optional.of(launch.agentId() + " <- LAUNCH " + launch.task().taskId() + " of " + launch.frameworkId()
                        + " in " + launch.role());
            case Effect.LaunchTaskGroup group ->
                Optional.of(group.agentId() + " <- LAUNCH_GROUP "
                        + group.tasks().stream()
                                .map(task -> task.taskId().value())
                                .collect(Collectors.joining("+"))
                        + " of " + group.frameworkId() + " in " + group.role());
            case Effect.KillTask kill ->
                Optional.of(kill.agentId() + " <- KILL " + kill.taskId() + " of " + kill.frameworkId());
            case Effect.DrainTask drain ->
                Optional.of(drain.agentId() + " <- DRAIN " + drain.taskId() + " of " + drain.frameworkId()
                        + drain.maxGracePeriod()
                                .map(grace -> " within " + grace)
                                .orElse("") + (drain.gone() ? " as gone" : ""));
            case Effect.KeepVolumes keep ->
                keep.volumes().isEmpty()
                        ? Optional.empty()
                        : Optional.of(keep.agentId() + " <- VOLUMES [" + keep.volumes() + "]");
            case Effect.SendAgentAway away -> Optional.of(away.agentId() + " <- sent away: " + away.message());
            case Effect.ShutdownExecutor shutdown ->
                Optional.of(shutdown.agentId() + " <- SHUTDOWN executor " + shutdown.executorId() + " of "
                        + shutdown.frameworkId());
            case Effect.ShutdownFramework shutdown ->
                Optional.of(shutdown.agentId() + " <- SHUTDOWN " + shutdown.frameworkId());
            case Effect.AcknowledgeUpdate acknowledge ->
                Optional.of(acknowledge.agentId() + " <- ACK " + acknowledge.taskId() + " of "
                        + acknowledge.frameworkId() + " #" + acknowledge.uuid().getLeastSignificantBits());
            case Effect.ReportTaskUnknown unknown ->
                Optional.of(unknown.agentId() + " <- REPORT UNKNOWN " + unknown.taskId() + " of "
                        + unknown.frameworkId() + " as " + unknown.state());
            case Effect.FrameworkRemoved removed ->
                Optional.of("removed " + removed.frameworkId() + ": " + removed.cause());
            case Effect.RevocableTasksExceed exceed ->
                Optional.of(exceed.agentId() + " has [" + exceed.by() + "] too little for "
                        + exceed.tasks().stream()
                                .map(task -> task.taskId() + " of " + task.frameworkId())
                                .collect(Collectors.joining(", ")));
            case Effect.FrameworkChanged ignored -> Optional.empty();
            case Effect.AgentChanged ignored -> Optional.empty();
            case Effect.TaskTransition ignored -> Optional.empty();
            case Effect.CycleFinished ignored -> Optional.empty();
        };
    }

    static String offer(Offer offer) {
        return number(offer.id().value()) + " of " + offer.agentId() + " for " + offer.role() + " [" + offer.resources()
                + "]"
                + offer.unavailability().map(when -> " " + ViewText.away(when)).orElse("");
    }

    private static String number(String id) {
        return id.substring(id.lastIndexOf('-') + 1);
    }

    static String update(StatusUpdate update) {
        StringBuilder text = new StringBuilder(update.taskId() + " " + update.state());
        update.agentId().ifPresent(agent -> text.append(" on ").append(agent));
        update.executorId().ifPresent(executor -> text.append(" in ").append(executor));
        text.append(" by ").append(update.source());
        update.reason().ifPresent(reason -> text.append(", ").append(reason));
        update.message()
                .ifPresent(message -> text.append(", \"").append(message).append('"'));
        update.unreachableTime()
                .ifPresent(time -> text.append(", unreachable since ").append(time));
        update.uuid().ifPresent(uuid -> text.append(" #").append(uuid.getLeastSignificantBits()));
        return text.toString();
    }
}
