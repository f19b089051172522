package io.offerplane.benchmarks;

import java.util.Locale;

/**
 * A figure beside what it is to come to.
 *
 * @param unit of all figures, such as {@code M Y1}
 * @param reference what something else needs for it, or empty
 * @param value as measured here, or NaN where the run ended without reaching it
 * @param goal to be met
 * @param moonshot to be dreamt of
 * @param smaller whether less is better
 */
record Goal(String what, String unit, String reference, double value, double goal, double moonshot, boolean smaller) {
    static final String HEAD = """
            | goal | unit | reference | goal | moonshot | here | verdict |
            |---|---|---:|---:|---:|---:|---|
            """;

    static Goal atMost(String what, String unit, String reference, double value, double goal, double moonshot) {
        return new Goal(what, unit, reference, value, goal, moonshot, true);
    }

    static Goal atLeast(String what, String unit, String reference, double value, double goal, double moonshot) {
        return new Goal(what, unit, reference, value, goal, moonshot, false);
    }

    private boolean reaches(double bound) {
        return smaller ? value <= bound : value >= bound;
    }

    String verdict() {
        if (Double.isNaN(value)) {
            return "not reached";
        }
        return reaches(moonshot) ? "moonshot" : reaches(goal) ? "met" : "missed";
    }

    String row() {
        return "| " + what + " | " + unit + " | " + reference + " | " + bound(goal) + " | " + bound(moonshot) + " | "
                + (Double.isNaN(value) ? "-" : figure(value)) + " | " + verdict() + " |";
    }

    private String bound(double bound) {
        return (smaller ? "<= " : ">= ") + figure(bound);
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
                goal,
                moonshot,
                Double.isNaN(value) ? "null" : Double.toString(value),
                verdict());
    }
}
