package io.offerplane.shim.supervise;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides how many containers are kept ready ahead of their tasks, and when one more is made. Pure: what happens comes in with the time, what is to be
 * done goes out. Times are of one clock that only goes forward, in nanoseconds. Not safe for use by several threads.
 *
 * <p>A container takes as much work to make ahead as to make for a task, so nothing is gained by making one while tasks wait for theirs: one at a time is
 * made, and only after a moment in which none was asked for or started.
 */
final class SlotPool {

    /**
     * @param wanted how many are kept; 0 means none
     * @param quiet how long that moment is
     * @param longestAsking how long one that was asked for is waited for to start
     * @param firstBackOff time after a failure before the next attempt; doubled with each further one until a container is handed out
     * @param longestBackOff the most that it becomes
     */
    record Settings(
            int wanted, Duration quiet, Duration longestAsking, Duration firstBackOff, Duration longestBackOff) {}

    /**
     * A container made ahead.
     *
     * @param id its container id
     * @param group the control group that its own lies in
     */
    record Slot(String id, String group) {
        /** Its own control group. */
        String cgroup() {
            return group + "/" + id;
        }
    }

    private final Settings settings;
    private final Deque<Slot> parked = new ArrayDeque<>();
    private String group = "";
    private int bound;
    private boolean making;
    private int asked;
    private long lastAsked;
    private int starting;
    private int failures;
    private long notBefore;

    SlotPool(Settings settings, long now) {
        this.settings = settings;
        this.notBefore = now;
    }

    /**
     * Where containers belong from now on.
     *
     * @param group empty when there is no place for any
     * @param bound the most that there is room for
     * @return those that are to be removed
     */
    List<Slot> useClaim(String group, int bound) {
        this.group = group;
        this.bound = bound;
        List<Slot> drop = new ArrayList<>(
                parked.stream().filter(slot -> !slot.group().equals(group)).toList());
        parked.removeAll(drop);
        while (parked.size() > target()) {
            drop.add(parked.removeFirst());
        }
        return List.copyOf(drop);
    }

    /** Hands the oldest one out, for good. */
    Optional<Slot> take(String wantedGroup) {
        Slot first = parked.peekFirst();
        if (first == null || !first.group().equals(wantedGroup)) {
            return Optional.empty();
        }
        parked.removeFirst();
        failures = 0;
        return Optional.of(first);
    }

    /** A container has ended by itself. Returns it when it was one of these; another isn't made at once, as that may end as fast. */
    Optional<Slot> died(String id, long now) {
        Optional<Slot> dead =
                parked.stream().filter(slot -> slot.id().equals(id)).findFirst();
        if (dead.isPresent()) {
            parked.remove(dead.get());
            backOff(now);
        }
        return dead;
    }

    /** A container will soon be started for a task, out of this pool or not. */
    void asked(long now) {
        asked++;
        lastAsked = now;
    }

    /** A container is being started for a task, out of this pool or not. */
    void startBegan() {
        starting++;
        asked = Math.max(0, asked - 1);
    }

    /** That start is over. */
    void startEnded(long now) {
        starting--;
        notBefore = Math.max(notBefore, now + settings.quiet().toNanos());
    }

    /** The control group in which one is to be made now; {@link #made} or {@link #failed} has to follow. */
    Optional<String> next(long now) {
        OptionalLong due = due();
        if (due.isEmpty() || due.getAsLong() - now > 0) {
            return Optional.empty();
        }
        making = true;
        asked = 0;
        return Optional.of(group);
    }

    /** When {@link #next} may have something; empty when something else has to happen first. */
    OptionalLong due() {
        if (making || starting > 0 || parked.size() >= target()) {
            return OptionalLong.empty();
        }
        // Some that are asked for are fetched files for first, or never start.
        long asking = lastAsked + settings.longestAsking().toNanos();
        return OptionalLong.of(asked > 0 ? Math.max(notBefore, asking) : notBefore);
    }

    /** What {@link #next} asked for is there. Returns false when it isn't wanted any more, and is to be removed. */
    boolean made(Slot slot) {
        making = false;
        boolean keep = slot.group().equals(group) && parked.size() < target();
        if (keep) {
            parked.addLast(slot);
        }
        return keep;
    }

    /** What {@link #next} asked for can't be had. */
    void failed(long now) {
        making = false;
        backOff(now);
    }

    private void backOff(long now) {
        long wait = settings.firstBackOff().toNanos() << Math.min(failures, 20);
        failures++;
        notBefore = now + Math.min(wait, settings.longestBackOff().toNanos());
    }

    private int target() {
        return group.isEmpty() ? 0 : Math.min(settings.wanted(), bound);
    }

    int parked() {
        return parked.size();
    }
}
