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
    private static final String GPUS = "gpus";

    private Resources total = Resources.EMPTY;
    private Resources allocated = Resources.EMPTY;
    private Resources offered = Resources.EMPTY;
    private @Nullable Resources available;

    /** Of the total. Asked for every offer, and the total is a long way off. */
    private boolean hasGpus;

    private long moves;

    /** Whether all that was available has been offered as it was, and nothing has changed since: then its end brings just that back. */
    private boolean offeredWhole;

    Resources total() {
        return total;
    }

    boolean hasGpus() {
        return hasGpus;
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

    /** Another number after every change. */
    long moves() {
        return moves;
    }

    private void moved() {
        available = null;
        offeredWhole = false;
        moves++;
    }

    /** What is allocated and offered beyond the total. */
    Resources shortfall() {
        return allocated.exclusive().plus(offered).minusToZero(total);
    }

    void resize(Resources newTotal) {
        setTotal(newTotal);
        moved();
    }

    /** Some of what is available comes to be on other terms. */
    void change(ResourceChange change) {
        requireAvailable("change", change.consumed());
        setTotal(total.minus(change.consumed()).plus(change.converted()));
        moved();
    }

    private void setTotal(Resources newTotal) {
        total = newTotal;
        hasGpus = newTotal.scalars().milli(GPUS) > 0;
    }

    /** As a snapshot has them. */
    void restore(Resources totalThen, Resources allocatedThen, Resources offeredThen) {
        setTotal(totalThen);
        allocated = allocatedThen;
        offered = offeredThen;
        moved();
    }

    void offer(Resources resources) {
        requireAvailable("offer", resources);
        boolean whole = isSame(resources, available);
        offered = offered.plus(resources);
        moved();
        if (whole) {
            available = Resources.EMPTY;
            offeredWhole = true;
        }
    }

    void endOffer(Resources resources) {
        if (!offered.contains(resources)) {
            throw violation("end of an offer", resources, "what is offered, " + offered);
        }
        boolean whole = offeredWhole && isSame(resources, offered);
        offered = offered.minus(resources);
        moved();
        if (whole) {
            available = resources;
        }
    }

    void allocate(Resources resources) {
        requireAvailable("allocation", resources);
        Resources left = available().minus(resources.exclusive());
        adopt(resources);
        available = left;
    }

    /** Takes down what an agent says that it runs, even where that is more than it has. */
    void adopt(Resources resources) {
        allocated = allocated.plus(resources);
        moved();
    }

    /** Of adopted tasks two may claim one port; the first to end gives it back for both. */
    void release(Resources resources) {
        if (!allocated.scalars().contains(resources.scalars())) {
            throw violation("release", resources, "what is allocated, " + allocated);
        }
        allocated = allocated.minus(resources);
        moved();
    }

    @SuppressWarnings("ReferenceEquality") // What comes back is often the very object that went out.
    private static boolean isSame(Resources left, @Nullable Resources right) {
        return left == right;
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
