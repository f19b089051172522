package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every framework: those that live, and those whose ids are refused because they have ended. */
final class FrameworkBook {
    /** Ids that are refused; the oldest are let go beyond this. */
    private static final int REMOVED_IDS_KEPT = 100_000;

    private final String termId;
    private final int completedKept;
    private final Map<FrameworkId, Framework> living = new LinkedHashMap<>();
    private final Set<FrameworkId> removed = new LinkedHashSet<>();
    private final Deque<Completed> completed = new ArrayDeque<>();
    private long nextNumber;

    /** A framework that ended, as it was then. */
    record Completed(Framework framework, Instant at) {}

    FrameworkBook(EngineConfig config) {
        this.termId = config.termId();
        this.completedKept = config.completedFrameworks();
    }

    /** {@code <term id>-NNNN}, counted from 0000. */
    FrameworkId nextId() {
        return new FrameworkId(termId + "-" + String.format("%04d", nextNumber++));
    }

    @Nullable
    Framework find(FrameworkId id) {
        return living.get(id);
    }

    void add(Framework framework) {
        living.put(framework.id, framework);
    }

    Collection<Framework> all() {
        return Collections.unmodifiableCollection(living.values());
    }

    /** Newest first. */
    Collection<Completed> completed() {
        return Collections.unmodifiableCollection(completed);
    }

    /** Ids that are refused, oldest first. */
    Collection<FrameworkId> removed() {
        return Collections.unmodifiableCollection(removed);
    }

    /** Of what the next id is counted. */
    long nextNumber() {
        return nextNumber;
    }

    void continueFrom(long number) {
        nextNumber = number;
    }

    /** An ended framework of a snapshot; oldest first. */
    void restoreCompleted(Framework framework, Instant at) {
        completed.addFirst(new Completed(framework, at));
    }

    boolean isRemoved(FrameworkId id) {
        return removed.contains(id);
    }

    void complete(Framework framework, Instant at) {
        living.remove(framework.id);
        refuse(framework.id);
        completed.addFirst(new Completed(framework, at));
        if (completed.size() > completedKept) {
            completed.removeLast();
        }
    }

    /** Its id is refused from here on. */
    void refuse(FrameworkId id) {
        removed.add(id);
        if (removed.size() > REMOVED_IDS_KEPT) {
            removed.remove(removed.iterator().next());
        }
    }
}
