package io.offerplane.shim.nested;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime.Signal;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.fetch.FetchException;
import io.offerplane.shim.image.ContainerBase;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.NestedEnded;
import io.offerplane.shim.journal.v1.NestedLaunch;
import io.offerplane.shim.journal.v1.NestedRemoved;
import io.offerplane.shim.journal.v1.NestedStarted;
import io.offerplane.shim.journal.v1.NestedUser;
import io.offerplane.shim.task.HostContainer;
import io.offerplane.shim.task.UnsupportedFields;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.agent.Protos.Response.WaitContainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One nested container's way: written down, files fetched, started, put in its place, waited for, its end written, removed. What was not yet said to
 * have started is removed by the next shim; the rest goes on.
 */
final class NestedRun implements Nested {

    private static final Logger log = LoggerFactory.getLogger(NestedRun.class);

    private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);

    private enum Phase {
        STARTING,
        RUNNING,
        ENDED
    }

    /** Told before a container is removed, so that what lies in it ends first. */
    interface Ending {
        void endWithin(ContainerName name) throws InterruptedException;
    }

    private final NestedNode node;
    private final NestedSandboxes sandboxes;
    private final Ending ending;
    private final ContainerName name;
    private final String id;
    private final CompletableFuture<WaitContainer> end = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private Phase phase;
    private boolean killed;
    private @Nullable Thread preparing;
    private @Nullable NestedLaunch launch;
    private @Nullable ContainerSpec spec;

    /** One that is about to be launched. */
    NestedRun(NestedNode node, NestedSandboxes sandboxes, Ending ending, ContainerName name, String id) {
        this.node = node;
        this.sandboxes = sandboxes;
        this.ending = ending;
        this.name = name;
        this.id = id;
        this.phase = Phase.STARTING;
    }

    /** One that an earlier shim had started. */
    static NestedRun restore(NestedNode node, NestedSandboxes sandboxes, Ending ending, NestedLaunch launch)
            throws InvalidProtocolBufferException {
        NestedRun run = new NestedRun(
                node, sandboxes, ending, new ContainerName(launch.getNameList()), launch.getContainerId());
        run.launch = launch;
        if (!launch.getTermination().isEmpty()) {
            run.phase = Phase.ENDED;
            run.end.complete(WaitContainer.parseFrom(launch.getTermination()));
        } else if (launch.getStarted()) {
            run.phase = Phase.RUNNING;
        }
        return run;
    }

    @Override
    public ContainerName name() {
        return name;
    }

    @Override
    public CompletableFuture<WaitContainer> end() {
        return end;
    }

    /** What the runtime knows it by. */
    String id() {
        return id;
    }

    boolean wasStarted() {
        lock.lock();
        try {
            return phase != Phase.STARTING;
        } finally {
            lock.unlock();
        }
    }

    Optional<NestedLaunch> launch() {
        lock.lock();
        try {
            return Optional.ofNullable(launch);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Starts it. When this throws, nothing of it is left.
     *
     * @throws ContainerLaunchException when it can't run
     * @throws ForbiddenUserException when the order may not choose its user
     */
    void start(NestedOrder order, HostContainer parent)
            throws ContainerLaunchException, ForbiddenUserException, InterruptedException {
        List<String> unsupported = UnsupportedFields.inRunning(order.container(), order.resources(), "");
        if (!unsupported.isEmpty()) {
            throw new ContainerLaunchException(
                    "the call asks for what is not supported by this agent: " + String.join(", ", unsupported));
        }
        if (order.sharesLimits()
                && !(order.resources().isEmpty() && order.limits().isEmpty())) {
            throw new ContainerLaunchException("resources and limits are for containers that don't share those of the"
                    + " one around them; set container.linux_info.share_cgroups to false");
        }
        beginPreparing();
        try {
            ContainerBase base = node.identity().get().bases().provide(order.container(), false, (image, bytes) -> {});
            ContainerUser inherited = parent.hasProcess()
                    ? parent.spec().user()
                    : base.user(CommandInfo.getDefaultInstance(), parent.frameworkUser());
            ContainerUser user = NestedSpec.user(order, inherited, base.rootfs());
            write(order, parent, user);
            Path sandbox = sandboxes.make(id, user);
            node.fetcher().fetch(order.command().getUrisList(), sandbox, user);
            endPreparing();
            ContainerSpec wanted =
                    NestedSpec.of(order, parent, base, user, node.identity().get(), id, sandbox);
            node.runtime().start(wanted);
            sandboxes.place(id, parent.rootSandbox(), name);
            append(Entry.newBuilder()
                    .setNestedStarted(NestedStarted.newBuilder().setContainerId(id))
                    .build());
            began(wanted);
        } catch (IOException | FetchException e) {
            undo();
            throw new ContainerLaunchException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        } catch (ContainerLaunchException | ForbiddenUserException e) {
            undo();
            throw e;
        } catch (InterruptedException e) {
            if (!isKilled()) {
                throw e;
            }
            undo();
            throw new ContainerLaunchException("Container destroyed while preparing", e);
        }
    }

    private void beginPreparing() throws ContainerLaunchException {
        lock.lock();
        try {
            if (killed) {
                throw new ContainerLaunchException("Container destroyed while preparing");
            }
            preparing = Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    private void endPreparing() throws ContainerLaunchException {
        lock.lock();
        try {
            preparing = null;
            if (killed) {
                throw new ContainerLaunchException("Container destroyed while preparing");
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isKilled() {
        lock.lock();
        try {
            preparing = null;
            return killed;
        } finally {
            lock.unlock();
        }
    }

    private void write(NestedOrder order, HostContainer parent, ContainerUser user) throws IOException {
        NestedLaunch written = NestedLaunch.newBuilder()
                .addAllName(name.ids())
                .setContainerId(id)
                .setCgroup(NestedSpec.cgroup(parent, id))
                .setRootSandbox(parent.rootSandbox().toString())
                .setCommand(order.command().toByteString())
                .setContainer(order.container().toByteString())
                .setFrameworkId(parent.frameworkId())
                .setExecutorId(parent.executorId())
                .setUser(NestedUser.newBuilder()
                        .setUid(user.uid())
                        .setGid(user.gid())
                        .addAllSupplementary(user.supplementary())
                        .setHome(user.home()))
                .build();
        append(Entry.newBuilder().setNestedLaunch(written).build());
        lock.lock();
        try {
            launch = written;
        } finally {
            lock.unlock();
        }
    }

    private void append(Entry entry) throws IOException {
        node.journal().append(entry);
    }

    private void began(ContainerSpec started) {
        boolean unwanted;
        lock.lock();
        try {
            phase = Phase.RUNNING;
            spec = started;
            unwanted = killed;
        } finally {
            lock.unlock();
        }
        if (unwanted) {
            node.runtime().signal(handle(), Signal.KILL);
        }
    }

    private void undo() throws InterruptedException {
        // A kill interrupts the preparation only; the interrupt may also have come just after its end.
        if (isKilled()) {
            Thread.interrupted();
        }
        forget();
        try {
            sandboxes.discard(id);
        } catch (IOException e) {
            log.warn("The unfinished sandbox of container {} stays until the next start", name, e);
        }
    }

    /** Removes all that is left of it but its sandbox, and its entry in the journal. */
    void forget() throws InterruptedException {
        Optional<NestedLaunch> known = launch();
        if (known.isEmpty()) {
            return;
        }
        repeat("Cannot remove container " + name, () -> {
            node.runtime().remove(handle());
            append(Entry.newBuilder()
                    .setNestedRemoved(NestedRemoved.newBuilder().setContainerId(id))
                    .build());
        });
        end.complete(WaitContainer.getDefaultInstance());
    }

    /** Removes its sandbox as well. */
    void removeSandbox() throws IOException {
        Optional<NestedLaunch> known = launch();
        if (known.isPresent()) {
            sandboxes.remove(Path.of(known.get().getRootSandbox()), name);
        }
    }

    /** Waits for its end. On interruption everything stays as it is, for the next shim. */
    void run() throws InterruptedException {
        ContainerExit exit = node.runtime().awaitExit(handle());
        lock.lock();
        try {
            phase = Phase.ENDED;
        } finally {
            lock.unlock();
        }
        ending.endWithin(name);
        WaitContainer termination = Terminations.of(exit);
        log.info("Container {} {}", name, exit.status());
        repeat("Cannot remove container " + name, () -> node.runtime().remove(handle()));
        try {
            append(Entry.newBuilder()
                    .setNestedEnded(
                            NestedEnded.newBuilder().setContainerId(id).setTermination(termination.toByteString()))
                    .build());
        } catch (IOException e) {
            log.warn("Cannot write down the end of container {}; it is told from memory", name, e);
        }
        end.complete(termination);
    }

    @Override
    public void signal(Signal signal) {
        lock.lock();
        try {
            if (phase == Phase.ENDED) {
                return;
            }
            if (phase == Phase.STARTING) {
                killed = true;
                if (preparing != null) {
                    preparing.interrupt();
                    preparing = null;
                }
                return;
            }
        } finally {
            lock.unlock();
        }
        node.runtime().signal(handle(), signal);
    }

    @Override
    public Optional<HostContainer> host() throws ContainerLaunchException, InterruptedException {
        NestedLaunch known;
        ContainerSpec as;
        lock.lock();
        try {
            if (phase != Phase.RUNNING || launch == null) {
                return Optional.empty();
            }
            known = launch;
            as = spec;
        } finally {
            lock.unlock();
        }
        return Optional.of(new HostContainer(
                name,
                as == null ? rebuilt(known) : as,
                true,
                Path.of(known.getRootSandbox()),
                known.getFrameworkId(),
                known.getExecutorId(),
                ""));
    }

    /** What an earlier shim started it with. */
    private ContainerSpec rebuilt(NestedLaunch known) throws ContainerLaunchException, InterruptedException {
        try {
            NestedOrder order = new NestedOrder(
                    name,
                    CommandInfo.parseFrom(known.getCommand()),
                    ContainerInfo.parseFrom(known.getContainer()),
                    List.of(),
                    Map.of(),
                    true);
            HostContainer parent = node.hosts()
                    .find(order.parent())
                    .orElseThrow(() -> new ContainerLaunchException("the container around " + name + " is gone"));
            ContainerBase base = node.identity().get().bases().provide(order.container(), true, (image, bytes) -> {});
            ContainerUser user = new ContainerUser(
                    known.getUser().getUid(),
                    known.getUser().getGid(),
                    known.getUser().getSupplementaryList(),
                    known.getUser().getHome());
            return NestedSpec.of(
                    order,
                    parent,
                    base,
                    user,
                    node.identity().get(),
                    id,
                    NestedSandboxes.path(Path.of(known.getRootSandbox()), name));
        } catch (InvalidProtocolBufferException e) {
            throw new ContainerLaunchException("the journal holds what is no message", e);
        }
    }

    private ContainerSpec handle() {
        NestedLaunch known = launch().orElseThrow(() -> new IllegalStateException(name + " was never written down"));
        return ContainerSpec.handle(
                id,
                known.getCgroup(),
                Path.of(known.getRootSandbox()),
                node.identity().get().bases().usual(),
                ContainerLimits.NONE);
    }

    private interface Step {
        void take() throws IOException, InterruptedException;
    }

    private static void repeat(String failure, Step step) throws InterruptedException {
        while (true) {
            try {
                step.take();
                return;
            } catch (IOException e) {
                log.warn("{}; trying again", failure, e);
                Thread.sleep(AGAIN_AFTER);
            }
        }
    }
}
