package io.offerplane.engine;

import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.RolePath;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Resources as Mesos prints those of an offer: {@code cpus(allocated: *):1; mem(allocated: *):128}. */
final class ResourceText {
    /** Names that stand first, in the order in which Mesos' agents and nearly all clients list them. */
    private static final List<String> USUAL_ORDER = List.of("cpus", "gpus", "mem", "disk", "ports");

    private static final int DIGITS = 15;

    private ResourceText() {}

    static String allocated(Resources resources, RolePath role) {
        return of(resources, role);
    }

    /**
     * Mesos prints none as {@code {}}. What is reserved stands before what is free of that name.
     *
     * @param role that they are allocated to; null when to none
     */
    static String of(Resources resources, @Nullable RolePath role) {
        List<Part> parts = new ArrayList<>();
        resources.bound().forEach((terms, amounts) -> add(terms, amounts, parts));
        add(Terms.FREE, resources.free(), parts);
        parts.sort(Comparator.comparingInt((Part part) -> place(part.name)).thenComparing(Part::name));
        String allocated = role == null ? "" : "(allocated: " + role + ")";
        return parts.isEmpty()
                ? "{}"
                : parts.stream()
                        .map(part -> part.name + allocated + part.terms + ":" + part.amount)
                        .collect(Collectors.joining("; "));
    }

    private record Part(String name, Terms terms, String amount) {}

    private static void add(Terms terms, Amounts amounts, List<Part> parts) {
        amounts.scalars().forEach((name, milli) -> parts.add(new Part(name, terms, number(milli))));
        amounts.ranges().forEach((name, ranges) -> parts.add(new Part(name, terms, ranges.toString())));
        amounts.sets().forEach((name, items) -> parts.add(new Part(name, terms, items.toString())));
    }

    private static int place(String name) {
        int place = USUAL_ORDER.indexOf(name);
        return place < 0 ? USUAL_ORDER.size() : place;
    }

    /** Mesos prints the 15 digits that a double is good for, and beyond them writes powers of ten: {@code 1e+15}. */
    private static String number(long milli) {
        BigDecimal exact = BigDecimal.valueOf(milli, 3);
        BigDecimal rounded = exact.round(new MathContext(DIGITS)).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent < DIGITS) {
            return rounded.toPlainString();
        }
        BigDecimal mantissa = rounded.movePointLeft(exponent).stripTrailingZeros();
        return mantissa.toPlainString() + "e+" + exponent;
    }
}
