package io.offerplane.shim.supervise;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.supervise.SlotPool.Slot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps containers ready ahead of their tasks, on a thread of its own, as a {@link SlotPool} decides. They are in no record: the next shim takes those that
 * no task has for orphans. Safe for use by several threads.
 */
final class WarmSlots implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WarmSlots.class);

    /** About as long as a container takes to make. */
    private static final Duration QUIET = Duration.ofMillis(20);

    /** Longer than it takes, also on a busy node, from the asking for a container to its start, if no files are fetched for it. */
    private static final Duration LONGEST_ASKING = Duration.ofMillis(500);

    private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(1);

    /** Who makes and removes containers. */
    interface Maker {
        void make(Slot slot) throws ContainerLaunchException, InterruptedException;

        /** Does what it can; what is left is an orphan for the next shim. */
        void remove(Slot slot);
    }

    private final Maker maker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Ids of all that this process has made and nobody has removed yet, whatever they are by now. */
    private final Set<String> own = ConcurrentHashMap.newKeySet();

    /** Handed out, and not yet given an order. */
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    // Guarded by lock.
    private SlotPool pool = new SlotPool(settings(0), System.nanoTime());
    private String group = "";
    private int bound = Integer.MAX_VALUE;
    private @Nullable Thread keeper;

    WarmSlots(Maker maker) {
        this.maker = maker;
    }

    private static SlotPool.Settings settings(int wanted) {
        return new SlotPool.Settings(wanted, QUIET, LONGEST_ASKING, FIRST_BACK_OFF, LONGEST_BACK_OFF);
    }

    /**
     * Begins to keep some. Once only.
     *
     * @param wanted how many, if the claim has room for them
     */
    void keep(int wanted) {
        lock.lock();
        try {
            if (wanted == 0 || keeper != null) {
                return;
            }
            pool = new SlotPool(settings(wanted), System.nanoTime());
            pool.useClaim(group, bound);
            keeper = Thread.ofVirtual().name("slots").start(this::keepOn);
        } finally {
            lock.unlock();
        }
    }

    /** The control group that new containers' own lie in from now on. */
    void useGroup(String group) {
        place(group, null);
    }

    /** The most that there is room for. */
    void bound(int most) {
        place(null, most);
    }

    private void place(@Nullable String newGroup, @Nullable Integer newBound) {
        List<Slot> dropped;
        lock.lock();
        try {
            group = newGroup == null ? group : newGroup;
            bound = newBound == null ? bound : newBound;
            dropped = pool.useClaim(group, bound);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        dropped.forEach(this::drop);
    }

    /**
     * Hands one out whose control group lies in the given one.
     *
     * @param plain whether any of them will do; if not, none is handed out
     */
    Optional<String> take(String group, boolean plain) {
        lock.lock();
        try {
            pool.asked(System.nanoTime());
            Optional<String> id = plain ? pool.take(group).map(Slot::id) : Optional.empty();
            id.ifPresent(taken::add);
            changed.signalAll();
            return id;
        } finally {
            lock.unlock();
        }
    }

    /** Whether this process made that container and has handed it out; true once. */
    boolean redeem(String id) {
        return taken.remove(id);
    }

    /** Whether this process made that container and it has not been removed. */
    boolean isOwn(String id) {
        return own.contains(id);
    }

    /** A container, anybody's, has ended. */
    void ended(String id) {
        Optional<Slot> dead;
        lock.lock();
        try {
            dead = pool.died(id, System.nanoTime());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        dead.ifPresent(slot -> {
            log.warn("Container {}, made ahead, has ended by itself", slot.id());
            drop(slot);
        });
    }

    /** That container is no more. */
    void removed(String id) {
        own.remove(id);
        taken.remove(id);
    }

    int parked() {
        lock.lock();
        try {
            return pool.parked();
        } finally {
            lock.unlock();
        }
    }

    /** A container is being started for somebody; {@link #startEnded} has to follow. */
    void startBegan() {
        lock.lock();
        try {
            pool.startBegan();
        } finally {
            lock.unlock();
        }
    }

    void startEnded() {
        lock.lock();
        try {
            pool.startEnded(System.nanoTime());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void keepOn() {
        try {
            while (true) {
                make(awaitDue());
            }
        } catch (InterruptedException e) {
            log.debug("No more containers are made ahead");
        }
    }

    /** Returns the control group in which one is to be made. */
    private String awaitDue() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = System.nanoTime();
                Optional<String> where = pool.next(now);
                if (where.isPresent()) {
                    return where.get();
                }
                OptionalLong due = pool.due();
                if (due.isEmpty()) {
                    changed.await();
                } else if (changed.awaitNanos(due.getAsLong() - now) > 0) {
                    log.trace("Something has changed before {}", due);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void make(String group) throws InterruptedException {
        Slot slot = new Slot(UUID.randomUUID().toString(), group);
        own.add(slot.id());
        try {
            maker.make(slot);
        } catch (ContainerLaunchException e) {
            log.warn(
                    "Cannot make a container ahead; tasks start without, and it is tried again later: {}",
                    e.getMessage());
            drop(slot);
            lock.lock();
            try {
                pool.failed(System.nanoTime());
            } finally {
                lock.unlock();
            }
            return;
        }
        boolean kept;
        lock.lock();
        try {
            kept = pool.made(slot);
        } finally {
            lock.unlock();
        }
        if (!kept) {
            drop(slot);
        }
    }

    private void drop(Slot slot) {
        Thread.ofVirtual().start(() -> maker.remove(slot));
    }

    /** Makes no more. What is ready stays, for the next shim to remove. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (keeper != null) {
                keeper.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
