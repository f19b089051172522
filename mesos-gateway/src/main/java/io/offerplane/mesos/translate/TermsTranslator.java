package io.offerplane.mesos.translate;

import io.offerplane.engine.resource.Label;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.Resource.DiskInfo;
import org.apache.mesos.v1.Protos.Resource.ReservationInfo;

/** What a Mesos {@code Resource} says beside its name and value: reservations in either format, volume, shared, revocable. */
final class TermsTranslator {
    private TermsTranslator() {}

    /** What is wrong, in the words of Mesos' {@code Resources::validate}, or empty. */
    static Optional<String> fault(Protos.Resource resource) {
        if (resource.hasDisk() && !resource.getName().equals("disk")) {
            return Optional.of("DiskInfo should not be set for " + resource.getName() + " resource");
        }
        if (resource.hasShared() && !(resource.hasDisk() && resource.getDisk().hasPersistence())) {
            return Optional.of("Only persistent volumes can be shared");
        }
        String role = role(resource);
        if (resource.getReservationsCount() == 0) {
            if (role.equals("*") && hasReservation(resource)) {
                return Optional.of("Invalid reservation: role \"*\" cannot be dynamically reserved");
            }
            return RolePath.fault(role).map(fault -> "Invalid reservation: " + fault);
        }
        return stackFault(resource.getReservationsList());
    }

    private static Optional<String> stackFault(List<ReservationInfo> stack) {
        Optional<RolePath> outer = Optional.empty();
        for (ReservationInfo layer : stack) {
            if (!layer.hasType()) {
                return Optional.of("Invalid reservation: type is missing");
            }
            if (layer.getRole().equals("*")) {
                return Optional.of("Invalid reservation: role \"*\" cannot be reserved");
            }
            Optional<String> fault = RolePath.fault(layer.getRole());
            if (fault.isPresent()) {
                return Optional.of("Invalid reservation: " + fault.get());
            }
            RolePath inner = new RolePath(layer.getRole());
            if (outer.isPresent()) {
                if (layer.getType() == ReservationInfo.Type.STATIC) {
                    return Optional.of("Invalid refined reservation: A refined reservation cannot be STATIC");
                }
                if (inner.equals(outer.get()) || !outer.get().includes(inner)) {
                    return Optional.of("Invalid refined reservation: role '" + inner + "' is not a refinement of '"
                            + outer.get() + "'");
                }
            }
            outer = Optional.of(inner);
        }
        return Optional.empty();
    }

    /** @param milli the scalar's amount in thousandths, which a volume has as its size */
    static Terms fromProto(Protos.Resource resource, long milli) {
        List<Reservation> reservations = new ArrayList<>();
        resource.getReservationsList().forEach(layer -> reservations.add(reservation(layer)));
        if (reservations.isEmpty() && !role(resource).equals("*")) {
            reservations.add(ofRole(resource));
        }
        Optional<Volume> volume = Optional.empty();
        if (resource.hasDisk() && resource.getDisk().hasPersistence() && milli > 0) {
            DiskInfo disk = resource.getDisk();
            volume = Optional.of(new Volume(
                    disk.getPersistence().getId(),
                    disk.getPersistence().hasPrincipal()
                            ? Optional.of(disk.getPersistence().getPrincipal())
                            : Optional.empty(),
                    disk.getVolume().getContainerPath(),
                    milli));
        }
        return new Terms(reservations, volume, resource.hasShared() && volume.isPresent(), resource.hasRevocable());
    }

    private static Reservation reservation(ReservationInfo layer) {
        return new Reservation(
                layer.getType() == ReservationInfo.Type.STATIC ? Reservation.Kind.STATIC : Reservation.Kind.DYNAMIC,
                new RolePath(layer.getRole()),
                layer.hasPrincipal() ? Optional.of(layer.getPrincipal()) : Optional.empty(),
                layer.getLabels().getLabelsList().stream()
                        .map(label -> new Label(
                                label.getKey(), label.hasValue() ? Optional.of(label.getValue()) : Optional.empty()))
                        .toList());
    }

    /** The format of those who don't know refinement: dynamic ones carry a mark. */
    @SuppressWarnings("deprecation")
    private static Reservation ofRole(Protos.Resource resource) {
        ReservationInfo.Type type =
                resource.hasReservation() ? ReservationInfo.Type.DYNAMIC : ReservationInfo.Type.STATIC;
        return reservation(resource.getReservation().toBuilder()
                .setType(type)
                .setRole(resource.getRole())
                .build());
    }

    /** The role of the innermost reservation, in either format. */
    static String reservedFor(Protos.Resource resource) {
        int layers = resource.getReservationsCount();
        return layers > 0 ? resource.getReservations(layers - 1).getRole() : role(resource);
    }

