package io.offerplane.operator.controllers;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import java.time.Duration;

/** Tells an observer of what the framework of the controllers runs. */
record ObservedReconciliations(ReconcileObserver observer) implements Metrics {
    private static final String SUFFIX = "reconciler";

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        long began = System.nanoTime();
        boolean failed = true;
        try {
            T result = execution.execute();
            failed = false;
            return result;
        } finally {
            observer.reconciled(name(execution.controllerName()), Duration.ofNanos(System.nanoTime() - began), failed);
        }
    }

    /** Controllers are called after their classes, in lower case. */
    private static String name(String controller) {
        return controller.endsWith(SUFFIX)
                ? controller.substring(0, controller.length() - SUFFIX.length())
                : controller;
    }
}
