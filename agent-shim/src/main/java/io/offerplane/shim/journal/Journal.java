package io.offerplane.shim.journal;

import io.offerplane.shim.journal.v1.Entry;
import java.io.IOException;

/** Takes entries, in the order in which they are handed over. Safe for use by several threads. */
public interface Journal {

    /**
     * Returns when the entry is on disk. Blocks for a flush, which entries handed over meanwhile share.
     *
     * @throws IOException when it could not be written; then it is as if it had never been handed over
     */
    void append(Entry entry) throws IOException;

    /**
     * Returns at once; the entry reaches the disk with the next flush. For what may be forgotten in a crash because it will
     * be learnt again, such as an acknowledgement.
     */
    void appendLater(Entry entry);

    /** What all appended entries add up to. A copy. */
    JournalState state();
}
