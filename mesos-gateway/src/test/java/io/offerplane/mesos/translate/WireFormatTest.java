package io.offerplane.mesos.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.agent.FaultDomain;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Label;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.FrameworkInfo.Capability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What frameworks see, by what they say they understand. */
class WireFormatTest {
    private static final Reservation RESERVATION = new Reservation(
            Reservation.Kind.DYNAMIC,
            new RolePath("eng"),
            Optional.of("p"),
            List.of(new Label("why", Optional.of("test"))));
    private static final Terms REFINED = Terms.reservedBy(
            RESERVATION,
            new Reservation(Reservation.Kind.DYNAMIC, new RolePath("eng/ads"), Optional.empty(), List.of()));
    private static final Terms MINE = Terms.reservedBy(RESERVATION);
    private static final Resources RESERVED = Resources.of(
                    MINE, Resources.scalar("cpus", 0.5).free())
            .plus(Resources.diskOn(MINE.of(new Volume("v", Optional.of("p"), "data", 64_000), true)));
    private static final Resources RESOURCES = Resources.scalar("mem", 64)
            .plus(Resources.scalar("cpus", 1.5))
            .plus(Resources.ranges("ports", Ranges.of(31000, 31005)))
            .plus(Resources.set("disks", ItemSet.of("b", "a")));

    private static Protos.Offer offer(FrameworkCapability... capabilities) {
        FrameworkSpec framework = new FrameworkSpec(
                "n",
                "u",
                List.of(new RolePath("eng")),
                Duration.ZERO,
                false,
                Optional.empty(),
                Set.of(capabilities),
                Payload.EMPTY);
        AgentSpec agent = new AgentSpec(
                "node-1",
                "10.0.0.1",
                5051,
                "node-1",
                "pool",
                List.of(Attribute.text("rack", "a")),
                Optional.of(new FaultDomain("r", "z")),
                "0.1.0");
        return OfferTranslator.toProto(
                new Offer(
                        new OfferId("t-O1"),
                        new FrameworkId("f"),
                        new RolePath("eng"),
                        new AgentId("t-S0"),
                        agent,
                        RESOURCES,
                        Instant.EPOCH),
                framework);
    }

    @Test
    @SuppressWarnings("deprecation") // The format under test.
    void oldFrameworksSeeNoAllocationAndARoleOnEveryResource() {
        Protos.Offer offer = offer();
        assertThat(offer.hasAllocationInfo()).isFalse();
        assertThat(offer.getResourcesList()).allSatisfy(resource -> {
            assertThat(resource.hasAllocationInfo()).isFalse();
            assertThat(resource.hasRole()).isTrue();
            assertThat(resource.getRole()).isEqualTo("*");
        });
    }

    @Test
    @SuppressWarnings("deprecation") // The format that must not appear.
    void newFrameworksSeeTheRoleOfTheAllocationAndNoOther() {
        Protos.Offer offer = offer(FrameworkCapability.MULTI_ROLE, FrameworkCapability.RESERVATION_REFINEMENT);
        assertThat(offer.getAllocationInfo().getRole()).isEqualTo("eng");
        assertThat(offer.getResourcesList()).allSatisfy(resource -> {
            assertThat(resource.getAllocationInfo().getRole()).isEqualTo("eng");
            assertThat(resource.hasRole()).isFalse();
        });
    }

    @Test
    void anOfferSaysWhereItsAgentIs() {
        Protos.Offer offer = offer();
        assertThat(offer.getHostname()).isEqualTo("node-1");
        assertThat(offer.getUrl().getPath()).isEqualTo("/slave(1)");
        assertThat(offer.getUrl().getAddress().getIp()).isEqualTo("10.0.0.1");
        assertThat(offer.getUrl().getAddress().getPort()).isEqualTo(5051);
        assertThat(offer.getAttributes(0).getText().getValue()).isEqualTo("a");
        assertThat(offer.getDomain().getFaultDomain().getZone().getName()).isEqualTo("z");
        assertThat(offer.getResourcesList())
                .extracting(Protos.Resource::getName)
                .containsExactly("cpus", "mem", "ports", "disks");
    }

    @Test
    void resourcesComeBackAsTheyWent() {
        Resources all = RESOURCES.plus(RESERVED).plus(Resources.of(REFINED, RESERVED.all()));
        ResourceTranslator.Parsed parsed =
                ResourceTranslator.fromProto(ResourceTranslator.toProto(all, Optional.of(new RolePath("eng")), true));
        assertThat(parsed.fault()).isEmpty();
        assertThat(parsed.resources()).isEqualTo(all);
    }

