package io.offerplane.mesos.translate;

import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.maintenance.InverseAnswer;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.engine.view.EngineView.DrainView;
import io.offerplane.engine.view.EngineView.MachineView;
import io.offerplane.engine.view.EngineView.ScheduleView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.allocator.Protos.InverseOfferStatus;
import org.apache.mesos.v1.maintenance.Protos.ClusterStatus;
import org.apache.mesos.v1.maintenance.Protos.Schedule;

/** Mesos' messages of maintenance and drains. */
public final class MaintenanceTranslator {
    private MaintenanceTranslator() {}

    public static Protos.InverseOffer toProto(InverseOffer offer) {
        return Protos.InverseOffer.newBuilder()
                .setId(Protos.OfferID.newBuilder().setValue(offer.id().value()))
                .setUrl(url(offer.agent()))
                .setFrameworkId(Protos.FrameworkID.newBuilder()
                        .setValue(offer.frameworkId().value()))
                .setAgentId(Protos.AgentID.newBuilder().setValue(offer.agentId().value()))
                .setUnavailability(toProto(offer.unavailability()))
                .build();
    }

    /** Clients look for the agent behind this, and native ones abort when it is missing from an offer. */
    static Protos.URL url(AgentSpec agent) {
        return Protos.URL
                .newBuilder()
                .setScheme("http")
                .setAddress(Protos.Address.newBuilder()
                        .setHostname(agent.hostname())
                        .setIp(agent.ip())
                        .setPort(agent.port()))
                .setPath("/slave(1)")
                .build();
    }

    public static Protos.Unavailability toProto(Unavailability unavailability) {
        Protos.Unavailability.Builder builder =
                Protos.Unavailability.newBuilder().setStart(time(unavailability.start()));
        unavailability.duration().ifPresent(duration -> builder.setDuration(duration(duration)));
        return builder.build();
    }

    private static Unavailability fromProto(Protos.Unavailability unavailability) {
        return new Unavailability(
                Instant.ofEpochSecond(0, unavailability.getStart().getNanoseconds()),
                unavailability.hasDuration()
                        ? Optional.of(
                                Duration.ofNanos(unavailability.getDuration().getNanoseconds()))
                        : Optional.empty());
    }

    public static Protos.TimeInfo time(Instant at) {
        return Protos.TimeInfo.newBuilder()
                .setNanoseconds(TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano())
                .build();
    }

    private static Protos.DurationInfo duration(Duration duration) {
        return Protos.DurationInfo.newBuilder()
                .setNanoseconds(duration.toNanos())
                .build();
    }

    public static Protos.MachineID toProto(MachineId id) {
        Protos.MachineID.Builder builder = Protos.MachineID.newBuilder();
        id.hostname().ifPresent(builder::setHostname);
        id.ip().ifPresent(builder::setIp);
        return builder.build();
    }

    public static List<MachineId> machines(List<Protos.MachineID> ids) {
        return ids.stream()
                .map(id -> new MachineId(
                        id.hasHostname() ? Optional.of(id.getHostname()) : Optional.empty(),
                        id.hasIp() ? Optional.of(id.getIp()) : Optional.empty()))
                .toList();
    }

    public static List<Window> windows(Schedule schedule) {
        return schedule.getWindowsList().stream()
                .map(window -> new Window(machines(window.getMachineIdsList()), fromProto(window.getUnavailability())))
                .toList();
    }

    public static Schedule schedule(ScheduleView view) {
        Schedule.Builder schedule = Schedule.newBuilder();
        for (Window window : view.windows()) {
            schedule.addWindowsBuilder()
                    .addAllMachineIds(window.machines().stream()
                            .map(MaintenanceTranslator::toProto)
                            .toList())
                    .setUnavailability(toProto(window.unavailability()));
        }
        return schedule.build();
    }

    /** @param agents whose frameworks' answers are told of */
    public static ClusterStatus status(ScheduleView view, List<AgentView> agents) {
        ClusterStatus.Builder status = ClusterStatus.newBuilder();
        for (MachineView machine : view.machines()) {
            switch (machine.mode()) {
                case DOWN -> status.addDownMachines(toProto(machine.id()));
                case DRAINING -> {
                    ClusterStatus.DrainingMachine.Builder draining =
                            status.addDrainingMachinesBuilder().setId(toProto(machine.id()));
                    agents.stream()
                            .filter(agent -> MachineId.of(
                                            agent.spec().hostname(),
                                            agent.spec().ip())
                                    .equals(machine.id()))
                            .flatMap(agent -> agent.maintenance().answers().stream())
                            .forEach(answer -> draining.addStatuses(status(answer)));
                }
            }
        }
        return status.build();
    }

    private static InverseOfferStatus status(InverseAnswer answer) {
        return InverseOfferStatus.newBuilder()
                .setStatus(answer.accepted() ? InverseOfferStatus.Status.ACCEPT : InverseOfferStatus.Status.DECLINE)
                .setFrameworkId(Protos.FrameworkID.newBuilder()
                        .setValue(answer.frameworkId().value()))
                .setTimestamp(time(answer.at()))
                .build();
    }

    public static Protos.DrainInfo drain(DrainView drain) {
        DrainConfig config = drain.config();
        Protos.DrainConfig.Builder builder = Protos.DrainConfig.newBuilder().setMarkGone(config.markGone());
        config.maxGracePeriod().ifPresent(grace -> builder.setMaxGracePeriod(duration(grace)));
        return Protos.DrainInfo.newBuilder()
                .setState(
                        switch (drain.state()) {
                            case DRAINING -> Protos.DrainState.DRAINING;
                            case DRAINED -> Protos.DrainState.DRAINED;
                        })
                .setConfig(builder)
                .build();
    }
}
