package io.offerplane.engine;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.List;

/** Durations as Mesos prints them: in the largest unit that isn't below one, such as {@code 10mins} or {@code 1.25mins}. */
final class DurationText {
    private record Unit(String name, long nanoseconds) {}

    private static final List<Unit> UNITS = List.of(
            new Unit("weeks", 604_800_000_000_000L),
            new Unit("days", 86_400_000_000_000L),
            new Unit("hrs", 3_600_000_000_000L),
            new Unit("mins", 60_000_000_000L),
            new Unit("secs", 1_000_000_000L),
            new Unit("ms", 1_000_000L),
            new Unit("us", 1_000L));

    private static final int DIGITS = 15;

    private DurationText() {}

    /** Of a duration of at most 292 years, as Mesos has none that is longer. */
    static String of(Duration duration) {
        long nanoseconds = duration.toNanos();
        for (Unit unit : UNITS) {
            if (nanoseconds >= unit.nanoseconds()) {
                return BigDecimal.valueOf(nanoseconds)
                                .divide(BigDecimal.valueOf(unit.nanoseconds()), new MathContext(DIGITS))
                                .stripTrailingZeros()
                                .toPlainString()
                        + unit.name();
            }
        }
        return nanoseconds + "ns";
    }
}
