package io.offerplane.operator.runtime;

import io.offerplane.operator.runtime.LeaseStore.LeaseRecord;
import io.offerplane.operator.runtime.LeaseStore.LeaseTaken;
import io.offerplane.operator.runtime.LeaseStore.LeaseUnavailable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes part in the election for as long as the process lives: campaigns, leads while it can renew the lease, stands down when
 * it can't, and campaigns again.
 *
 * <p>The rules are client-go's: a lease is judged by when <em>this</em> process saw it change, never by comparing clocks, and a leader
 * that has not renewed within {@code renewDeadline} stands down before others, who wait for {@code leaseDuration}, may take over.
 * That alone can't exclude two leaders (a process may be stopped for minutes and go on), so each has a term number, higher than
 * all before, and whoever obeys a leader refuses lower ones.
 *
 * <p>{@link #step} does one round and may be driven by hand; {@link #start} gives it a thread.
 */
public final class LeaderElection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

    private final LeaseStore store;
    private final String identity;
    private final String address;
    private final Timing timing;
    private final LongSupplier nanoTime;
    private final Listener listener;

    // Written by the electing thread only.
    private State state = State.CAMPAIGNING;
    private @Nullable LeaseRecord held;
    private @Nullable LeaseRecord observed;
    private long observedAt;
    private long renewedAt;
    private volatile boolean storeWasDown;
    private volatile long lastRound;

    private final AtomicLong leastTerm = new AtomicLong(1);
    private final AtomicLong renewals = new AtomicLong();
    private volatile boolean leading;
    private volatile boolean stopping;
    private volatile boolean ceding;
    private volatile String leaderAddress = "";
    private volatile @Nullable Thread thread;

    private enum State {
        CAMPAIGNING,
        LEADING
    }

    /**
     * @param leaseDuration how long others wait after a leader's last sign of life
     * @param renewDeadline how long a leader goes on without being able to renew
     * @param retryInterval between two rounds
     */
    public record Timing(Duration leaseDuration, Duration renewDeadline, Duration retryInterval) {}

    /** Told of this process's own fate, on the electing thread. */
    public interface Listener {
        /** This process leads from now on. Must return at once: renewals wait for it. */
        void onElected(long term);

        /** This process may not lead any more. Returns when nothing of the term is left; no later term starts before. */
        void onDeposed(long term);
    }

    /**
     * @param identity unique among all processes ever
     * @param address where this process serves Mesos clients while it leads, {@code host:port}
     * @param nanoTime as {@link System#nanoTime}
     */
    public LeaderElection(
            LeaseStore store,
            String identity,
            String address,
            Timing timing,
            LongSupplier nanoTime,
            Listener listener) {
        this.store = store;
        this.identity = identity;
        this.address = address;
        this.timing = timing;
        this.nanoTime = nanoTime;
        this.listener = listener;
        this.lastRound = nanoTime.getAsLong();
    }

    /** Takes part from now on, in a thread of its own. */
    public void start() {
        Thread electing = Thread.ofPlatform().name("election").unstarted(this::run);
        thread = electing;
        electing.start();
    }

    /** Where the present leader serves Mesos clients, as far as this process knows; empty when nobody leads. */
    public Optional<String> leaderAddress() {
        String latest = leaderAddress;
        return latest.isEmpty() ? Optional.empty() : Optional.of(latest);
    }

    public boolean isLeading() {
        return leading;
    }

    /** How often the lease was renewed: what tells a live leader from a hung one. */
    public long renewals() {
        return renewals.get();
    }

    /**
     * Gives the lease back, to anyone, after which this process campaigns as before.
     *
     * @param least the next term of this process is at least this
     */
    public void cede(long least) {
        leastTerm.accumulateAndGet(least, Math::max);
        ceding = true;
        wake();
    }

    /** Gives the lease back if this process leads, and ends. Waits for the term's end. */
    @Override
    public void close() {
        stopping = true;
        wake();
        Thread electing = thread;
        if (electing == null) {
            depose("the process ends", true);
            return;
        }
        try {
            electing.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            Duration wait = step();
            if (!stopping && !ceding) {
                LockSupport.parkNanos(this, wait.toNanos());
            }
        }
        depose("the process ends", true);
    }

    private void wake() {
        Thread electing = thread;
        if (electing != null) {
            LockSupport.unpark(electing);
        }
    }

    /**
     * One round: looks at the lease, takes it where it may, or renews it.
     *
     * @return how long to wait for the next
     */
    Duration step() {
        lastRound = nanoTime.getAsLong();
        if (ceding) {
            ceding = false;
            if (state == State.LEADING) {
                depose("this process was asked to give the lead to another", true);
                return timing.retryInterval();
            }
        }
        return switch (state) {
            case CAMPAIGNING -> campaign();
            case LEADING -> renew();
        };
    }

    private Duration campaign() {
        long asked = nanoTime.getAsLong();
        try {
            Optional<LeaseRecord> read = store.read();
            storeIsBack();
            LeaseRecord lease = read.orElse(null);
            if (lease != null && !isFree(lease)) {
                leaderAddress = lease.address();
                return timing.retryInterval();
            }
            long term = Math.max(leastTerm.get(), lease == null ? 1 : lease.term() + 1);
            LeaseRecord taken = store.write(new LeaseRecord(
                    identity,
                    address,
                    term,
                    Long.toString(renewals.incrementAndGet()),
                    timing.leaseDuration(),
                    lease == null ? "" : lease.version()));
            held = taken;
            renewedAt = asked;
            observed = null;
            state = State.LEADING;
            leading = true;
            leaderAddress = address;
            leastTerm.set(term + 1);
            LOG.atInfo().addKeyValue("term", term).log("This process leads from now on");
            listener.onElected(term);
        } catch (LeaseTaken raced) {
            LOG.debug("Another process took the lease first");
        } catch (LeaseUnavailable down) {
            storeIsDown(down);
        }
        return timing.retryInterval();
    }

    /**
     * Free when nobody holds it, or this process itself, from a term that it has ended since, or when its holder has shown no sign
     * of life for as long as it said others were to wait.
     */
    private boolean isFree(LeaseRecord lease) {
        if (lease.holder().isEmpty() || lease.holder().equals(identity)) {
            return true;
        }
        long now = nanoTime.getAsLong();
        LeaseRecord before = observed;
        if (before == null
                || !before.renewal().equals(lease.renewal())
                || !before.holder().equals(lease.holder())) {
            observed = lease;
            observedAt = now;
            return false;
        }
        return now - observedAt >= lease.duration().toNanos();
    }

    private Duration renew() {
        LeaseRecord mine = held;
        if (mine == null) {
            throw new IllegalStateException("leading without a lease");
        }
        long asked = nanoTime.getAsLong();
        try {
            held = store.write(renewed(mine));
            storeIsBack();
            renewedAt = asked;
            return timing.retryInterval();
        } catch (LeaseTaken changed) {
            return afterConflict(mine, asked);
        } catch (LeaseUnavailable down) {
            storeIsDown(down);
            return deposeIfOverdue();
        }
    }

    /** The object has changed under us: by someone's label or annotation, or by another leader. */
    private Duration afterConflict(LeaseRecord mine, long asked) {
        try {
            Optional<LeaseRecord> read = store.read();
            if (read.isPresent()
                    && read.get().holder().equals(identity)
                    && read.get().term() == mine.term()) {
                held = store.write(renewed(read.get()));
                renewedAt = asked;
                return timing.retryInterval();
            }
            leaderAddress = read.map(LeaseRecord::address).orElse("");
            depose("another process holds the lease", false);
            return timing.retryInterval();
        } catch (LeaseTaken again) {
            return deposeIfOverdue();
        } catch (LeaseUnavailable down) {
            storeIsDown(down);
            return deposeIfOverdue();
        }
    }

    private LeaseRecord renewed(LeaseRecord lease) {
        return new LeaseRecord(
                identity,
                address,
                lease.term(),
                Long.toString(renewals.incrementAndGet()),
                timing.leaseDuration(),
                lease.version());
    }

    private Duration deposeIfOverdue() {
        long left = timing.renewDeadline().toNanos() - (nanoTime.getAsLong() - renewedAt);
        if (left <= 0) {
            depose("the lease could not be renewed within " + timing.renewDeadline(), false);
            return timing.retryInterval();
        }
        // Soon again, as time is short, but not so often as to drown a server that is in trouble.
        return Duration.ofNanos(Math.min(left, timing.retryInterval().toNanos() / 2));
    }

    private void depose(String why, boolean release) {
        LeaseRecord mine = held;
        if (state != State.LEADING || mine == null) {
            return;
        }
        LOG.atInfo().addKeyValue("term", mine.term()).addKeyValue("why", why).log("This process leads no longer");
        leading = false;
        if (leaderAddress.equals(address)) {
            leaderAddress = "";
        }
        try {
            listener.onDeposed(mine.term());
        } finally {
            state = State.CAMPAIGNING;
            held = null;
        }
        if (release) {
            release(mine);
        }
    }

    /** Only after the term has ended: the next leader may start the moment that this is written. */
    private void release(LeaseRecord mine) {
        try {
            LeaseRecord latest = store.read().orElse(null);
            if (latest != null && latest.holder().equals(identity)) {
                var _ = store.write(new LeaseRecord(
                        "",
                        "",
                        mine.term(),
                        Long.toString(renewals.incrementAndGet()),
                        timing.leaseDuration(),
                        latest.version()));
            }
        } catch (LeaseUnavailable | LeaseTaken failed) {
            LOG.atWarn()
                    .addKeyValue("why", failed.getMessage())
                    .log("The lease could not be given back; it runs out by itself");
        }
    }

    private void storeIsDown(LeaseUnavailable down) {
        if (!storeWasDown) {
            storeWasDown = true;
            LOG.atWarn().addKeyValue("why", down.getMessage()).log("The lease can't be reached");
        }
    }

    private void storeIsBack() {
        if (storeWasDown) {
            storeWasDown = false;
            LOG.atInfo().log("The lease can be reached again");
        }
    }

    /** How long ago the last round began: a long time means that the election hangs. */
    public Duration sinceLastRound() {
        return Duration.ofNanos(nanoTime.getAsLong() - lastRound);
    }

    /** Whether the last round could ask for the lease, and so whether the API server answers. */
    public boolean isStoreReachable() {
        return !storeWasDown;
    }
}
