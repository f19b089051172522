package io.offerplane.yarn.node.launch;

import java.io.IOException;

/** Starts containers' processes. Thread-safe. */
public interface ContainerLauncher {
    /**
     * Starts what the order says and returns at once.
     *
     * @throws IOException when it cannot be started; the text is shown to the application
     */
    RunningContainer launch(LaunchOrder order) throws IOException;
}
