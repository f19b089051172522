package io.offerplane.shim.http;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One request's part in the bounds on how many are answered at a time, and on how long one takes. For one thread. */
final class Turn implements AutoCloseable {
    private final Semaphore room;
    private final ScheduledExecutorService timers;
    private final Runnable cutOff;
    private final boolean admitted;
    private Future<?> patience;
    private boolean over;

    /** @param cutOff ends the request's connection; called when it takes longer than it may */
    Turn(Semaphore room, ScheduledExecutorService timers, Runnable cutOff, Duration patience) {
        this.room = room;
        this.timers = timers;
        this.cutOff = cutOff;
        this.admitted = room.tryAcquire();
        this.patience = schedule(patience);
    }

    private Future<?> schedule(Duration within) {
        return timers.schedule(cutOff, within.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** False when there are too many at a time. */
    boolean isAdmitted() {
        return admitted;
    }

    /** It may take so long from now on. */
    void within(Duration next) {
        if (!over) {
            patience.cancel(false);
            patience = schedule(next);
        }
    }

    /** From now on it takes part in these bounds no more. May be repeated. */
    @Override
    public void close() {
        if (over) {
            return;
        }
        over = true;
        patience.cancel(false);
        if (admitted) {
            room.release();
        }
    }
}
