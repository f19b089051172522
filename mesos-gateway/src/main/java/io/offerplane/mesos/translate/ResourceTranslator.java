package io.offerplane.mesos.translate;

import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.mesos.v1.Protos;

/** Mesos {@code Resource} lists. Units are the same on both sides: cores, MiB. */
public final class ResourceTranslator {
    /** The order in which Mesos lists the resources that every agent has. */
    private static final List<String> FIRST = List.of("cpus", "gpus", "mem", "disk", "ports");

    private ResourceTranslator() {}

    /**
     * Resources as they were read, and what is wrong with them.
     *
     * @param fault in Mesos' words; then {@code resources} holds what could be read all the same
     */
    public record Parsed(Resources resources, Optional<String> fault) {}

    /** How a resource says for whom it is reserved. */
    private enum Format {
        /** As a stack of reservations: for those who know RESERVATION_REFINEMENT. */
        REFINED,
        /** As a role, {@code *} for none, and a mark when that is dynamic: for everybody else. */
        ROLE,
        /** Both, or the stack alone when it has more than one layer: for operators. */
        ENDPOINT
    }

    /**
     * As a list for the wire.
     *
     * @param allocatedTo the role for {@code allocation_info}, empty to leave that out
     * @param refined whether the reader knows RESERVATION_REFINEMENT: without it every resource names its role, {@code *}
     */
    public static List<Protos.Resource> toProto(Resources resources, Optional<RolePath> allocatedTo, boolean refined) {
        return toProto(resources, allocatedTo, refined ? Format.REFINED : Format.ROLE);
    }

    /** As operators see them. */
    public static List<Protos.Resource> forOperators(Resources resources, Optional<RolePath> allocatedTo) {
        return toProto(resources, allocatedTo, Format.ENDPOINT);
    }

    private static List<Protos.Resource> toProto(Resources resources, Optional<RolePath> allocatedTo, Format format) {
        List<Protos.Resource> list = new ArrayList<>();
        resources.bound().forEach((terms, amounts) -> add(terms, amounts, allocatedTo, format, list));
        add(Terms.FREE, resources.free(), allocatedTo, format, list);
        list.sort(Comparator.comparingInt(ResourceTranslator::place).thenComparing(Protos.Resource::getName));
        return list;
    }

    private static void add(
            Terms terms, Amounts amounts, Optional<RolePath> allocatedTo, Format format, List<Protos.Resource> list) {
        amounts.scalars()
                .amounts()
                .forEach((name, amount) -> list.add(named(name, Protos.Value.Type.SCALAR, terms, allocatedTo, format)
                        .setScalar(Protos.Value.Scalar.newBuilder().setValue(amount.units()))
                        .build()));
        amounts.ranges()
                .forEach((name, ranges) -> list.add(named(name, Protos.Value.Type.RANGES, terms, allocatedTo, format)
                        .setRanges(toProto(ranges))
                        .build()));
        amounts.sets()
                .forEach((name, items) -> list.add(named(name, Protos.Value.Type.SET, terms, allocatedTo, format)
                        .setSet(toProto(items))
                        .build()));
    }

    static Protos.Value.Ranges toProto(Ranges ranges) {
        Protos.Value.Ranges.Builder builder = Protos.Value.Ranges.newBuilder();
        ranges.ranges()
                .forEach(range ->
                        builder.addRangeBuilder().setBegin(range.begin()).setEnd(range.end()));
        return builder.build();
    }

    static Protos.Value.Set toProto(ItemSet items) {
        return Protos.Value.Set.newBuilder().addAllItem(items.items()).build();
    }

    /** Reads a list in any of Mesos' formats. Resources of one name on the same terms add up. */
    public static Parsed fromProto(List<Protos.Resource> list) {
        Map<Terms, Sums> sums = new TreeMap<>();
        Optional<String> fault = Optional.empty();
        for (Protos.Resource resource : list) {
            Optional<String> here = faultOf(resource).or(() -> TermsTranslator.fault(resource));
            if (here.isPresent()) {
                if (fault.isEmpty()) {
                    fault = Optional.of("Resource '" + text(resource) + "' is invalid: " + here.get());
                }
                continue;
            }
            long milli = resource.hasScalar()
                    ? quantity(resource.getScalar().getValue()).milli()
                    : 0;
            sums.computeIfAbsent(TermsTranslator.fromProto(resource, milli), terms -> new Sums())
                    .add(resource);
        }
        Resources resources = Resources.EMPTY;
        for (Map.Entry<Terms, Sums> entry : sums.entrySet()) {
            resources =
                    resources.plus(Resources.of(entry.getKey(), entry.getValue().amounts()));
        }
        return new Parsed(resources, fault);
    }

    /** Adds up resources that are on the same terms. */
    private static final class Sums {
        private final Map<String, Double> scalars = new TreeMap<>();
        private final Map<String, List<Ranges.Range>> ranges = new TreeMap<>();
        private final Map<String, Set<String>> sets = new TreeMap<>();

        void add(Protos.Resource resource) {
            switch (resource.getType()) {
                case SCALAR ->
                    scalars.merge(resource.getName(), resource.getScalar().getValue(), Double::sum);
                case RANGES -> {
                    List<Ranges.Range> into = ranges.computeIfAbsent(resource.getName(), n -> new ArrayList<>());
                    for (Protos.Value.Range range : resource.getRanges().getRangeList()) {
                        into.add(new Ranges.Range(range.getBegin(), range.getEnd()));
                    }
                }
                case SET ->
                    sets.computeIfAbsent(resource.getName(), n -> new TreeSet<>())
                            .addAll(resource.getSet().getItemList());
                case TEXT -> throw new IllegalStateException("a text resource passed as valid: " + resource.getName());
            }
        }

