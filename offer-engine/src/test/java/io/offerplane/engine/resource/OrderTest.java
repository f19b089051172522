package io.offerplane.engine.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.resource.Reservation.Kind;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What resources are sorted by tells apart all that isn't equal, or amounts on different terms would be added up. */
class OrderTest {
    private static <T extends Comparable<T>> void requireOrder(List<T> ascending) {
        List<T> shuffled = new ArrayList<>(ascending);
        Collections.shuffle(shuffled, new Random(1));
        Collections.sort(shuffled);
        assertThat(shuffled).isEqualTo(ascending);
        for (int i = 1; i < ascending.size(); i++) {
            assertThat(ascending.get(i - 1).compareTo(ascending.get(i)))
                    .as(ascending.get(i - 1) + " and " + ascending.get(i))
                    .isNegative();
            assertThat(ascending.get(i).compareTo(ascending.get(i - 1))).isPositive();
            assertThat(ascending.get(i).compareTo(ascending.get(i))).isZero();
        }
    }

    @Test
    void labels() {
        requireOrder(List.of(
                new Label("a", Optional.empty()),
                new Label("a", Optional.of("")),
                new Label("a", Optional.of("x")),
                new Label("a", Optional.of("y")),
                new Label("b", Optional.empty())));
    }

    @Test
    void reservations() {
        RolePath eng = new RolePath("eng");
        List<Label> label = List.of(new Label("why", Optional.empty()));
        requireOrder(List.of(
                new Reservation(Kind.STATIC, eng, Optional.empty(), List.of()),
                new Reservation(Kind.DYNAMIC, eng, Optional.empty(), List.of()),
                new Reservation(Kind.DYNAMIC, eng, Optional.empty(), label),
                new Reservation(Kind.DYNAMIC, eng, Optional.of(""), List.of()),
                new Reservation(Kind.DYNAMIC, eng, Optional.of("alice"), List.of()),
                new Reservation(Kind.DYNAMIC, eng, Optional.of("bob"), List.of()),
                new Reservation(Kind.STATIC, new RolePath("ops"), Optional.empty(), List.of())));
    }

    @Test
    void volumes() {
        requireOrder(List.of(
                new Volume("a", Optional.empty(), "data", 1),
                new Volume("a", Optional.empty(), "data", 2),
                new Volume("a", Optional.empty(), "logs", 1),
                new Volume("a", Optional.of(""), "data", 1),
                new Volume("a", Optional.of("alice"), "data", 1),
                new Volume("a", Optional.of("bob"), "data", 1),
                new Volume("b", Optional.empty(), "data", 1)));
    }

    @Test
    void terms() {
        Volume small = new Volume("a", Optional.empty(), "data", 1);
        Volume large = new Volume("a", Optional.empty(), "data", 2);
        Terms reserved =
                Terms.reservedBy(new Reservation(Kind.DYNAMIC, new RolePath("eng"), Optional.empty(), List.of()));
        requireOrder(List.of(
                Terms.FREE,
                Terms.mountedAt(""),
                Terms.mountedAt("/disk1"),
                Terms.mountedAt("/disk2"),
                new Terms(List.of(), Optional.empty(), true, false),
                new Terms(List.of(), Optional.of(small), false, false),
                new Terms(List.of(), Optional.of(small), true, false),
                new Terms(List.of(), Optional.of(large), false, false),
                new Terms(List.of(), Optional.empty(), false, true),
                reserved,
                reserved.of(small, false)));
    }

    @Test
    void whatWasReservedOrMadeAVolumeIsMade() {
        Reservation fixed = new Reservation(Kind.STATIC, new RolePath("eng"), Optional.empty(), List.of());
        Reservation made = new Reservation(Kind.DYNAMIC, new RolePath("eng"), Optional.empty(), List.of());
        assertThat(Terms.FREE.isMade()).isFalse();
        assertThat(Terms.reservedBy(fixed).isMade()).isFalse();
        assertThat(Terms.reservedBy(made).isMade()).isTrue();
        assertThat(Terms.reservedBy(fixed)
                        .of(new Volume("a", Optional.empty(), "data", 1), false)
                        .isMade())
                .isTrue();
    }
}
