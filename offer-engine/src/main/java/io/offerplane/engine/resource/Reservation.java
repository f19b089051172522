package io.offerplane.engine.resource;

import io.offerplane.engine.role.RolePath;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One layer of a reservation; Mesos {@code Resource.ReservationInfo}.
 *
 * @param role whom it is for, with all roles below it; never {@code *}
 * @param principal who made it, if that is known
 * @param labels notes of whoever made it; reservations with other labels don't mix
 */
public record Reservation(Kind kind, RolePath role, Optional<String> principal, List<Label> labels)
        implements Comparable<Reservation> {
    private static final Comparator<Reservation> ORDER = Comparator.comparing(Reservation::role)
            .thenComparing(Reservation::kind)
            .thenComparing(reservation -> reservation.principal().isPresent())
            .thenComparing(reservation -> reservation.principal().orElse(""))
            .thenComparing(Reservation::labels, Lists.order());

    /** How a reservation came to be. */
    public enum Kind {
        /** The pool says so: it can't be undone. */
        STATIC,
        /** A framework or an operator made it. */
        DYNAMIC
    }

    public Reservation {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(principal, "principal");
        labels = List.copyOf(labels);
    }

    @Override
    public int compareTo(Reservation other) {
        return ORDER.compare(this, other);
    }

    /** Mesos' text form: {@code (DYNAMIC,eng,alice,{why: test})}. */
    @Override
    public String toString() {
        String notes = labels.isEmpty()
                ? ""
                : labels.stream().map(Label::toString).collect(Collectors.joining(", ", ",{", "}"));
        return "(" + kind + "," + role + principal.map(name -> "," + name).orElse("") + notes + ")";
    }
}
