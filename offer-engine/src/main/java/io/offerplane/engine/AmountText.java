package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Amounts in sentences for people: {@code 8 cpus and 16 GiB}. Exact, so that what is needed never looks like what is there. */
final class AmountText {
    /** Names that stand first. */
    private static final List<String> USUAL_ORDER = List.of("cpus", "mem", "gpus", "disk");

    private static final long MILLI_PER_MIB = 1000;
    private static final long MILLI_PER_GIB = 1024 * MILLI_PER_MIB;

    private record Step(long seconds, String text) {}

    /** Refuse times are told in steps, so that a sentence doesn't change each second. */
    private static final List<Step> STEPS = List.of(
            new Step(1, "1 s"),
            new Step(5, "5 s"),
            new Step(10, "10 s"),
            new Step(30, "30 s"),
            new Step(60, "1 min"),
            new Step(300, "5 min"),
            new Step(600, "10 min"),
            new Step(1800, "30 min"),
            new Step(3600, "1 h"),
            new Step(6 * 3600, "6 h"),
            new Step(86_400, "1 day"),
            new Step(7 * 86_400, "7 days"),
            new Step(30 * 86_400, "30 days"));

    private AmountText() {}

    static String of(ResourceQuantities amounts) {
        return of(amounts, names(amounts));
    }

    /** Of these names, also where there is nothing of them. */
    static String of(ResourceQuantities amounts, List<String> names) {
        return names.isEmpty()
                ? "nothing"
                : list(names.stream().map(name -> of(name, amounts.milli(name))).toList(), "and");
    }

    static String of(String name, long milli) {
        return switch (name) {
            case "mem" -> bytes(milli);
            case "disk" -> bytes(milli) + " disk";
            case "cpus", "gpus" -> number(milli) + " " + (milli == 1000 ? name.substring(0, name.length() - 1) : name);
            default -> number(milli) + " " + name;
        };
    }

    /** {@code 2 of 10 cpus}. */
    static String part(String name, long milli, long wholeMilli) {
        boolean bytes = name.equals("mem") || name.equals("disk");
        return (bytes ? bytes(milli) : number(milli)) + " of " + of(name, wholeMilli);
    }

    /** In the order in which people list them. */
    static List<String> names(ResourceQuantities amounts) {
        List<String> names = new ArrayList<>(amounts.amounts().keySet());
        names.sort(Comparator.comparingInt(AmountText::place).thenComparing(Comparator.naturalOrder()));
        return names;
    }

    private static int place(String name) {
        int place = USUAL_ORDER.indexOf(name);
        return place < 0 ? USUAL_ORDER.size() : place;
    }

    /** {@code a, b and c}. */
    static String list(List<String> parts, String last) {
        int most = parts.size() - 1;
        return most < 1
                ? String.join("", parts)
                : String.join(", ", parts.subList(0, most)) + " " + last + " " + parts.get(most);
    }

    /** No less than the duration, in one of few steps. */
    static String upTo(Duration duration) {
        for (Step step : STEPS) {
            if (duration.compareTo(Duration.ofSeconds(step.seconds)) <= 0) {
                return step.text;
            }
        }
        return "365 days";
    }

    private static String bytes(long milliOfMib) {
        // In GiB where two digits after the point say it exactly.
        boolean gibibytes = milliOfMib >= MILLI_PER_GIB && milliOfMib % (MILLI_PER_GIB / 100) == 0;
        return gibibytes
                ? plain(BigDecimal.valueOf(milliOfMib).divide(BigDecimal.valueOf(MILLI_PER_GIB))) + " GiB"
                : number(milliOfMib) + " MiB";
    }

    private static String number(long milli) {
        return plain(BigDecimal.valueOf(milli, 3));
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
