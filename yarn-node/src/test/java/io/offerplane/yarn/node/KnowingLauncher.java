package io.offerplane.yarn.node;

import io.offerplane.yarn.node.launch.ContainerLauncher;
import io.offerplane.yarn.node.launch.LaunchOrder;
import io.offerplane.yarn.node.launch.ProcessLauncher;
import io.offerplane.yarn.node.launch.RunningContainer;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Plain processes, which are known again by their ids, as the shim's containers are. */
final class KnowingLauncher implements ContainerLauncher {
    private final ProcessLauncher processes = new ProcessLauncher();
    private final Map<String, RunningContainer> known = new ConcurrentHashMap<>();

    @Override
    public RunningContainer launch(LaunchOrder order) throws IOException {
        RunningContainer container = processes.launch(order);
        known.put(order.id(), container);
        return container;
    }

    @Override
    public Optional<RunningContainer> takeUp(String id) {
        return Optional.ofNullable(known.get(id));
    }
}
