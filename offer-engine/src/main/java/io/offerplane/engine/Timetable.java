package io.offerplane.engine;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is to happen by the passing of time alone, in order of time and then of entry. */
final class Timetable {
    private static final Comparator<Entry> ORDER =
            Comparator.comparing(Entry::at).thenComparingLong(Entry::sequence);

    private final TreeSet<Entry> entries = new TreeSet<>(ORDER);
    private long nextSequence;

    /** Something due at a time. */
    record Entry(Instant at, long sequence, Runnable action) {}

    Entry add(Instant at, Runnable action) {
        Entry entry = new Entry(at, nextSequence++, action);
        entries.add(entry);
        return entry;
    }

    void cancel(@Nullable Entry entry) {
        if (entry != null) {
            entries.remove(entry);
        }
    }

    /** Does everything that is due, including what falls due by it. */
    void run(Instant now) {
        while (!entries.isEmpty() && !entries.first().at().isAfter(now)) {
            entries.pollFirst().action().run();
        }
    }

    Optional<Instant> next() {
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(entries.first().at());
    }
}
