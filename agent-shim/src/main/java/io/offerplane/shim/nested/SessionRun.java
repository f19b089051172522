package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime.Signal;
import io.offerplane.shim.container.ContainerSession;
import io.offerplane.shim.container.ContainerSession.WindowSize;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.WaitStatus;
import io.offerplane.shim.task.HostContainer;
import io.offerplane.shim.task.TaskEnvironment;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.TTYInfo;
import org.apache.mesos.v1.agent.Protos.Response.WaitContainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program that has joined a container for as long as the client that asked for it listens. It waits for that one when it has more to say than
 * is read; others who attach get what they are fast enough for. It is written nowhere: it doesn't outlive the shim.
 */
final class SessionRun implements Nested {

    private static final Logger log = LoggerFactory.getLogger(SessionRun.class);

    private static final int SIGKILL = 9;

    private final NestedNode node;
    private final ContainerName name;
    private final long number;
    private final CompletableFuture<WaitContainer> end = new CompletableFuture<>();
    private final OutputFeed first = new OutputFeed(this::kill);
    private final List<OutputFeed> others = new CopyOnWriteArrayList<>();
    private final AtomicBoolean inputTaken = new AtomicBoolean();
    private volatile boolean killed;
    private volatile @Nullable HostContainer parent;
    private volatile @Nullable ContainerSession session;

    /** @param number higher than those of earlier ones */
    SessionRun(NestedNode node, ContainerName name, long number) {
        this.node = node;
        this.name = name;
        this.number = number;
    }

    @Override
    public ContainerName name() {
        return name;
    }

    @Override
    public CompletableFuture<WaitContainer> end() {
        return end;
    }

    long number() {
        return number;
    }

    /** The container that it has joined; empty before. */
    Optional<HostContainer> joined() {
        return Optional.ofNullable(parent);
    }

    /** Nothing lies in a session: it has nothing of its own. */
    @Override
    public Optional<HostContainer> host() {
        return Optional.empty();
    }

    /**
     * Starts it.
     *
     * @return what it says; when that is closed the session ends
     * @throws ContainerLaunchException when it can't run
     * @throws ForbiddenUserException when the order may not choose its user
     */
    OutputFeed start(NestedOrder order, HostContainer host)
            throws ContainerLaunchException, ForbiddenUserException, InterruptedException {
        if (!host.hasProcess()) {
            throw new ContainerLaunchException("Container " + host.name()
                    + " is an executor without a process, which can't be joined; join one of its tasks'");
        }
        refuseUnsupported(order);
        Program program = Program.of(order.command());
        ContainerUser user =
                NestedSpec.user(order, host.spec().user(), host.spec().rootfs());
        ContainerSession started;
        try {
            started = node.runtime().join(spec(order, host, user), program, terminal(order.container()));
        } catch (IOException e) {
            throw new ContainerLaunchException(String.valueOf(e.getMessage()), e);
        }
        parent = host;
        session = started;
        Thread.ofPlatform().name("session-output").daemon().start(() -> listen(started));
        if (killed) {
            started.close();
        }
        return first;
    }

    private static void refuseUnsupported(NestedOrder order) throws ContainerLaunchException {
        ContainerInfo.Builder rest = order.container().toBuilder().clearTtyInfo();
        rest.getLinuxInfoBuilder().clearShareCgroups();
        if (rest.getLinuxInfo().getSerializedSize() == 0) {
            rest.clearLinuxInfo();
        }
        if (!rest.build()
                .equals(ContainerInfo.newBuilder()
                        .setType(ContainerInfo.Type.MESOS)
                        .build())) {
            throw new ContainerLaunchException(
                    "A session has the container that it joins: of its 'container' only 'tty_info' has a meaning");
        }
        if (order.command().getUrisCount() > 0) {
            throw new ContainerLaunchException(
                    "A session has no sandbox of its own that 'command.uris' could be fetched to");
        }
    }

    private static ContainerSpec spec(NestedOrder order, HostContainer host, ContainerUser user)
            throws ContainerLaunchException {
        Map<String, String> variables = new HashMap<>(host.spec().environment());
        variables.remove(NestedSpec.TOKEN);
        TaskEnvironment.addOwn(variables, order.command());
        return host.spec().withEnvironment(variables).withUser(user);
    }

    private static Optional<WindowSize> terminal(ContainerInfo container) {
        if (!container.hasTtyInfo()) {
            return Optional.empty();
        }
        TTYInfo.WindowSize size = container.getTtyInfo().getWindowSize();
        return Optional.of(WindowSize.of(size.getRows(), size.getColumns()));
    }

    private void listen(ContainerSession to) {
        WaitStatus status = new WaitStatus.Signaled(SIGKILL, false);
        try (to) {
            while (true) {
                switch (to.next()) {
                    case ContainerSession.Output output -> {
                        others.forEach(feed -> feed.offer(output));
                        first.put(output);
                    }
                    case ContainerSession.Ended(WaitStatus how) -> {
                        status = how;
                        return;
                    }
                }
            }
        } catch (IOException e) {
            log.debug("Session {} ended without a word", name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended(status);
        }
    }

    private void ended(WaitStatus status) {
        log.info("Session {} {}", name, status);
        end.complete(Terminations.of(status));
        first.end();
        others.forEach(OutputFeed::end);
    }

    /** One more client that reads, from now on. */
    OutputFeed attachOutput() {
        OutputFeed[] self = new OutputFeed[1];
        OutputFeed feed = new OutputFeed(() -> others.remove(self[0]));
        self[0] = feed;
        others.add(feed);
        if (hasEnded()) {
            feed.end();
        }
        return feed;
    }

    /**
     * The client that writes.
     *
     * @return empty when there is another
     */
    Optional<SessionInput> attachInput() {
        ContainerSession to = session;
        if (to == null || !inputTaken.compareAndSet(false, true)) {
            return Optional.empty();
        }
        return Optional.of(new SessionInput(to, end, () -> inputTaken.set(false)));
    }

    private void kill() {
        killed = true;
        // Whether or not the client reads what is left.
        first.end();
        ContainerSession running = session;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public void signal(Signal signal) {
        ContainerSession running = session;
        if (signal == Signal.KILL || running == null) {
            kill();
            return;
        }
        try {
            running.signal(signal.number());
        } catch (IOException e) {
            log.debug("No {} to session {}, which has ended", signal, name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
