package io.offerplane.yarn.node.launch;

import io.offerplane.protocol.container.LocalContainersClient;
import io.offerplane.protocol.container.RefusedException;
import io.offerplane.protocol.container.v1.Container;
import io.offerplane.protocol.container.v1.End;
import io.offerplane.protocol.container.v1.Refusal;
import io.offerplane.protocol.container.v1.SendSignal;
import io.offerplane.protocol.container.v1.Size;
import io.offerplane.protocol.container.v1.Start;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.Image;
import org.apache.mesos.v1.Protos.Volume;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the shim start containers, in control groups of the claim. A shim that is away is waited for: containers go on without it, and it knows them
 * again when it is back.
 */
public final class ShimLauncher implements ContainerLauncher {
    private static final Logger log = LoggerFactory.getLogger(ShimLauncher.class);

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long BYTES_PER_MEBIBYTE = 1 << 20;

    /** A shell's convention, which YARN's exit statuses follow. */
    private static final int SIGNALED = 128;

    private static final int SIGKILL = 9;

    private final LocalContainersClient shim;
    private final String user;
    private final List<NodeMount> everywhere;
    private final int millicoresPerVcore;
    private final Duration again;
    private final Duration startPatience;

    /**
     * A launcher on the shim of this node.
     *
     * @param user name or number of the user that all containers run as, whoever submitted them: the owner of the node's directories
     * @param everywhere what each container sees of the node
     * @param millicoresPerVcore how much of a core one vcore is, in thousandths
     * @param again between two attempts to reach the shim
     * @param startPatience how long a start may wait for a shim that is away
     */
    public ShimLauncher(
            LocalContainersClient shim,
            String user,
            List<NodeMount> everywhere,
            int millicoresPerVcore,
            Duration again,
            Duration startPatience) {
        this.shim = shim;
        this.user = user;
        this.everywhere = List.copyOf(everywhere);
        this.millicoresPerVcore = millicoresPerVcore;
        this.again = again;
        this.startPatience = startPatience;
    }

    /**
     * Ends all containers that an earlier process of this node started but these, and forgets them. To be called before the first launch: their directories are about to go.
     *
     * @param known that are to be taken up
     * @throws IOException when the shim can't be reached
     */
    public void endOthers(Set<String> known) throws IOException, InterruptedException {
        try {
            List<String> others = shim.list().stream()
                    .map(Container::getName)
                    .filter(name -> !known.contains(name))
                    .toList();
            for (String name : others) {
                log.info("{} of an earlier process is ended", name);
                shim.stop(name, Duration.ZERO);
            }
            for (String name : others) {
                var _ = awaitEnd(name);
                forget(name);
            }
        } catch (RefusedException e) {
            throw new IOException("the shim does not end containers of an earlier process: " + e.getMessage(), e);
        }
    }

    @Override
    public RunningContainer launch(LaunchOrder order) throws IOException {
        Start start = start(order);
        try {
            Container container = begun(start);
            if (container.getState() == Container.State.ENDED
                    && container.getEnd().getNotStarted()) {
                forget(order.id());
                throw new IOException(container.getMessage());
            }
        } catch (RefusedException e) {
            throw new IOException("the shim refuses the container: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped while it was launched");
        }
        return new Launched(order.id());
    }

    @Override
    public Optional<RunningContainer> takeUp(String id) throws IOException {
        try {
            return shim.list().stream()
                            .anyMatch(container -> container.getName().equals(id))
                    ? Optional.of(new Launched(id))
                    : Optional.empty();
        } catch (RefusedException e) {
            throw new IOException("the shim does not say what it runs: " + e.getMessage(), e);
        }
    }

    private Container begun(Start start) throws IOException, RefusedException, InterruptedException {
        long deadline = System.nanoTime() + startPatience.toNanos();
        while (true) {
            try {
                // Sent again it is the same start, so nothing is lost with a connection.
                Container container = shim.start(start);
                if (container.getState() != Container.State.PREPARING) {
                    return container;
                }
            } catch (IOException e) {
                pauseOr(e, deadline);
            } catch (RefusedException e) {
                if (e.refusalCause() != Refusal.Cause.NOT_NOW) {
                    throw e;
                }
                pauseOr(new IOException(e.getMessage(), e), deadline);
            }
        }
    }

