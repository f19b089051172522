package io.offerplane.e2e;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * Waits for a condition with a limit, and says at the end what it saw last. Waits for a level and never for an edge: the
 * condition is read anew each time.
 */
public final class Eventually {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Eventually() {}

    /** An assertion or a call that may throw anything. */
    @FunctionalInterface
    public interface Check {
        void run() throws Exception;
    }

    /**
     * Reads until the value satisfies the condition.
     *
     * @throws AssertionError after {@code limit}, naming {@code what} and the last value or failure
     */
    public static <T> T eventually(String what, Duration limit, Callable<T> read, Predicate<T> condition) {
        Instant deadline = Instant.now().plus(limit);
        Object last = "nothing";
        Throwable lastFailure = null;
        while (true) {
            try {
                T value = read.call();
                if (condition.test(value)) {
                    return value;
                }
                last = value == null ? "null" : value;
                lastFailure = null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            } catch (Exception | AssertionError e) {
                last = e;
                lastFailure = e;
            }
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(
                        "not within " + limit.toSeconds() + " s: " + what + "; last seen: " + last, lastFailure);
            }
            pause();
        }
    }

    /** Runs the check until it throws nothing. */
    public static void eventually(String what, Duration limit, Check check) {
        eventually(
                what,
                limit,
                () -> {
                    check.run();
                    return true;
                },
                done -> done);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }
}
