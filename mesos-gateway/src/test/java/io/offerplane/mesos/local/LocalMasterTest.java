package io.offerplane.mesos.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.mesos.Calls;
import io.offerplane.mesos.TestStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engine, gateway and real processes together, as a framework sees them. */
class LocalMasterTest {
    private final LocalMaster master =
            LocalMaster.start(0, 1, "cpus:4;mem:4096;disk:1000;ports:[31000-32000]", Duration.ofMillis(50));

    @AfterEach
    void close() {
        master.close();
    }

    private static List<Protos.TaskStatus> untilEnd(TestStream stream, Protos.FrameworkID framework) {
        List<Protos.TaskStatus> seen = new ArrayList<>();
        do {
            Protos.TaskStatus status =
                    stream.next(Event.Type.UPDATE).getUpdate().getStatus();
            seen.add(status);
            assertThat(status.getUuid().size()).isEqualTo(16);
            assertThat(stream.call(Calls.acknowledge(framework, status)).statusCode())
                    .isEqualTo(202);
        } while (seen.getLast().getState().getNumber() < 2
                || seen.getLast().getState() == Protos.TaskState.TASK_STAGING
                || seen.getLast().getState() == Protos.TaskState.TASK_KILLING);
        return seen;
    }

    @Test
    void aTaskRunsFromOfferToAcknowledgedEnd() {
        try (TestStream stream =
                TestStream.json(master.port(), Calls.subscribe().build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            stream.call(Calls.launch(
                    offer, Calls.task("good", offer.getAgentId(), "exit 0").build()));
            List<Protos.TaskStatus> statuses = untilEnd(stream, id);
            assertThat(statuses)
                    .extracting(Protos.TaskStatus::getState)
                    .containsExactly(
                            Protos.TaskState.TASK_STARTING,
                            Protos.TaskState.TASK_RUNNING,
                            Protos.TaskState.TASK_FINISHED);
            assertThat(statuses.getLast().getMessage()).isEqualTo("Command exited with status 0");
            assertThat(statuses.getLast().getExecutorId().getValue()).isEqualTo("good");
        }
    }

    @Test
    void aKilledTaskSaysHowItEnded() {
        Protos.FrameworkInfo.Builder info = Protos.FrameworkInfo.newBuilder()
                .addCapabilities(Protos.FrameworkInfo.Capability.newBuilder()
                        .setType(Protos.FrameworkInfo.Capability.Type.TASK_KILLING_STATE));
        try (TestStream stream =
                TestStream.protobuf(master.port(), Calls.subscribe(info).build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            stream.call(Calls.launch(
                    offer,
                    Calls.task("long", offer.getAgentId(), "exec sleep 1000").build()));
            for (int i = 0; i < 2; i++) {
                stream.call(Calls.acknowledge(
                        id, stream.next(Event.Type.UPDATE).getUpdate().getStatus()));
            }
            stream.call(Calls.of(id, Call.Type.KILL)
                    .setKill(Call.Kill.newBuilder()
                            .setTaskId(Protos.TaskID.newBuilder().setValue("long")))
                    .build());
            List<Protos.TaskStatus> statuses = untilEnd(stream, id);
            assertThat(statuses)
                    .extracting(Protos.TaskStatus::getState)
                    .containsExactly(Protos.TaskState.TASK_KILLING, Protos.TaskState.TASK_KILLED);
            assertThat(statuses.getLast().getMessage()).isEqualTo("Command terminated with signal Terminated");
        }
    }

    @Test
    void anImpossibleAmountFailsAllTasksOfItsCall() {
        try (TestStream stream =
                TestStream.protobuf(master.port(), Calls.subscribe().build())) {
            stream.next(Event.Type.SUBSCRIBED);
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            stream.call(Calls.launch(
                    offer,
                    Calls.task("a", offer.getAgentId(), "true").build(),
                    Calls.task("b", offer.getAgentId(), "true")
                            .addResources(Calls.scalar("disk", -1))
                            .build()));
            for (int i = 0; i < 2; i++) {
                Protos.TaskStatus status =
                        stream.next(Event.Type.UPDATE).getUpdate().getStatus();
                assertThat(status.getState()).isEqualTo(Protos.TaskState.TASK_ERROR);
                assertThat(status.getMessage())
                        .isEqualTo("Resource 'disk:-1' is invalid: Invalid scalar resource: value <= 0");
                assertThat(status.hasUuid()).isFalse();
            }
        }
    }

    @Test
    void aTaskNeverRunsBesideItsVolume(@TempDir Path folder) {
        Protos.FrameworkInfo.Builder info = Protos.FrameworkInfo.newBuilder().addRoles("eng");
        for (Protos.FrameworkInfo.Capability.Type type : List.of(
                Protos.FrameworkInfo.Capability.Type.MULTI_ROLE,
                Protos.FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT)) {
            info.addCapabilities(Protos.FrameworkInfo.Capability.newBuilder().setType(type));
        }
        Protos.Resource reserved = Calls.scalar("disk", 64)
                .addReservations(Protos.Resource.ReservationInfo.newBuilder()
                        .setType(Protos.Resource.ReservationInfo.Type.DYNAMIC)
                        .setRole("eng"))
                .build();
        Protos.Resource volume = reserved.toBuilder()
                .setDisk(Protos.Resource.DiskInfo.newBuilder()
                        .setPersistence(Protos.Resource.DiskInfo.Persistence.newBuilder()
                                .setId("v"))
                        .setVolume(Protos.Volume.newBuilder()
                                .setContainerPath("data")
                                .setMode(Protos.Volume.Mode.RW)))
                .build();
        Protos.Resource notPersistent = volume.toBuilder()
                .setDisk(volume.getDisk().toBuilder().clearPersistence())
                .build();
        try (TestStream stream =
                TestStream.protobuf(master.port(), Calls.subscribe(info).build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            Protos.Offer.Operation.Builder reserve =
                    Protos.Offer.Operation.newBuilder().setType(Protos.Offer.Operation.Type.RESERVE);
            reserve.getReserveBuilder().addResources(reserved);
            Protos.Offer.Operation.Builder create =
                    Protos.Offer.Operation.newBuilder().setType(Protos.Offer.Operation.Type.CREATE);
            create.getCreateBuilder().addVolumes(volume);
            Protos.Offer.Operation.Builder launch =
                    Protos.Offer.Operation.newBuilder().setType(Protos.Offer.Operation.Type.LAUNCH);
            launch.getLaunchBuilder()
                    .addTaskInfos(Calls.task("on-volume", offer.getAgentId(), "touch " + folder.resolve("on-volume"))
                            .addResources(volume))
                    .addTaskInfos(Calls.task(
                                    "not-persistent", offer.getAgentId(), "touch " + folder.resolve("not-persistent"))
                            .addResources(notPersistent))
                    .addTaskInfos(Calls.task("without", offer.getAgentId(), "touch " + folder.resolve("without")));
            stream.call(Calls.of(id, Call.Type.ACCEPT)
                    .setAccept(Call.Accept.newBuilder()
                            .addOfferIds(offer.getId())
                            .addOperations(reserve)
                            .addOperations(create)
                            .addOperations(launch))
                    .build());
            Map<String, Protos.TaskStatus> ends = new HashMap<>();
            while (ends.size() < 3) {
                Protos.TaskStatus status =
                        stream.next(Event.Type.UPDATE).getUpdate().getStatus();
                if (status.hasUuid()) {
                    stream.call(Calls.acknowledge(id, status));
                }
                if (status.getState() != Protos.TaskState.TASK_STARTING
                        && status.getState() != Protos.TaskState.TASK_RUNNING) {
                    ends.put(status.getTaskId().getValue(), status);
                }
            }
            assertThat(ends.get("not-persistent").getState()).isEqualTo(Protos.TaskState.TASK_ERROR);
            assertThat(ends.get("not-persistent").getMessage()).contains("Non-persistent volume not supported");
            assertThat(ends.get("on-volume").getState()).isEqualTo(Protos.TaskState.TASK_FAILED);
            assertThat(ends.get("on-volume").getMessage()).contains("persistent volume 'v'");
            assertThat(ends.get("without").getState()).isEqualTo(Protos.TaskState.TASK_FINISHED);
            assertThat(folder).isDirectoryContaining("glob:**/without");
            assertThat(folder).isDirectoryNotContaining("glob:**/{on-volume,not-persistent}");
        }
    }

    @Test
    void operationsThatAreNotSupportedAreAnsweredByTheirId() {
        try (TestStream stream =
                TestStream.protobuf(master.port(), Calls.subscribe().build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            stream.call(Calls.of(id, Call.Type.ACCEPT)
                    .setAccept(Call.Accept.newBuilder()
                            .addOfferIds(offer.getId())
                            .addOperations(Protos.Offer.Operation.newBuilder()
                                    .setType(Protos.Offer.Operation.Type.RESERVE)
                                    .setId(Protos.OperationID.newBuilder().setValue("op"))
                                    .setReserve(Protos.Offer.Operation.Reserve.getDefaultInstance())))
                    .build());
            Protos.OperationStatus status = stream.next(Event.Type.UPDATE_OPERATION_STATUS)
                    .getUpdateOperationStatus()
                    .getStatus();
            assertThat(status.getState()).isEqualTo(Protos.OperationState.OPERATION_ERROR);
            assertThat(status.getOperationId().getValue()).isEqualTo("op");
            stream.call(Calls.of(id, Call.Type.RECONCILE_OPERATIONS)
                    .setReconcileOperations(Call.ReconcileOperations.newBuilder()
                            .addOperations(Call.ReconcileOperations.Operation.newBuilder()
                                    .setOperationId(
                                            Protos.OperationID.newBuilder().setValue("other"))))
                    .build());
            assertThat(stream.next(Event.Type.UPDATE_OPERATION_STATUS)
                            .getUpdateOperationStatus()
                            .getStatus()
                            .getState())
                    .isEqualTo(Protos.OperationState.OPERATION_UNKNOWN);
        }
    }
}
