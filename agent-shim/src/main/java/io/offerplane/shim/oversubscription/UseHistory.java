package io.offerplane.shim.oversubscription;

import io.offerplane.shim.cgroup.GroupLoad;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a group used of late: at the last look, and at most within a window. The window is kept as a few slots, of which each has its
 * highest use, so that a container costs the same however often it is looked at.
 */
final class UseHistory {

    private static final int SLOTS = 10;
    private static final long NANOS_PER_MILLI_CPU_SECOND = 1_000_000;

    private record Slot(long number, Amount peak) {}

    private final Duration window;
    private final Duration began;
    private final Deque<Slot> slots = new ArrayDeque<>();
    private Duration lastAt;
    private GroupLoad last;
    private @Nullable Amount current;

    /** @param at when the group was first seen, on the clock of all later looks */
    UseHistory(Duration window, Duration at, GroupLoad load) {
        this.window = window;
        this.began = at;
        this.lastAt = at;
        this.last = load;
    }

    /** One more look, later than all before it. */
    void observe(Duration at, GroupLoad load) {
        long nanos = at.minus(lastAt).toNanos();
        if (nanos <= 0) {
            return;
        }
        // A group that was made anew under its name counts from 0 again.
        long used = Math.max(0, load.cpuNanos() - last.cpuNanos());
        long milliCpus = Math.round(used / (double) nanos * 1e9 / NANOS_PER_MILLI_CPU_SECOND);
        Amount use = new Amount(milliCpus, load.workingSetBytes());
        current = use;
        lastAt = at;
        last = load;
        long number = at.toNanos() / Math.max(1, window.toNanos() / SLOTS);
        Slot newest = slots.peekLast();
        if (newest != null && newest.number() == number) {
            slots.removeLast();
            slots.addLast(new Slot(number, newest.peak().atLeast(use)));
        } else {
            slots.addLast(new Slot(number, use));
        }
        // The slot that the window begins in counts whole.
        slots.removeIf(slot -> slot.number() < number - SLOTS);
    }

    /** Use between the last two looks; nothing before the second. */
    Amount current() {
        return current == null ? Amount.NONE : current;
    }

    /** Whether it has been watched for a whole window, so that its peak says something. */
    boolean isKnown() {
        return lastAt.minus(began).compareTo(window) >= 0;
    }

    /** The highest use within the window, of cpu and of memory each. */
    Amount peak() {
        return slots.stream().map(Slot::peak).reduce(Amount.NONE, Amount::atLeast);
    }
}