    @SuppressWarnings("deprecation") // As above.
    private static String role(Protos.Resource resource) {
        return resource.getRole();
    }

    @SuppressWarnings("deprecation") // As above.
    private static boolean hasReservation(Protos.Resource resource) {
        return resource.hasReservation();
    }

    static void writeReservations(Terms terms, Protos.Resource.Builder builder) {
        for (Reservation reservation : terms.reservations()) {
            builder.addReservations(info(reservation)
                    .setType(
                            reservation.kind() == Reservation.Kind.STATIC
                                    ? ReservationInfo.Type.STATIC
                                    : ReservationInfo.Type.DYNAMIC)
                    .setRole(reservation.role().value()));
        }
    }

    /** For at most one reservation. */
    @SuppressWarnings("deprecation") // As above.
    static void writeRole(Terms terms, Protos.Resource.Builder builder) {
        builder.setRole(terms.role().map(RolePath::value).orElse("*"));
        if (terms.isDynamic()) {
            builder.setReservation(info(terms.reservations().getLast()));
        }
    }

    private static ReservationInfo.Builder info(Reservation reservation) {
        ReservationInfo.Builder info = ReservationInfo.newBuilder();
        reservation.principal().ifPresent(info::setPrincipal);
        for (Label label : reservation.labels()) {
            Protos.Label.Builder added =
                    info.getLabelsBuilder().addLabelsBuilder().setKey(label.key());
            label.value().ifPresent(added::setValue);
        }
        return info;
    }

    static void writeRest(Terms terms, Protos.Resource.Builder builder) {
        terms.volume().ifPresent(volume -> {
            DiskInfo.Persistence.Builder persistence =
                    DiskInfo.Persistence.newBuilder().setId(volume.id());
            volume.principal().ifPresent(persistence::setPrincipal);
            builder.setDisk(DiskInfo.newBuilder()
                    .setPersistence(persistence)
                    .setVolume(Protos.Volume.newBuilder()
                            .setContainerPath(volume.containerPath())
                            .setMode(Protos.Volume.Mode.RW)));
        });
        if (terms.shared()) {
            builder.setShared(Protos.Resource.SharedInfo.getDefaultInstance());
        }
        if (terms.revocable()) {
            builder.setRevocable(Protos.Resource.RevocableInfo.getDefaultInstance());
        }
    }

    /**
     * What is wrong with the volume that an operation names, in the words of Mesos' validation, or empty. A resource that says nothing of
     * a volume is the engine's to judge.
     */
    static Optional<String> volumeFault(Protos.Resource resource) {
        if (!resource.hasDisk()) {
            return Optional.empty();
        }
        DiskInfo disk = resource.getDisk();
        String invalid = "Invalid resources: Invalid DiskInfo: ";
        if (!disk.hasPersistence()) {
            return Optional.of(
                    disk.hasVolume()
                            ? invalid + "Non-persistent volume not supported"
                            : "Not a persistent volume: Resource " + ResourceTranslator.text(resource)
                                    + " does not have persistence");
        }
        if (resource.getReservationsCount() == 0 && role(resource).equals("*")) {
            return Optional.of(invalid + "Persistent volumes cannot be created from unreserved resources");
        }
        if (!disk.hasVolume()) {
            return Optional.of(invalid + "Expecting 'volume' to be set for persistent volume");
        }
        if (disk.getVolume().hasHostPath()) {
            return Optional.of(invalid + "Expecting 'host_path' to be unset for persistent volume");
        }
        Optional<String> id = TaskValidation.idFault(disk.getPersistence().getId());
        if (id.isPresent()) {
            return Optional.of(invalid + "Invalid persistence ID for persistent volume: " + id.get());
        }
        return disk.getVolume().getMode() == Protos.Volume.Mode.RO
                ? Optional.of("Not a persistent volume: Read-only persistent volume not supported")
                : Optional.empty();
    }

    /** As Mesos prints it between a resource's name and its value. */
    static String text(Protos.Resource resource) {
        StringBuilder text = new StringBuilder();
        if (resource.getReservationsCount() > 0) {
            text.append(resource.getReservationsList().stream()
                    .map(layer -> reservation(layer).toString())
                    .collect(Collectors.joining(",", "(reservations: [", "])")));
        }
        if (resource.hasDisk()) {
            DiskInfo disk = resource.getDisk();
            text.append('[').append(disk.getPersistence().getId());
            if (disk.hasVolume()) {
                text.append(':').append(disk.getVolume().getContainerPath());
            }
            text.append(']');
        }
        text.append(resource.hasRevocable() ? "{REV}" : "").append(resource.hasShared() ? "<SHARED>" : "");
        return text.toString();
    }
}
