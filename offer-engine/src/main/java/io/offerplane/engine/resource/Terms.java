package io.offerplane.engine.resource;

import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The terms on which resources may be used: for whom they are reserved, whether they are a persistent volume, whether several may
 * hold it at once, and whether it may be taken back. What Mesos keeps in a {@code Resource} beside name and value.
 *
 * @param reservations from the widest to the narrowest: each refines the one before it, and the last says whose it is now
 * @param shared volumes only
 * @param revocable may be taken from a task at any time
 * @param mount where a disk of Mesos' type {@code MOUNT} is mounted: it is had whole or not at all
 */
public record Terms(
        List<Reservation> reservations,
        Optional<Volume> volume,
        boolean shared,
        boolean revocable,
        Optional<String> mount)
        implements Comparable<Terms> {
    /** No terms at all. */
    public static final Terms FREE = new Terms(List.of(), Optional.empty(), false, false);

    private static final Comparator<Terms> ORDER = Comparator.comparing(Terms::reservations, Lists.order())
            .thenComparing(Terms::revocable)
            .thenComparing(terms -> terms.volume().isPresent())
            .thenComparing(
                    (left, right) -> left.volume().isPresent() && right.volume().isPresent()
                            ? left.volume().get().compareTo(right.volume().get())
                            : 0)
            .thenComparing(Terms::shared)
            .thenComparing(terms -> terms.mount().isPresent())
            .thenComparing(terms -> terms.mount().orElse(""));

    public Terms {
        reservations = List.copyOf(reservations);
        Objects.requireNonNull(volume, "volume");
        Objects.requireNonNull(mount, "mount");
    }

    /** Not a disk of its own. */
    public Terms(List<Reservation> reservations, Optional<Volume> volume, boolean shared, boolean revocable) {
        this(reservations, volume, shared, revocable, Optional.empty());
    }

    /** A disk that is mounted there, free for all. */
    public static Terms mountedAt(String root) {
        return new Terms(List.of(), Optional.empty(), false, false, Optional.of(root));
    }

    public static Terms reservedBy(Reservation... reservations) {
        return new Terms(List.of(reservations), Optional.empty(), false, false);
    }

    public boolean isFree() {
        return reservations.isEmpty() && volume.isEmpty() && !shared && !revocable && mount.isEmpty();
    }

    public boolean isReserved() {
        return !reservations.isEmpty();
    }

    /** More than one layer, which only frameworks with RESERVATION_REFINEMENT understand. */
    public boolean isRefined() {
        return reservations.size() > 1;
    }

    /** Whether the innermost reservation can be undone. */
    public boolean isDynamic() {
        return isReserved() && reservations.getLast().kind() == Reservation.Kind.DYNAMIC;
    }

    /** The role that it is reserved for now. */
    public Optional<RolePath> role() {
        return reservations.isEmpty()
                ? Optional.empty()
                : Optional.of(reservations.getLast().role());
    }

    /** Whether it may be offered to this role: it is reserved for nobody, for the role, or for one above it. */
    public boolean reaches(RolePath to) {
        return reservations.isEmpty() || reservations.getLast().role().includes(to);
    }

    /** With one more layer. */
    public Terms reserved(Reservation reservation) {
        List<Reservation> more = new ArrayList<>(reservations);
        more.add(reservation);
        return new Terms(more, volume, shared, revocable, mount);
    }

    /** Without the innermost reservation; there must be one. */
    public Terms unreserved() {
        return new Terms(reservations.subList(0, reservations.size() - 1), volume, shared, revocable, mount);
    }

    /** Whether a framework or an operator brought it about, and the pool knows nothing of it. */
    public boolean isMade() {
        return isDynamic() || volume.isPresent();
    }

    /** The terms on which the pool granted it, before anybody reserved it or made a volume of it. */
    public Terms granted() {
        Terms terms = volume.isPresent() ? withoutVolume() : this;
        while (terms.isDynamic()) {
            terms = terms.unreserved();
        }
        return terms;
    }

    public Terms of(Volume newVolume, boolean newShared) {
        return new Terms(reservations, Optional.of(newVolume), newShared, revocable, mount);
    }

    /** The reserved disk that the volume is made of. */
    public Terms withoutVolume() {
        return new Terms(reservations, Optional.empty(), false, revocable, mount);
    }

    @Override
    public int compareTo(Terms other) {
        return this == other ? 0 : ORDER.compare(this, other);
    }

    /** As in Mesos' text form of a resource, between its name and its value. */
    @Override
    public String toString() {
        String layers = reservations.isEmpty()
                ? ""
                : reservations.stream()
                        .map(Reservation::toString)
                        .collect(Collectors.joining(",", "(reservations: [", "])"));
        return layers
                + mount.map(root -> "[MOUNT:" + root
                                + volume.map(known -> "," + known).orElse("") + "]")
                        .orElseGet(() -> volume.map(known -> "[" + known + "]").orElse(""))
                + (revocable ? "{REV}" : "")
                + (shared ? "<SHARED>" : "");
    }
}
