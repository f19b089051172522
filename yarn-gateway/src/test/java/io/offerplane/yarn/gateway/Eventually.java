package io.offerplane.yarn.gateway;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowingConsumer;

/** Waits for a level to be reached, with a limit that no machine in its senses comes near. */
public final class Eventually {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private Eventually() {}

    /** Reads until what is read passes the check, and returns it; after the limit the check's own error is thrown. */
    public static <T> T eventually(Callable<T> reading, ThrowingConsumer<T> check) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            T value = reading.call();
            try {
                check.accept(value);
                return value;
            } catch (AssertionError e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
            LockSupport.parkNanos(20_000_000);
        }
    }
}
