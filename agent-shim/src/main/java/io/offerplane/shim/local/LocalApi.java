package io.offerplane.shim.local;

import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.fetch.Fetcher;
import io.offerplane.shim.journal.FileJournal;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.Sandboxes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The API as a part of the shim: where it is turned on, its journal, containers and socket; where it isn't, nothing. */
public final class LocalApi implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalApi.class);

    private final LocalSettings settings;
    private final @Nullable FileJournal journal;
    private final @Nullable LocalContainers containers;
    private @Nullable LocalSocket socket;

    /**
     * Opens the journal; nobody is heard before {@link #listen}.
     *
     * @param work the shim's work directory
     * @param timers whose tasks don't block
     * @param identity of the node, with what it does for these containers
     * @param group the control group below which theirs will be; empty when the claim's isn't there
     */
    public LocalApi(
            LocalSettings settings,
            Path work,
            ContainerRuntime runtime,
            Fetcher fetcher,
            Sandboxes sandboxes,
            ScheduledExecutorService timers,
            Clock clock,
            Supplier<NodeIdentity> identity,
            Supplier<Claim> claim,
            Supplier<String> group)
            throws IOException {
        this.settings = settings;
        if (settings.socket().isEmpty()) {
            journal = null;
            containers = null;
            return;
        }
        FileJournal opened = FileJournal.open(work.resolve("meta-local"));
        journal = opened;
        containers = new LocalContainers(
                opened, new LocalContainers.Node(runtime, fetcher, sandboxes, timers, clock, identity, claim, group));
    }

    /**
     * Takes up what an earlier shim held.
     *
     * @param rebooted whether the node was started anew since
     */
    public void recover(boolean rebooted) throws IOException {
        if (containers != null) {
            containers.recover(rebooted);
        }
    }

    /** Begins to hear the node's programs. */
    public void listen() throws IOException {
        if (containers != null && settings.socket().isPresent()) {
            settings.homes().forEach(LocalApi::give);
            socket = LocalSocket.open(settings.socket().get(), settings.users(), containers);
        }
    }

    /** One that can't be given keeps its user from working, and nobody else. */
    private static void give(LocalSettings.Home home) {
        try {
            Files.createDirectories(home.folder());
            Files.setAttribute(home.folder(), "unix:uid", home.user(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(home.folder(), "unix:gid", home.user(), LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            log.error("{} can't be given to user {}", home.folder(), home.user(), e);
        }
    }

    /** Containers of the runtime that are these, and whose sandboxes aren't to be collected. */
    public Set<String> containers() {
        return containers == null ? Set.of() : containers.containers();
    }

    /** How many haven't ended. */
    public int running() {
        return containers == null ? 0 : containers.running();
    }

    /** Leaves every container where it is, for the next shim. */
    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
        }
        if (containers != null) {
            containers.close();
        }
        if (journal != null) {
            journal.close();
        }
    }
}
