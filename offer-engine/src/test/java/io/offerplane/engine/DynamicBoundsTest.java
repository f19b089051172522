package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.resource.Label;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** As much as an agent's object can keep may be reserved on it, and no more. */
class DynamicBoundsTest {
    private final Agent agent = new Agent(new AgentId("s"), 0, TestCluster.agentSpec("s"));

    private static Terms terms(String role, Optional<String> principal, List<Label> labels) {
        return Terms.reservedBy(new Reservation(Reservation.Kind.DYNAMIC, new RolePath(role), principal, labels));
    }

    private static Resources cpus(Terms terms, double cpus) {
        return Resources.of(terms, Resources.scalar("cpus", cpus).free());
    }

    private static ResourceChange reserving(Resources reserved) {
        return new ResourceChange(reserved.onOther(terms -> Terms.FREE), reserved);
    }

    private String fault(Resources reserved) {
        return DynamicBounds.fault(agent, reserving(reserved)).orElse("none");
    }

    private static Label label(int length) {
        return new Label("k".repeat(length), Optional.of("v"));
    }

    @Test
    void soManyDifferentReservationsAndNoMore() {
        for (int i = 0; i < DynamicBounds.TERMS; i++) {
            agent.dynamic = agent.dynamic.plus(cpus(terms("r" + i, Optional.empty(), List.of()), 1));
        }
        assertThat(fault(cpus(terms("r0", Optional.empty(), List.of()), 1)))
                .as("more of the same")
                .isEqualTo("none");
        assertThat(fault(cpus(terms("another", Optional.empty(), List.of()), 1)))
                .isEqualTo("The agent would have resources on 257 different reservations and volumes; it may have 256");
    }

    @Test
    void whatIsBeyondTheBoundsCanStillBeGivenUp() {
        Resources long1 = cpus(terms("eng", Optional.of("p".repeat(2000)), List.of()), 1);
        Resources long2 = cpus(terms("ops", Optional.of("p".repeat(2000)), List.of()), 1);
        agent.dynamic = long1.plus(long2);
        assertThat(DynamicBounds.fault(agent, new ResourceChange(long1, long1.onOther(Terms::unreserved))))
                .isEmpty();
    }

    @Test
    void everyTextAndListIsBounded() {
        String longest = "x".repeat(1024);
        assertThat(fault(cpus(terms(longest, Optional.of(longest), List.of(label(1024))), 1)))
                .isEqualTo("none");
        assertThat(fault(cpus(terms(longest + "x", Optional.empty(), List.of()), 1)))
                .isEqualTo("A role has 1025 characters; it may have 1024");
        assertThat(fault(cpus(terms("r", Optional.of(longest + "x"), List.of()), 1)))
                .isEqualTo("A principal has 1025 characters; it may have 1024");
        assertThat(fault(cpus(terms("r", Optional.empty(), List.of(label(1025))), 1)))
                .isEqualTo("A label's key has 1025 characters; it may have 1024");
        assertThat(fault(cpus(terms("r", Optional.empty(), List.of(new Label("k", Optional.of(longest + "x")))), 1)))
                .isEqualTo("A label's value has 1025 characters; it may have 1024");
        assertThat(fault(cpus(terms("r", Optional.empty(), Collections.nCopies(65, label(1))), 1)))
                .isEqualTo("A reservation has 65 labels; it may have 64");
        Terms reserved = terms("r", Optional.empty(), List.of());
        assertThat(fault(Resources.diskOn(reserved.of(new Volume(longest + "x", Optional.empty(), "p", 1), false))))
                .isEqualTo("A persistence ID has 1025 characters; it may have 1024");
        assertThat(fault(Resources.diskOn(reserved.of(new Volume("v", Optional.empty(), longest + "x", 1), false))))
                .isEqualTo("A container path has 1025 characters; it may have 1024");
    }

    @Test
    void refinementsAndRangesAreBounded() {
        List<Reservation> layers = new ArrayList<>();
        StringBuilder role = new StringBuilder("r");
        for (int i = 0; i < 17; i++) {
            layers.add(new Reservation(
                    Reservation.Kind.DYNAMIC, new RolePath(role.toString()), Optional.empty(), List.of()));
            role.append("/r");
        }
        assertThat(fault(cpus(new Terms(layers.subList(0, 16), Optional.empty(), false, false), 1)))
                .isEqualTo("none");
        assertThat(fault(cpus(new Terms(layers, Optional.empty(), false, false), 1)))
                .isEqualTo("A reservation is refined 16 times; it may be 15 times");
        Ranges pieces = new Ranges(IntStream.range(0, 1025)
                .mapToObj(i -> new Ranges.Range(2L * i, 2L * i))
                .toList());
        assertThat(fault(Resources.of(
                        terms("r", Optional.empty(), List.of()),
                        Resources.ranges("ports", pieces).free())))
                .isEqualTo("A reservation has 1025 ranges; it may have 1024");
    }

    @Test
    void allOfItTogetherFitsIntoAnObject() {
        for (int i = 0; i < 32; i++) {
            agent.dynamic =
                    agent.dynamic.plus(cpus(terms("r" + i, Optional.empty(), Collections.nCopies(2, label(1000))), 1));
        }
        assertThat(fault(cpus(terms("r", Optional.empty(), Collections.nCopies(2, label(1000))), 1)))
                .isEqualTo("All reservations and volumes of the agent would be longer than 65536 characters as text;"
                        + " shorter or fewer labels are needed");
    }
}
