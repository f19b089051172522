package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime.Signal;
import io.offerplane.shim.journal.JournalState;
import io.offerplane.shim.journal.v1.NestedLaunch;
import io.offerplane.shim.task.HostContainer;
import io.offerplane.shim.task.InnerContainers;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.mesos.v1.agent.Protos.Response.WaitContainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that was started within the containers of tasks and executors. One that has ended is known until it is removed, or the outermost container
 * around it has ended. Methods that launch or end something block; safe for use by several threads.
 *
 * <p>Source of the behaviour: Mesos 1.11 slave/http.cpp and slave/containerizer/mesos/containerizer.cpp.
 */
public final class NestedContainers implements InnerContainers, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NestedContainers.class);

    /** Within one outermost container, ended ones included: an executor that never removes one is told so before the node suffers. */
    private static final int MOST_WITHIN = 1000;

    /** Each has threads and pipes of its own. */
    private static final int MOST_SESSIONS = 64;

    /** Within one outermost container. */
    private static final int ENDED_SESSIONS = 100;

    /** Mesos has no bound of its own; a control group for each level has to be walked by the kernel. */
    private static final int DEEPEST = 8;

    /** What a launch came to. */
    public enum Launched {
        STARTED,
        /** There is one of that name, and it hasn't ended. */
        ALREADY
    }

    /**
     * One for those who look.
     *
     * @param cgroup its control group; empty for a session, which is in that of the container around it
     * @param frameworkId of its framework
     * @param executorId of its executor
     */
    public record View(ContainerName name, String cgroup, String frameworkId, String executorId) {}

    private final NestedNode node;
    private final NestedSandboxes sandboxes;
    private final ThreadFactory threads;
    private final Map<ContainerName, Nested> all = new ConcurrentHashMap<>();
    private final Set<Thread> going = ConcurrentHashMap.newKeySet();
    private final AtomicLong numbers = new AtomicLong();

    /**
     * @param threads where containers are waited for; virtual ones outside tests
     * @throws IOException when the folder for sandboxes can't be made
     */
    public NestedContainers(NestedNode node, ThreadFactory threads) throws IOException {
        this.node = node;
        this.sandboxes = new NestedSandboxes(node.stage());
        this.threads = threads;
        sandboxes.open();
    }

    /**
     * Takes up what an earlier shim held; before tasks and executors are.
     *
     * @throws IOException when the journal holds what is no message
     */
    public void restore(JournalState state) throws IOException {
        for (NestedLaunch launch : state.nested()) {
            NestedRun run = NestedRun.restore(node, sandboxes, this::endWithin, launch);
            all.put(run.name(), run);
        }
    }

    /** Lets what was taken up go on; when tasks and executors are taken up. */
    public void resume(boolean rebooted) {
        for (Nested nested : List.copyOf(all.values())) {
            if (nested instanceof NestedRun run) {
                boolean lives = !rebooted
                        && run.wasStarted()
                        && node.hosts().exists(run.name().root());
                if (!lives) {
                    start(run, () -> {
                        run.forget();
                        all.remove(run.name(), run);
                    });
                } else if (!run.hasEnded()) {
                    start(run, run::run);
                }
            }
        }
    }

    private interface Way {
        void go() throws InterruptedException;
    }

    private void start(Nested nested, Way way) {
        Thread thread = threads.newThread(() -> {
            try {
                way.go();
            } catch (InterruptedException e) {
                log.debug("Container {} is left to the next shim", nested.name());
            } finally {
                going.remove(Thread.currentThread());
            }
        });
        going.add(thread);
        thread.start();
    }

    /**
     * Starts a container; returns when it runs.
     *
     * @throws ContainerLaunchException when it can't run
     * @throws ForbiddenUserException when the order may not choose its user
     */
    public Launched launch(NestedOrder order)
            throws ContainerLaunchException, ForbiddenUserException, InterruptedException {
        NestedRun run = new NestedRun(
                node,
                sandboxes,
                this::endWithin,
                order.name(),
                UUID.randomUUID().toString());
        if (!enter(run)) {
            return Launched.ALREADY;
        }
        boolean started = false;
        try {
            // Only now: whoever ends the parent finds either no host here, or this container there.
            run.start(order, host(order.parent()));
            started = true;
        } finally {
            if (!started) {
                all.remove(run.name(), run);
                run.end().complete(WaitContainer.getDefaultInstance());
            }
        }
        start(run, run::run);
        return Launched.STARTED;
    }

    /**
     * Has a program join a container; returns when it is about to start.
     *
     * @return what it says; when that is closed the session ends. Empty when there is a container of that name, which hasn't ended
     * @throws ContainerLaunchException when it can't run
     * @throws ForbiddenUserException when the order may not choose its user
     */
    public Optional<OutputFeed> join(NestedOrder order)
            throws ContainerLaunchException, ForbiddenUserException, InterruptedException {
        SessionRun run = new SessionRun(node, order.name(), numbers.incrementAndGet());
        forgetEarliest(order.name().root());
        if (sessions() >= MOST_SESSIONS) {
            throw new ContainerLaunchException(
                    "There are " + MOST_SESSIONS + " sessions on this node already; end some");
        }
        if (!enter(run)) {
            return Optional.empty();
        }
        boolean started = false;
        try {
            OutputFeed feed = run.start(order, host(order.parent()));
            started = true;
            return Optional.of(feed);
        } finally {
            if (!started) {
                all.remove(run.name(), run);
                run.end().complete(WaitContainer.getDefaultInstance());
            }
        }
    }

    /** Nobody removes sessions: of those that have ended the last are known. */
    private void forgetEarliest(ContainerName root) {
        within(root).stream()
                .filter(nested -> nested instanceof SessionRun && nested.hasEnded())
                .map(SessionRun.class::cast)
                .sorted(Comparator.comparingLong(SessionRun::number).reversed())
                .skip(ENDED_SESSIONS)
                .forEach(session -> all.remove(session.name(), session));
    }

    private long sessions() {
        return all.values().stream()
                .filter(nested -> nested instanceof SessionRun && !nested.hasEnded())
                .count();
    }

    /**
     * One more client that reads what a session says.
     *
     * @throws NotAttachableException when there is none of that name, or it is no session
     */
    public OutputFeed attachOutput(ContainerName name) throws NotAttachableException {
        return session(name).attachOutput();
    }

    /**
     * The client that gives a session input.
     *
     * @return empty when there is another
     * @throws NotAttachableException when there is none of that name, or it is no session
     */
    public Optional<SessionInput> attachInput(ContainerName name) throws NotAttachableException {
        return session(name).attachInput();
    }

    private SessionRun session(ContainerName name) throws NotAttachableException {
        Nested nested = all.get(name);
        if (nested instanceof SessionRun run && !run.hasEnded()) {
            return run;
        }
        boolean exists = nested == null ? node.hosts().exists(name) : !nested.hasEnded();
        // Mesos' words.
        throw new NotAttachableException(
                exists ? "I/O switchboard server was disabled for this container" : "Unknown container " + name);
    }

    private boolean enter(Nested nested) throws ContainerLaunchException {
        ContainerName name = nested.name();
        if (name.ids().size() > DEEPEST) {
            throw new ContainerLaunchException("Container " + name + " would lie "
                    + name.ids().size() + " containers deep; " + DEEPEST + " are the most");
        }
        if (within(name.root()).size() >= MOST_WITHIN) {
            throw new ContainerLaunchException("There are " + MOST_WITHIN + " containers within " + name.root()
                    + " already, those included that have ended; remove some");
        }
        Nested before = all.putIfAbsent(name, nested);
        if (before != null && before.hasEnded()) {
            throw new ContainerLaunchException(
                    "There was a container " + name + " already, which has ended; remove it first");
        }
        return before == null;
    }

    private HostContainer host(ContainerName name) throws ContainerLaunchException, InterruptedException {
        Nested nested = all.get(name);
        Optional<HostContainer> host = nested == null ? node.hosts().find(name) : nested.host();
        return host.orElseThrow(() -> new ContainerLaunchException("Parent container " + name + " does not exist"));
    }

    /**
     * The end of one, to be waited for.
     *
     * @return empty when there is none of that name
     */
    public Optional<CompletableFuture<WaitContainer>> end(ContainerName name) {
        return Optional.ofNullable(all.get(name)).map(nested -> nested.end().copy());
    }

    private static WaitContainer await(CompletableFuture<WaitContainer> end) throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing fails this", e);
        }
    }

    /** Sends one a signal; false when there is none of that name, or it has ended. */
    public boolean signal(ContainerName name, Signal signal) {
        Nested nested = all.get(name);
        if (nested == null || nested.hasEnded()) {
            return false;
        }
        nested.signal(signal);
        return true;
    }

    /**
     * Removes one that has ended, with its sandbox; nothing happens when there is none of that name.
     *
     * @return false when it hasn't ended
     * @throws IOException when the sandbox can't be removed; it may be tried again
     */
    public boolean remove(ContainerName name) throws IOException, InterruptedException {
        Nested nested = all.get(name);
        if (nested == null) {
            return true;
        }
        if (!nested.hasEnded()) {
            return false;
        }
        for (Nested inner : within(name)) {
            all.remove(inner.name(), inner);
            forget(inner);
        }
        if (nested instanceof NestedRun run) {
            run.removeSandbox();
        }
        forget(nested);
        all.remove(name, nested);
        return true;
    }

    private static void forget(Nested nested) throws InterruptedException {
        if (nested instanceof NestedRun run) {
            run.forget();
        }
    }

    @Override
    public void endWithin(ContainerName container) throws InterruptedException {
        List<Nested> inner = within(container);
        inner.forEach(nested -> nested.signal(Signal.KILL));
        for (Nested nested : inner) {
            await(nested.end());
        }
        if (!all.containsKey(container)) {
            // A task's or an executor's, which nobody asks for by its name any more.
            for (Nested nested : inner) {
                forget(nested);
                all.remove(nested.name(), nested);
            }
        }
    }

    private List<Nested> within(ContainerName container) {
        return all.values().stream()
                .filter(nested -> nested.name().isWithin(container))
                .sorted(Comparator.comparingInt(nested -> -nested.name().ids().size()))
                .toList();
    }

    /** Those that haven't ended, for those who look. */
    public List<View> views() {
        return all.values().stream()
                .filter(nested -> !nested.hasEnded())
                .flatMap(nested -> view(nested).stream())
                .toList();
    }

    private static Optional<View> view(Nested nested) {
        return switch (nested) {
            case NestedRun run ->
                run.launch()
                        .map(launch -> new View(
                                run.name(), launch.getCgroup(), launch.getFrameworkId(), launch.getExecutorId()));
            case SessionRun run ->
                run.joined().map(host -> new View(run.name(), "", host.frameworkId(), host.executorId()));
        };
    }

    /** The runtime's ids of containers that aren't to be taken for orphans. */
    public Set<String> containers() {
        return all.values().stream()
                .filter(NestedRun.class::isInstance)
                .map(nested -> ((NestedRun) nested).id())
                .collect(Collectors.toSet());
    }

    /** Leaves every container where it is, for the next shim. */
    @Override
    public void close() {
        all.values().stream().filter(SessionRun.class::isInstance).forEach(nested -> nested.signal(Signal.KILL));
        List.copyOf(going).forEach(Thread::interrupt);
    }
}
