package io.offerplane.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is to happen by the passing of time alone, in order of time and then of entry. */
final class Timetable {
    private static final Comparator<Entry> ORDER =
            Comparator.comparing(Entry::at).thenComparingLong(Entry::sequence);

    private final TreeSet<Entry> entries = new TreeSet<>(ORDER);
    private long nextSequence;

    /** Something due at a time. */
    record Entry(Instant at, long sequence, Due due) {}

    /** What can fall due: data rather than actions, so that a snapshot can hold it. */
    sealed interface Due {
        /** An offer has waited for its answer for as long as it may. */
        record OfferTimeout(OutstandingOffer offer) implements Due {}

        /** An inverse offer has waited for its answer for as long as it may. */
        record InverseOfferTimeout(OutstandingInverseOffer offer) implements Due {}

        /** Who has answered an inverse offer may be asked again. */
        record InverseRefusalExpiry(Framework framework, Agent agent, Instant until) implements Due {}

        /** A refusal no longer holds. */
        record FilterExpiry(Subscription subscription, Agent agent, Instant until) implements Due {}

        /** A framework has not come back in time. */
        record FailoverDeadline(Framework framework) implements Due {}

        /** An agent has not come back in time; frameworks are told so by the message. */
        record AgentPatience(Agent agent, String message) implements Due {}

        /** Guarantees are looked after again. */
        record ReclaimRound() implements Due {}

        /** Those who are passed over are looked after again. */
        record SetAsideRound() implements Due {}

        /** A task that is to be given back has had its grace. */
        record ReclaimDeadline(Task task) implements Due {}

        /** An application has waited long enough for the places that it likes best. */
        record AskRelaxation(Framework framework) implements Due {}

        /**
         * The end of an operation was not acknowledged yet.
         *
         * @param patience until the repetition after this one
         */
        record OperationRepeat(Framework framework, OperationBook.Finished operation, Duration patience)
                implements Due {}
    }

    Entry add(Instant at, Due due) {
        Entry entry = new Entry(at, nextSequence++, due);
        entries.add(entry);
        return entry;
    }

    void cancel(@Nullable Entry entry) {
        if (entry != null) {
            entries.remove(entry);
        }
    }

    /** Whether it is still to come. */
    boolean contains(@Nullable Entry entry) {
        return entry != null && entries.contains(entry);
    }

    /** Does everything that is due, including what falls due by it. */
    void run(Instant now, Consumer<Due> doer) {
        while (!entries.isEmpty() && !entries.first().at().isAfter(now)) {
            doer.accept(entries.removeFirst().due());
        }
    }

    Optional<Instant> next() {
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(entries.first().at());
    }

    // --- snapshots

    long nextSequence() {
        return nextSequence;
    }

    /** Entries from here on come after all that were there. */
    void continueFrom(long sequence) {
        nextSequence = sequence;
    }

    /** Puts an entry back in its place. */
    Entry restore(Instant at, long sequence, Due due) {
        Entry entry = new Entry(at, sequence, due);
        entries.add(entry);
        return entry;
    }
}
