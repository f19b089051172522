package io.offerplane.shim.http;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Mesos' text of a time span: a number and a unit, as in {@code 5secs} or {@code 1.5hrs}. */
final class DurationText {

    /** Longest first. */
    private static final Map<String, Duration> UNITS = units();

    private static final int MAX_LENGTH = 32;

    private DurationText() {}

    private static Map<String, Duration> units() {
        Map<String, Duration> units = new LinkedHashMap<>();
        units.put("weeks", Duration.ofDays(7));
        units.put("days", Duration.ofDays(1));
        units.put("hrs", Duration.ofHours(1));
        units.put("mins", Duration.ofMinutes(1));
        units.put("secs", Duration.ofSeconds(1));
        units.put("ms", Duration.ofMillis(1));
        units.put("us", Duration.ofNanos(1000));
        units.put("ns", Duration.ofNanos(1));
        return units;
    }

    /** Empty when the text is no time span, or one beyond 292 years. */
    static Optional<Duration> parse(String text) {
        if (text.length() > MAX_LENGTH || !text.matches("-?[0-9]*\\.?[0-9]+[a-z]+")) {
            return Optional.empty();
        }
        int letters = 0;
        while (!Character.isLetter(text.charAt(letters))) {
            letters++;
        }
        Duration unit = UNITS.get(text.substring(letters));
        if (unit == null) {
            return Optional.empty();
        }
        BigDecimal nanos = new BigDecimal(text.substring(0, letters)).multiply(BigDecimal.valueOf(unit.toNanos()));
        return nanos.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(nanos.longValue()));
    }

    /** In the largest unit that divides it. */
    static String of(Duration duration) {
        for (var unit : UNITS.entrySet()) {
            long nanos = unit.getValue().toNanos();
            if (duration.toNanos() != 0 && duration.toNanos() % nanos == 0) {
                return duration.toNanos() / nanos + unit.getKey();
            }
        }
        return "0ns";
    }
}
