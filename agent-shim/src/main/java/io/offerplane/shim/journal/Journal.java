package io.offerplane.shim.journal;

import io.offerplane.shim.journal.v1.Entry;
import java.io.IOException;
import java.util.List;

/** Takes entries, in the order in which they are handed over. Safe for use by several threads. */
public interface Journal {

    /**
     * Returns when the entry is on disk. Blocks for a flush, which entries handed over meanwhile share.
     *
     * @throws IOException when it could not be written; then it is as if it had never been handed over
     */
    default void append(Entry entry) throws IOException {
        append(List.of(entry));
    }

    /**
     * As {@link #append(Entry)}, of several in one flush. A crash in the middle may leave the first ones only; an error leaves none.
     *
     * @throws IOException when they could not be written; then it is as if they had never been handed over
     */
    void append(List<Entry> entries) throws IOException;

    /**
     * Returns at once; the entry reaches the disk with the next flush. For what may be forgotten in a crash because it will
     * be learnt again, such as an acknowledgement.
     */
    void appendLater(Entry entry);

    /** What all appended entries add up to. A copy. */
    JournalState state();
}
