package io.offerplane.shim.check;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a task by a plan, again and again, on a thread of its own, until it is closed.
 *
 * <p>Source of the behaviour: Mesos 1.11 checks/checker_process.cpp: the interval begins when a look has ended, so that no two of them overlap.
 */
public final class CheckRounds implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CheckRounds.class);

    private final Thread thread;

    private CheckRounds(Thread thread) {
        this.thread = thread;
    }

    /**
     * Starts.
     *
     * @param name of the task, for the log
     * @param results gets each outcome, on the rounds' own thread; none after it has closed the rounds itself
     */
    public static CheckRounds start(String name, CheckPlan plan, Prober prober, Consumer<ProbeOutcome> results) {
        Thread thread = Thread.ofVirtual().name("check-", 0).unstarted(() -> {
            try {
                Thread.sleep(plan.delay());
                while (!Thread.currentThread().isInterrupted()) {
                    ProbeOutcome outcome = prober.probe(plan.probe(), plan.timeout());
                    log.debug("Check of {}: {}", name, outcome.text());
                    results.accept(outcome);
                    Thread.sleep(plan.interval());
                }
            } catch (InterruptedException e) {
                log.debug("No more checks of {}", name);
            }
        });
        thread.start();
        return new CheckRounds(thread);
    }

    /** No look begins after this; one that is under way is broken off. Returns at once. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