    @Test
    void thoseWhoDontKnowRefinementSeeRolesInPlaceOfReservations() {
        List<Protos.Resource> list = ResourceTranslator.toProto(RESOURCES.plus(RESERVED), Optional.empty(), false);
        assertThat(list).noneMatch(resource -> resource.getReservationsCount() > 0);
        assertThat(list.toString()).contains("role: \"eng\"", "reservation {", "principal: \"p\"", "role: \"*\"");
        assertThat(ResourceTranslator.fromProto(list).resources()).isEqualTo(RESOURCES.plus(RESERVED));
        assertThat(ResourceTranslator.forOperators(RESERVED, Optional.empty()))
                .allMatch(resource -> resource.getReservationsCount() == 1
                        && resource.toString().contains("role: \"eng\""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    reservations {type: DYNAMIC role: '*'} | Invalid reservation: role "*" cannot be reserved
                    role: '*' reservation {} | Invalid reservation: role "*" cannot be dynamically reserved
                    reservations {type: DYNAMIC role: 'a'} reservations {type: DYNAMIC role: 'b'} | Invalid refined reservation: role 'b' is not a refinement of 'a'
                    reservations {type: DYNAMIC role: 'a'} reservations {type: STATIC role: 'a/b'} | Invalid refined reservation: A refined reservation cannot be STATIC
                    disk {persistence {id: 'v'}} | DiskInfo should not be set for cpus resource
                    shared {} | Only persistent volumes can be shared
                    """)
    void saysWhichReservationCannotBe(String terms, String fault) throws Exception {
        Protos.Resource resource =
                TextFormat.parse("name: 'cpus' type: SCALAR scalar {value: 1} " + terms, Protos.Resource.class);
        assertThat(ResourceTranslator.fromProto(List.of(resource)).fault().orElseThrow())
                .endsWith("is invalid: " + fault);
    }

    @ParameterizedTest
    @EnumSource(TaskState.class)
    void everyStateHasItsNameOnTheWire(TaskState state) {
        assertThat(StatusTranslator.state(StatusTranslator.state(state))).isEqualTo(state);
    }

    @ParameterizedTest
    @EnumSource(StatusReason.class)
    void updatesComeBackAsTheyWent(StatusReason reason) {
        StatusUpdate update = new StatusUpdate(
                new TaskId("t"),
                TaskState.FAILED,
                Optional.of(new AgentId("a")),
                Optional.of(new ExecutorId("t")),
                StatusSource.AGENT,
                Optional.of(reason),
                Optional.of("why"),
                Optional.of(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")),
                Instant.ofEpochSecond(1795307271, 500_000_000),
                Optional.empty(),
                Payload.EMPTY);
        Protos.TaskStatus status = StatusTranslator.toProto(update);
        assertThat(status.getUuid().toByteArray()).startsWith(0x00, 0x11, 0x22).hasSize(16);
        StatusUpdate back = StatusTranslator.fromProto(status, Instant.EPOCH);
        assertThat(StatusTranslator.toProto(back)).isEqualTo(status);
        assertThat(back.reason()).contains(reason);
        assertThat(back.timestamp()).isEqualTo(update.timestamp());
    }

    @Test
    void whatTheEngineDecidedHoldsOverWhatTheAgentSaid() {
        Protos.TaskStatus said = Protos.TaskStatus.newBuilder()
                .setTaskId(Protos.TaskID.newBuilder().setValue("t"))
                .setState(Protos.TaskState.TASK_RUNNING)
                .setMessage("agent's")
                .setHealthy(true)
                .setUuid(StatusTranslator.bytes(UUID.randomUUID()))
                .build();
        Protos.TaskStatus status = StatusTranslator.toProto(new StatusUpdate(
                new TaskId("t"),
                TaskState.RUNNING,
                Optional.empty(),
                Optional.empty(),
                StatusSource.MASTER,
                Optional.of(StatusReason.RECONCILIATION),
                Optional.empty(),
                Optional.empty(),
                Instant.EPOCH,
                Optional.empty(),
                Payload.copyOf(said.toByteArray())));
        assertThat(status.getHealthy()).isTrue();
        assertThat(status.hasMessage()).isFalse();
        assertThat(status.hasUuid()).isFalse();
        assertThat(status.getReason()).isEqualTo(Protos.TaskStatus.Reason.REASON_RECONCILIATION);
    }

    private static Protos.FrameworkInfo.Builder info() {
        return Protos.FrameworkInfo.newBuilder().setUser("u").setName("n");
    }

    private static Optional<String> fault(Protos.FrameworkInfo.Builder info, String... suppressed) {
        return FrameworkTranslator.fault(info.build(), List.of(suppressed));
    }

    @Test
    @SuppressWarnings("deprecation") // The field of frameworks with one role.
    void rolesAndTheirCapabilityMustAgree() {
        Capability multiRole =
                Capability.newBuilder().setType(Capability.Type.MULTI_ROLE).build();
        assertThat(fault(info().setRole("x").addCapabilities(multiRole)))
                .contains("'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable");
        assertThat(fault(info().addRoles("x")))
                .contains("'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable");
        assertThat(fault(info().addRoles("x").addRoles("x").addCapabilities(multiRole)))
                .contains("'FrameworkInfo.roles' contains duplicate items: { x }");
        assertThat(fault(info().setRole("")))
                .contains("'FrameworkInfo.role' is not a valid role: Role names cannot be the empty string");
        assertThat(fault(info(), "y")).contains("Suppressed role 'y' is not contained in the list of roles");
        assertThat(FrameworkTranslator.fromProto(info().build(), Optional.empty())
                        .roles())
                .containsExactly(RolePath.DEFAULT);
    }

    @Test
    void timeoutsBeyondMesosNanosecondsAreRefusedAndNegativeOnesAreZero() {
        assertThat(fault(info().setFailoverTimeout(1e20)))
                .contains("The framework failover_timeout (1e+20) is invalid");
        assertThat(fault(info().setFailoverTimeout(Double.NaN))).isPresent();
        assertThat(FrameworkTranslator.fromProto(info().setFailoverTimeout(-5).build(), Optional.empty())
                        .failoverTimeout())
                .isEqualTo(Duration.ZERO);
    }
}
