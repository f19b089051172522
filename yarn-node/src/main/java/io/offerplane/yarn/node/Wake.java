package io.offerplane.yarn.node;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Somebody waits for news or for a time to pass, whichever comes first. News that come before the wait count. */
final class Wake {
    private final Semaphore news = new Semaphore(0);

    void up() {
        news.release();
    }

    void await(long millis) throws InterruptedException {
        if (news.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
            news.drainPermits();
        }
    }
}
