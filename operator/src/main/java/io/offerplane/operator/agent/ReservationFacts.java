package io.offerplane.operator.agent;

import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.agent.ReservedResources;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Label;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reservations and volumes as an agent's status keeps them from leader to leader: what {@link #written} makes of the engine's
 * resources, {@link #read} turns into equal ones.
 */
final class ReservationFacts {
    private static final Logger LOG = LoggerFactory.getLogger(ReservationFacts.class);

    private ReservationFacts() {}

    static List<ReservedResources> written(Resources dynamic) {
        List<ReservedResources> written = new ArrayList<>();
        dynamic.forEach((terms, amounts) -> written.add(new ReservedResources(
                terms.reservations().stream().map(ReservationFacts::written).toList(),
                terms.volume().map(ReservationFacts::written).orElse(null),
                terms.shared() ? true : null,
                terms.revocable() ? true : null,
                written(amounts))));
        return List.copyOf(written);
    }

    private static ReservedResources.Reservation written(Reservation layer) {
        return new ReservedResources.Reservation(
                switch (layer.kind()) {
                    case STATIC -> ReservedResources.Type.STATIC;
                    case DYNAMIC -> ReservedResources.Type.DYNAMIC;
                },
                layer.role().value(),
                layer.principal().orElse(null),
                layer.labels().stream()
                        .map(label -> new ReservedResources.Label(
                                label.key(), label.value().orElse(null)))
                        .toList());
    }

    private static ReservedResources.Volume written(Volume volume) {
        return new ReservedResources.Volume(
                volume.id(),
                volume.principal().orElse(null),
                volume.containerPath(),
                Quantity.ofMilli(volume.sizeMilli()).toString());
    }

    private static List<ReservedResources.Amount> written(Amounts amounts) {
        List<ReservedResources.Amount> written = new ArrayList<>();
        amounts.scalars()
                .amounts()
                .forEach((name, quantity) ->
                        written.add(new ReservedResources.Amount(name, quantity.toString(), List.of(), List.of())));
        amounts.ranges()
                .forEach((name, ranges) -> written.add(new ReservedResources.Amount(
                        name,
                        null,
                        ranges.ranges().stream()
                                .map(range -> range.begin() + "-" + range.end())
                                .toList(),
                        List.of())));
        amounts.sets()
                .forEach((name, set) -> written.add(new ReservedResources.Amount(name, null, List.of(), set.items())));
        return written;
    }

    /** Entries that make no sense, which only somebody else can have written, are left out and logged. */
    static Resources read(AgentStatus status) {
        Resources read = Resources.EMPTY;
        for (ReservedResources entry : status.reserved()) {
            try {
                read = read.plus(Resources.of(terms(entry), amounts(entry)));
            } catch (RuntimeException e) {
                // Whatever is wrong with one entry, a leader must come up with all the others.
                LOG.atError()
                        .addKeyValue("agent", status.agentId())
                        .addKeyValue("reserved", entry)
                        .setCause(e)
                        .log("A reservation in an agent's status can't be read; it is lost");
            }
        }
        return read;
    }

    private static Terms terms(ReservedResources entry) {
        return new Terms(
                entry.reservations().stream().map(ReservationFacts::layer).toList(),
                Optional.ofNullable(entry.volume())
                        .map(volume -> new Volume(
                                volume.id(),
                                Optional.ofNullable(volume.principal()),
                                volume.containerPath(),
                                milli(volume.size()))),
                Boolean.TRUE.equals(entry.shared()),
                Boolean.TRUE.equals(entry.revocable()));
    }

    private static Reservation layer(ReservedResources.Reservation layer) {
        return new Reservation(
                switch (layer.type()) {
                    case STATIC -> Reservation.Kind.STATIC;
                    case DYNAMIC -> Reservation.Kind.DYNAMIC;
                },
                new RolePath(layer.role()),
                Optional.ofNullable(layer.principal()),
                layer.labels().stream()
                        .map(label -> new Label(label.key(), Optional.ofNullable(label.value())))
                        .toList());
    }

    private static Amounts amounts(ReservedResources entry) {
        TreeMap<String, Quantity> scalars = new TreeMap<>();
        TreeMap<String, Ranges> ranges = new TreeMap<>();
        TreeMap<String, ItemSet> sets = new TreeMap<>();
        for (ReservedResources.Amount amount : entry.resources()) {
            String name = Objects.requireNonNull(amount.name());
            if (amount.scalar() != null) {
                scalars.put(name, Quantity.ofMilli(milli(amount.scalar())));
            }
            if (!amount.ranges().isEmpty()) {
                ranges.put(
                        name,
                        new Ranges(amount.ranges().stream()
                                .map(ReservationFacts::range)
                                .toList()));
            }
            if (!amount.items().isEmpty()) {
                sets.put(name, new ItemSet(amount.items()));
            }
        }
        return new Amounts(ResourceQuantities.of(scalars), ranges, sets);
    }

    private static Ranges.Range range(String text) {
        int dash = text.indexOf('-');
        return new Ranges.Range(Long.parseLong(text, 0, dash, 10), Long.parseLong(text, dash + 1, text.length(), 10));
    }

    private static long milli(@Nullable String decimal) {
        return new BigDecimal(Objects.requireNonNull(decimal)).movePointRight(3).longValueExact();
    }
}
