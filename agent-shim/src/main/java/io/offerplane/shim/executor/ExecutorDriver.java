package io.offerplane.shim.executor;

import io.offerplane.protocol.libprocess.LibprocessLink;
import io.offerplane.protocol.libprocess.Upid;
import io.offerplane.shim.journal.ExecutorKey;
import io.offerplane.shim.journal.v1.ExecutorLaunch;
import org.apache.mesos.v1.executor.Protos.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to an executor with a v0 driver: a link of this agent's to where the driver listens. That the link breaks says nothing of
 * the executor, as in Mesos; the end of its container does.
 */
final class ExecutorDriver implements ExecutorConnection {

    private static final Logger log = LoggerFactory.getLogger(ExecutorDriver.class);

    private final ExecutorKey key;
    private final ExecutorLaunch launch;
    private final DriverMessages messages;
    private final Upid driver;
    private final boolean again;
    private final LibprocessLink link;

    /** @param again whether the driver comes back to a restarted agent */
    ExecutorDriver(ExecutorRun executor, DriverMessages messages, Upid driver, boolean again) {
        this.key = executor.key();
        this.launch = executor.launch();
        this.messages = messages;
        this.driver = driver;
        this.again = again;
        this.link = LibprocessLink.to(
                driver.socketAddress(), () -> log.info("The link to {} at {} is broken", executor.key(), driver));
    }

    @Override
    public void send(Event event) {
        messages.event(event, launch, again).ifPresent(message -> {
            if (!link.send(messages.agent(), driver, message)) {
                log.warn("{} at {} has not read for long: a {} is lost", key, driver, message.name());
            }
        });
    }

    @Override
    public void close() {
        link.close();
    }

    @Override
    public String driverPid() {
        return driver.toString();
    }
}
