package io.offerplane.operator.controllers;

import java.time.Duration;

/** Sees each reconciliation when it is through. Called on reconcilers' threads, several at once; must not block. */
@FunctionalInterface
public interface ReconcileObserver {
    ReconcileObserver NONE = (controller, took, failed) -> {};

    /**
     * @param controller which one: agent, agentpool, framework, queue or task
     * @param failed whether it ended in an exception, and so is tried again
     */
    void reconciled(String controller, Duration took, boolean failed);
}
