package io.offerplane.yarn.node.launch;

import java.io.IOException;
import java.util.Optional;

/** Starts containers' processes. Thread-safe. */
public interface ContainerLauncher {
    /**
     * Starts what the order says and returns at once.
     *
     * @throws IOException when it cannot be started; the text is shown to the application
     */
    RunningContainer launch(LaunchOrder order) throws IOException;

    /**
     * A container that an earlier process of this node launched.
     *
     * @param id the order's
     * @return empty when there is none: it was never launched, or its end was taken note of
     * @throws IOException when that can't be found out
     */
    Optional<RunningContainer> takeUp(String id) throws IOException;
}
