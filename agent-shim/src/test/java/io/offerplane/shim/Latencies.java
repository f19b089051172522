package io.offerplane.shim;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Times of one kind, sorted, in milliseconds.
 *
 * @param what they are of
 */
record Latencies(String what, List<Double> sorted) {
    Latencies {
        sorted = sorted.stream().sorted().toList();
    }

    static Latencies of(String what, long... nanos) {
        return new Latencies(what, Arrays.stream(nanos).mapToObj(n -> n / 1e6).toList());
    }

    /** @param part from 0 to 1 */
    double at(double part) {
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(part * (sorted.size() - 1))));
    }

    String row(double yardstick) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.2f | %.2f | %.2f | %.2f |",
                what,
                sorted.size(),
                at(0.5),
                at(0.99),
                at(1),
                at(0.5) / yardstick);
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{\"what\":\"%s\",\"count\":%d,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}",
                what,
                sorted.size(),
                at(0.5),
                at(0.99),
                at(1));
    }
}
