package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;
import org.jspecify.annotations.Nullable;

/**
 * The sums of one agent, and the only writer of them: what there is in total, what is offered, and what tasks hold.
 *
 * <p>Kept always: offers and tasks take only what is available. What is left is computed; it is never below zero: a total that
 * shrank under its tasks shows as a shortfall. A shared volume stays available while tasks hold it, but is in one offer at a time.
 */
final class AgentLedger {
    private Resources total = Resources.EMPTY;
    private Resources allocated = Resources.EMPTY;
    private Resources offered = Resources.EMPTY;
    private @Nullable Resources available;

    Resources total() {
        return total;
    }

    Resources allocated() {
        return allocated;
    }

    Resources offered() {
        return offered;
    }

    Resources available() {
        Resources known = available;
        if (known == null) {
            known = total.minusToZero(allocated.exclusive()).minusToZero(offered);
            available = known;
        }
        return known;
    }

    /** What is allocated and offered beyond the total. */
    Resources shortfall() {
        return allocated.exclusive().plus(offered).minusToZero(total);
    }

    void resize(Resources newTotal) {
        total = newTotal;
        available = null;
    }

    /** Some of what is available comes to be on other terms. */
    void change(ResourceChange change) {
        requireAvailable("change", change.consumed());
        total = total.minus(change.consumed()).plus(change.converted());
        available = null;
    }

    /** As a snapshot has them. */
    void restore(Resources totalThen, Resources allocatedThen, Resources offeredThen) {
        total = totalThen;
        allocated = allocatedThen;
        offered = offeredThen;
        available = null;
    }

    void offer(Resources resources) {
        requireAvailable("offer", resources);
        offered = offered.plus(resources);
        available = null;
    }

    void endOffer(Resources resources) {
        if (!offered.contains(resources)) {
            throw violation("end of an offer", resources, "what is offered, " + offered);
        }
        offered = offered.minus(resources);
        available = null;
    }

    void allocate(Resources resources) {
        requireAvailable("allocation", resources);
        adopt(resources);
    }

    /** Takes down what an agent says that it runs, even where that is more than it has. */
    void adopt(Resources resources) {
        allocated = allocated.plus(resources);
        available = null;
    }

    /** Of adopted tasks two may claim one port; the first to end gives it back for both. */
    void release(Resources resources) {
        if (!allocated.scalars().contains(resources.scalars())) {
            throw violation("release", resources, "what is allocated, " + allocated);
        }
        allocated = allocated.minus(resources);
        available = null;
    }

    private void requireAvailable(String what, Resources resources) {
        if (!available().contains(resources)) {
            throw violation(what, resources, "what is available, " + available());
        }
    }

    private static InvariantViolation violation(String what, Resources resources, String expected) {
        return new InvariantViolation(what + ": " + resources + " (expected: within " + expected + ")");
    }
}
