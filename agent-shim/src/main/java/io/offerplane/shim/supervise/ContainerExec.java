package io.offerplane.shim.supervise;

import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.WaitStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One program that runs beside a container's own, such as a check. A variable marks its processes, so that all of them are found when it has to end. Its
 * folder is in the container's bundle, goes with it, and tells a later shim that the one before it may have left some.
 */
final class ContainerExec {

    /** How long crun may take to start a program and to see its death. */
    private static final Duration DEATH = Duration.ofSeconds(10);

    private static final int FIRST_SIGNAL_CODE = 128;

    private final MarkedProcesses processes;
    private final ContainerSpec spec;
    private final Path folder;
    private final String mark;

    /** @param folder in the bundle of the container; of this purpose only */
    ContainerExec(CgroupHierarchy cgroups, ContainerSpec spec, Path folder) {
        this.spec = spec;
        this.folder = folder;
        this.mark = spec.id() + "-" + folder.getFileName();
        this.processes = new MarkedProcesses(cgroups, spec.cgroup(), mark);
    }

    WaitStatus exec(Spawner spawner, Program program, Duration timeout)
            throws IOException, TimeoutException, InterruptedException {
        endEarlier();
        Files.createDirectory(folder);
        try (OutputStream out = Files.newOutputStream(folder.resolve("process.json"))) {
            OciConfig.writeProcess(out, spec.withEnvironment(processes.marked(spec.environment())), program);
        }
        CompletableFuture<Spawner.Answer> ended = new CompletableFuture<>();
        Thread.ofVirtual().name("exec-", 0).start(() -> {
            try {
                ended.complete(spawner.exec(mark, spec.id(), folder));
            } catch (IOException e) {
                ended.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                ended.completeExceptionally(new IOException("nobody interrupts this", e));
            }
        });
        try {
            Spawner.Answer answer =
                    timeout.isZero() ? ended.get() : ended.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return status(answer);
        } catch (ExecutionException e) {
            throw new IOException("the program's end was not seen: " + e.getMessage(), e);
        } finally {
            endAll(ended);
            DefaultRootfs.removeTree(folder);
        }
    }

    private WaitStatus status(Spawner.Answer answer) throws IOException {
        Path words = folder.resolve("log");
        if (!Files.exists(folder.resolve("pid")) || !answer.succeeded()) {
            String said = Files.exists(words)
                    ? Files.readString(words, StandardCharsets.ISO_8859_1).strip()
                    : answer.text();
            throw new IOException("the OCI runtime can't run it: " + said);
        }
        int code = Integer.parseInt(answer.text());
        // As crun, like a shell, tells of a signal.
        return code > FIRST_SIGNAL_CODE
                ? new WaitStatus.Signaled(code - FIRST_SIGNAL_CODE, false)
                : new WaitStatus.Exited(code);
    }

    /**
     * Until the order has ended: a program that is just starting isn't in the container yet. Once more after that, as it may have left processes
     * behind.
     */
    private void endAll(CompletableFuture<Spawner.Answer> ended) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + DEATH.toNanos();
        while (!ended.isDone() && System.nanoTime() < deadline) {
            processes.end();
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        processes.end();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void endEarlier() throws IOException {
        if (Files.exists(folder)) {
            processes.end();
            DefaultRootfs.removeTree(folder);
        }
    }
}
