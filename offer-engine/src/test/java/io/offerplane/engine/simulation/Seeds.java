package io.offerplane.engine.simulation;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.LongStream;

/**
 * Which seeds a simulation runs: those that {@code -Dsimulation.seed} (the first) and {@code -Dsimulation.seeds} (how many) name, or
 * else the first 400. With {@code -Dsimulation.day} (a number of days since 1970, or {@code today}) some that are the same every day, and others
 * that go through the rest of 10,000 in the course of two weeks.
 */
final class Seeds {
    static final int ALL = 10_000;
    private static final int EVERY_RUN = 400;
    static final int SAME_EVERY_DAY = 300;
    static final int OF_THE_DAY = 700;

    private Seeds() {}

    static LongStream chosen() {
        Long first = Long.getLong("simulation.seed");
        Integer count = Integer.getInteger("simulation.seeds");
        if (first != null || count != null) {
            long from = first == null ? 1 : first;
            return LongStream.range(from, from + (count == null ? 1 : count));
        }
        String named = System.getProperty("simulation.day");
        if (named == null) {
            return LongStream.rangeClosed(1, EVERY_RUN);
        }
        long day = named.equals("today") ? LocalDate.now(ZoneOffset.UTC).toEpochDay() : Long.parseLong(named);
        System.out.println("seeds 1 to " + SAME_EVERY_DAY + ", and " + OF_THE_DAY + " of the day, from "
                + ofDay(day).findFirst().orElseThrow() + "; again: -Dsimulation.day=" + day);
        return LongStream.concat(LongStream.rangeClosed(1, SAME_EVERY_DAY), ofDay(day));
    }

    /** @param day since 1970 */
    static LongStream ofDay(long day) {
        long others = ALL - SAME_EVERY_DAY;
        return LongStream.range(day * OF_THE_DAY, (day + 1) * OF_THE_DAY)
                .map(place -> 1 + SAME_EVERY_DAY + place % others);
    }
}
