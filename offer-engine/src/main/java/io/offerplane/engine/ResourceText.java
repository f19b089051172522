package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Resources as Mesos prints those of an offer: {@code cpus(allocated: *):1; mem(allocated: *):128}. */
final class ResourceText {
    /** Names that stand first, in the order in which Mesos' agents and nearly all clients list them. */
    private static final List<String> USUAL_ORDER = List.of("cpus", "gpus", "mem", "disk", "ports");

    private static final int DIGITS = 15;

    private ResourceText() {}

    /** Mesos prints none as {@code {}}. */
    static String allocated(Resources resources, RolePath role) {
        List<String> names = new ArrayList<>(resources.scalars().amounts().keySet());
        names.addAll(resources.ranges().keySet());
        names.addAll(resources.sets().keySet());
        names.sort((left, right) -> {
            int byUse = Integer.compare(place(left), place(right));
            return byUse != 0 ? byUse : left.compareTo(right);
        });
        List<String> parts = new ArrayList<>();
        for (String name : names) {
            parts.add(name + "(allocated: " + role + "):" + amount(resources, name));
        }
        return parts.isEmpty() ? "{}" : String.join("; ", parts);
    }

    private static int place(String name) {
        int place = USUAL_ORDER.indexOf(name);
        return place < 0 ? USUAL_ORDER.size() : place;
    }

    private static String amount(Resources resources, String name) {
        if (resources.ranges().containsKey(name)) {
            return resources.ranges().get(name).toString();
        }
        if (resources.sets().containsKey(name)) {
            return resources.sets().get(name).toString();
        }
        return number(resources.scalars().milli(name));
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