        Amounts amounts() {
            TreeMap<String, Quantity> amounts = new TreeMap<>();
            scalars.forEach((name, units) -> amounts.put(name, quantity(units)));
            TreeMap<String, Ranges> numbers = new TreeMap<>();
            ranges.forEach((name, all) -> numbers.put(name, new Ranges(all)));
            TreeMap<String, ItemSet> items = new TreeMap<>();
            sets.forEach((name, all) -> items.put(name, new ItemSet(List.copyOf(all))));
            return new Amounts(ResourceQuantities.of(amounts), numbers, items);
        }
    }

    /** An absurd amount becomes the largest there is, which is more than any offer holds. */
    private static Quantity quantity(double units) {
        return units >= Quantity.MAX_MILLI / 1000.0 ? Quantity.ofMilli(Quantity.MAX_MILLI) : Quantity.of(units);
    }

    private static Protos.Resource.Builder named(
            String name, Protos.Value.Type type, Terms terms, Optional<RolePath> allocatedTo, Format format) {
        Protos.Resource.Builder builder =
                Protos.Resource.newBuilder().setName(name).setType(type);
        if (format != Format.REFINED && !terms.isRefined()) {
            TermsTranslator.writeRole(terms, builder);
        }
        if (format != Format.ROLE || terms.isRefined()) {
            TermsTranslator.writeReservations(terms, builder);
        }
        TermsTranslator.writeRest(terms, builder);
        allocatedTo.ifPresent(role -> builder.setAllocationInfo(
                Protos.Resource.AllocationInfo.newBuilder().setRole(role.value())));
        return builder;
    }

    private static int place(Protos.Resource resource) {
        int place = FIRST.indexOf(resource.getName());
        return place < 0 ? FIRST.size() : place;
    }

    private static Optional<String> faultOf(Protos.Resource resource) {
        if (resource.getName().isEmpty()) {
            return Optional.of("Empty resource name");
        }
        boolean scalar = resource.hasScalar();
        boolean ranges = resource.hasRanges();
        boolean set = resource.hasSet();
        return switch (resource.getType()) {
            case SCALAR -> {
                if (!scalar || ranges || set) {
                    yield Optional.of("Invalid scalar resource");
                }
                double value = resource.getScalar().getValue();
                // Zero is no resource at all to Mesos, and passes; what only rounds to zero does not.
                yield value != 0 && rounded(value) <= 0
                        ? Optional.of("Invalid scalar resource: value <= 0")
                        : Optional.empty();
            }
            case RANGES -> {
                if (scalar || !ranges || set) {
                    yield Optional.of("Invalid ranges resource");
                }
                yield rangesFault(resource.getRanges().getRangeList());
            }
            case SET -> {
                if (scalar || ranges || !set) {
                    yield Optional.of("Invalid set resource");
                }
                yield new HashSet<>(resource.getSet().getItemList()).size()
                                < resource.getSet().getItemCount()
                        ? Optional.of("Invalid set resource: duplicated elements")
                        : Optional.empty();
            }
            case TEXT -> Optional.of("Unsupported resource type");
        };
    }

    private static Optional<String> rangesFault(List<Protos.Value.Range> list) {
        List<Protos.Value.Range> sorted = new ArrayList<>(list);
        for (Protos.Value.Range range : list) {
            if (Long.compareUnsigned(range.getBegin(), range.getEnd()) > 0) {
                return Optional.of("Invalid ranges resource: begin > end");
            }
            if (range.getEnd() < 0 || range.getEnd() == Long.MAX_VALUE) {
                return Optional.of("Invalid ranges resource: end is out of range");
            }
        }
        sorted.sort(Comparator.comparingLong(Protos.Value.Range::getBegin));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).getBegin() <= sorted.get(i - 1).getEnd()) {
                return Optional.of("Invalid ranges resource: overlapping ranges");
            }
        }
        return Optional.empty();
    }

    /** To three decimals, in 64 bits that overflow to the least number, as Mesos' do: so an absurd amount is a negative one. */
    private static double rounded(double value) {
        double milli = value * 1000.0;
        if (Double.isNaN(milli) || Math.abs(milli) >= 0x1p63) {
            return Long.MIN_VALUE / 1000.0;
        }
        return Math.round(milli) / 1000.0;
    }

    /** One resource as Mesos prints it in its messages, such as {@code cpus:-1}. */
    static String text(Protos.Resource resource) {
        StringBuilder text = new StringBuilder(resource.getName());
        if (resource.hasAllocationInfo()) {
            text.append("(allocated: ")
                    .append(resource.getAllocationInfo().getRole())
                    .append(")");
        }
        text.append(TermsTranslator.text(resource));
        text.append(':');
        switch (resource.getType()) {
            case SCALAR ->
                text.append(NumberText.of(rounded(resource.getScalar().getValue())));
            case RANGES -> {
                List<String> parts = resource.getRanges().getRangeList().stream()
                        .map(r -> Long.toUnsignedString(r.getBegin()) + "-" + Long.toUnsignedString(r.getEnd()))
                        .toList();
                text.append('[').append(String.join(", ", parts)).append(']');
            }
            case SET ->
                text.append('{')
                        .append(String.join(", ", resource.getSet().getItemList()))
                        .append('}');
            case TEXT -> text.append('?');
        }
        return text.toString();
    }
}
