package io.offerplane.shim.executor;

import org.apache.mesos.v1.executor.Protos.Event;

/**
 * How events reach an executor that is there. They are the v1 API's, whatever the executor speaks; each connection says them in its
 * own way. Safe for use by several threads.
 */
interface ExecutorConnection {

    /** Sends an event after those before it; lost when the executor is gone. Never blocks. */
    void send(Event event);

    /** Ends the connection after what was sent before. */
    void close();

    /** Where a restarted shim asks the executor to come back; empty for one that comes by itself. */
    String driverPid();
}
