package io.offerplane.shim.executor;

import io.offerplane.protocol.libprocess.LibprocessLink;
import io.offerplane.protocol.libprocess.MalformedUpidException;
import io.offerplane.protocol.libprocess.Upid;
import io.offerplane.shim.journal.ExecutorKey;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an executor's v0 driver to come back to a restarted shim: a driver doesn't do that by itself. Asked again until
 * it has come or is given up, but not often: drivers take two answers that don't get through for the agent's end. Source: Mesos'
 * ReconnectExecutorMessage.
 */
final class DriverReconnection implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DriverReconnection.class);

    private static final long AGAIN_AFTER_SECONDS = 5;

    private final LibprocessLink link;
    private final Future<?> asking;

    private DriverReconnection(LibprocessLink link, Future<?> asking) {
        this.link = link;
        this.asking = asking;
    }

    /** Begins to ask; null when nobody can be at such an address. */
    static @Nullable DriverReconnection begin(ExecutorNode node, ExecutorKey key, String driverPid) {
        Upid driver;
        try {
            driver = Upid.parse(driverPid);
        } catch (MalformedUpidException e) {
            log.warn("The driver of {} can't be asked to come back: {}", key, e.getMessage());
            return null;
        }
        DriverMessages messages = new DriverMessages(node.identity().get());
        LibprocessLink link =
                LibprocessLink.to(driver.socketAddress(), () -> log.debug("{} is not at {} now", key, driver));
        Future<?> asking = node.timers()
                .scheduleWithFixedDelay(
                        () -> link.send(messages.agent(), driver, messages.reconnect()),
                        0,
                        AGAIN_AFTER_SECONDS,
                        TimeUnit.SECONDS);
        return new DriverReconnection(link, asking);
    }

    @Override
    public void close() {
        asking.cancel(false);
        link.close();
    }
}
