package io.offerplane.yarn.node.launch;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts containers as plain processes of this machine, each in a session of its own, so that a signal reaches the whole group. It
 * limits neither memory nor CPU and all run as the user of this process: for one machine and for tests.
 */
public final class ProcessLauncher implements ContainerLauncher {
    private static final Logger log = LoggerFactory.getLogger(ProcessLauncher.class);

    @Override
    public RunningContainer launch(LaunchOrder order) throws IOException {
        if (order.image().isPresent()) {
            throw new IOException("containers run on this machine's own files here, not on an image's ("
                    + order.image().get() + ")");
        }
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(order.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(order.workDir().toFile())
                .redirectInput(Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(order.environment());
        return new Group(builder.start());
    }

    /** None: the kernel tells only their parent how they end. */
    @Override
    public Optional<RunningContainer> takeUp(String id) {
        return Optional.empty();
    }

    private static final class Group implements RunningContainer {
        private final Process leader;
        private final CompletableFuture<Exit> exit;

        Group(Process leader) {
            this.leader = leader;
            this.exit = leader.onExit().thenApply(process -> {
                // What the first process left behind in its group ends with it.
                send(Signal.KILL);
                return new Exit(process.exitValue(), false);
            });
        }

        @Override
        public CompletableFuture<Exit> exit() {
            return exit;
        }

        @Override
        public void signal(Signal signal) {
            if (leader.isAlive()) {
                send(signal);
            }
        }

        // The shell's own kill takes a group; a process of Java's can only be signalled alone.
        private void send(Signal signal) {
            try {
                new ProcessBuilder("bash", "-c", "kill -s " + signal + " -- -" + leader.pid() + " 2>/dev/null || true")
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                log.warn("group {} could not be sent {}", leader.pid(), signal, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
