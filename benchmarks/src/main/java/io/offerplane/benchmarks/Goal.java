package io.offerplane.benchmarks;

import java.util.Locale;

/**
 * A figure beside what it is to come to. What nobody has set, or nobody has measured, shows as a dash.
 *
 * @param unit of all figures, such as {@code M Y1}
 * @param reference what something else needs for it, or empty
 * @param value as measured here; infinite where the run ended without reaching it, NaN where there was nothing to measure it with
 * @param goal to be met, or NaN if only the moonshot is set
 * @param moonshot to be dreamt of, or NaN if none is set
 * @param smaller whether less is better
 */
record Goal(String what, String unit, String reference, double value, double goal, double moonshot, boolean smaller) {
    static Goal atMost(String what, String unit, String reference, double value, double goal) {
        return new Goal(what, unit, reference, value, goal, Double.NaN, true);
    }

    static Goal atLeast(String what, String unit, String reference, double value, double goal) {
        return new Goal(what, unit, reference, value, goal, Double.NaN, false);
    }

    /** A figure that has a moonshot and no goal before it. */
    static Goal dream(String what, String unit, String reference, double value, double atMost) {
        return new Goal(what, unit, reference, value, Double.NaN, atMost, true);
    }

    Goal moonshot(double bound) {
        return new Goal(what, unit, reference, value, goal, bound, smaller);
    }

    private boolean reaches(double bound) {
        return smaller ? value <= bound : value >= bound;
    }

    String verdict() {
        if (Double.isNaN(value)) {
            return "not measured";
        }
        if (Double.isInfinite(value)) {
            return "not reached";
        }
        if (reaches(moonshot)) {
            return "moonshot";
        }
        // No comparison with NaN holds.
        return reaches(goal) ? "met" : Double.isNaN(goal) ? "no moonshot" : "missed";
    }

    String row() {
        return "| " + what + " | " + unit + " | " + (reference.isEmpty() ? "-" : reference) + " | " + bound(goal)
                + " | " + bound(moonshot) + " | " + (Double.isFinite(value) ? figure(value) : "-") + " | " + verdict()
                + " |";
    }

    private String bound(double bound) {
        return Double.isNaN(bound) ? "-" : (smaller ? "<= " : ">= ") + figure(bound);
    }

    private static String figure(double figure) {
        return Math.abs(figure) >= 100
                ? String.format(Locale.ROOT, "%,.0f", figure)
                : String.format(Locale.ROOT, "%.3f", figure).replaceFirst("\\.?0+$", "");
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{\"goal\":\"%s\",\"unit\":\"%s\",\"goalIs\":%s,\"moonshotIs\":%s,\"value\":%s,\"verdict\":\"%s\"}",
                what,
                unit,
                number(goal),
                number(moonshot),
                number(value),
                verdict());
    }

    private static String number(double number) {
        return Double.isFinite(number) ? Double.toString(number) : "null";
    }
}