    private void pauseOr(IOException fault, long deadline) throws IOException, InterruptedException {
        if (System.nanoTime() > deadline) {
            throw fault;
        }
        log.debug("The shim is away, or not ready", fault);
        Thread.sleep(again);
    }

    private Start start(LaunchOrder order) {
        List<String> arguments = new ArrayList<>(List.of("sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh"));
        arguments.add(order.workDir().toString());
        arguments.addAll(order.command());
        Environment.Builder environment = Environment.newBuilder();
        order.environment()
                .forEach((name, value) -> environment.addVariables(
                        Environment.Variable.newBuilder().setName(name).setValue(value)));
        CommandInfo command = CommandInfo.newBuilder()
                .setShell(false)
                .setValue("sh")
                .addAllArguments(arguments)
                .setEnvironment(environment)
                .setUser(user)
                .build();
        ContainerInfo.Builder container = ContainerInfo.newBuilder().setType(ContainerInfo.Type.MESOS);
        everywhere.forEach(mount -> container.addVolumes(volume(mount)));
        order.reads().forEach(path -> container.addVolumes(volume(new NodeMount(path, path, false))));
        order.writes().forEach(path -> container.addVolumes(volume(new NodeMount(path, path, true))));
        order.image().ifPresent(image -> container
                .getMesosBuilder()
                .getImageBuilder()
                .setType(Image.Type.DOCKER)
                .getDockerBuilder()
                .setName(image));
        return Start.newBuilder()
                .setName(order.id())
                .setCommand(command.toByteString())
                .setContainer(container.build().toByteString())
                .setSize(Size.newBuilder()
                        .setCpus(order.vcores() * millicoresPerVcore / 1_000.0)
                        .setMemoryBytes(order.memoryMib() * BYTES_PER_MEBIBYTE))
                .setPatienceMillis((int) PATIENCE.toMillis())
                .build();
    }

    private static Volume volume(NodeMount mount) {
        return Volume.newBuilder()
                .setMode(mount.writable() ? Volume.Mode.RW : Volume.Mode.RO)
                .setHostPath(mount.source().toString())
                .setContainerPath(mount.target().toString())
                .build();
    }

    private End awaitEnd(String id) throws InterruptedException, RefusedException {
        while (true) {
            try {
                Container container = shim.await(id, PATIENCE);
                if (container.getState() == Container.State.ENDED) {
                    return container.getEnd();
                }
            } catch (IOException away) {
                log.debug("The shim is away while {} runs", id, away);
                Thread.sleep(again);
            }
        }
    }

    /** What isn't forgotten now is when the node starts the next time. */
    private void forget(String id) {
        try {
            shim.remove(id);
        } catch (IOException | RefusedException e) {
            log.warn("The shim still remembers {}", id, e);
        }
    }

    private final class Launched implements RunningContainer {
        private final String id;
        private final CompletableFuture<Exit> exit = new CompletableFuture<>();

        Launched(String id) {
            this.id = id;
            Thread.ofVirtual().name(id).start(this::follow);
        }

        private void follow() {
            try {
                End end = awaitEnd(id);
                // Whoever waits has written it down when this returns.
                exit.complete(new Exit(status(end), end.getOutOfMemory()));
                forget(id);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RefusedException | RuntimeException e) {
                exit.completeExceptionally(e);
            }
        }

        private static int status(End end) {
            return switch (end.getHowCase()) {
                case EXIT_STATUS -> end.getExitStatus();
                case SIGNAL -> SIGNALED + end.getSignal();
                // The node was switched off under it.
                case HOW_NOT_SET -> SIGNALED + SIGKILL;
            };
        }

        @Override
        public CompletableFuture<Exit> exit() {
            return exit;
        }

        @Override
        public void signal(Signal signal) {
            SendSignal.Signal sent =
                    switch (signal) {
                        case QUIT -> SendSignal.Signal.QUIT;
                        case TERM -> SendSignal.Signal.TERM;
                        case KILL -> SendSignal.Signal.KILL;
                    };
            try {
                var _ = shim.signal(id, sent);
            } catch (IOException e) {
                log.warn("{} could not be sent {}: the shim is away", id, signal, e);
            } catch (RefusedException ended) {
                log.debug("{} gets no {}", id, signal, ended);
            }
        }
    }
}
