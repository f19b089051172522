package io.offerplane.shim.supervise;

import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.container.MountPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resident process that starts conmon and crun. It is moved into the supervisors' control group once, so that what it
 * starts is born there. One order per container at a time; safe for use by several threads otherwise.
 */
final class Spawner implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Spawner.class);

    /** Longer than any order takes on a struggling node; beyond it, something is broken and the task is told. */
    private static final long PATIENCE_SECONDS = 60;

    /**
     * An order's outcome.
     *
     * @param succeeded whether the runtime did it
     * @param text its words when it didn't
     */
    record Answer(boolean succeeded, String text) {}

    private final Process process;
    private final Path stage;
    private final OutputStream orders;
    private final Map<String, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();

    private Spawner(Process process, Path stage) {
        this.process = process;
        this.stage = stage;
        this.orders = process.getOutputStream();
    }

    /**
     * Starts the process; it waits for {@link #pid()} to be moved before the first order.
     *
     * @param script the spawner's program, on the host's disk
     * @param stage an empty folder; in the spawner's mount namespace, memory, from where volumes are mounted
     * @param cgroupRoot the host's control groups, as this process sees them
     */
    static Spawner start(Path script, Path conmon, Path crun, Path crunRoot, Path exits, Path stage, Path cgroupRoot)
            throws IOException {
        List<String> command =
                new ArrayList<>(List.of("unshare", "--mount", "--propagation", "slave", "sh", script.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        // Nothing of the shim's own environment reaches runtimes and tasks.
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH", path,
                        "CONMON", conmon.toString(),
                        "CRUN", crun.toString(),
                        "CRUN_ROOT", crunRoot.toString(),
                        "EXITS", exits.toString(),
                        "STAGE", stage.toString(),
                        "CGROUP_ROOT", cgroupRoot.toString()));
        builder.directory(Path.of("/").toFile());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Spawner spawner = new Spawner(builder.start(), stage);
        CompletableFuture<Answer> ready = new CompletableFuture<>();
        spawner.waiting.put("ready", ready);
        Thread.ofPlatform().name("spawner").daemon().start(spawner::read);
        try {
            ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the spawner started", e);
        } catch (ExecutionException | TimeoutException e) {
            spawner.close();
            throw new IOException("the spawner " + script + " doesn't start", e);
        }
        return spawner;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    Answer start(String id, Path bundle) throws IOException, InterruptedException {
        return order(id, "start " + id + " " + bundle);
    }

    Answer resume(String id) throws IOException, InterruptedException {
        return order(id, "resume " + id);
    }

    /** @param limits a file with the OCI configuration's {@code resources} */
    Answer update(String id, Path limits) throws IOException, InterruptedException {
        return order(id, "update " + id + " " + limits);
    }

    /** Sends a signal by the spawner's own shell: no program is started for it. */
    Answer signal(String id, String name, long pid) throws IOException, InterruptedException {
        return order(id, "signal " + id + " " + name + " " + pid);
    }

    /**
     * Runs a program in a container, and waits for its end.
     *
     * @param order a name for this order that no other has at this time
     * @param folder with the OCI {@code process.json}; gets the program's number in {@code pid} and the runtime's own words in {@code log}
     * @return the program's exit code, as a shell gives it
     */
    Answer exec(String order, String id, Path folder) throws IOException, InterruptedException {
        return order(order, "exec " + order + " " + id + " " + folder, Long.MAX_VALUE);
    }

    /**
     * Runs a program in a container whose standard input and output are the pipes {@code in} and {@code out} of a folder, and waits for its end.
     * The caller has both open. The rest is as with {@link #exec}.
     */
    Answer session(String order, String id, Path folder) throws IOException, InterruptedException {
        return order(order, "session " + order + " " + id + " " + folder, Long.MAX_VALUE);
    }

    /**
     * Makes files that only the user may read, in memory, where nothing but a container that is about to be started sees them. They are gone
     * from there with the start.
     *
     * @param folder below the stage
     */
    void putSecrets(Path folder, List<MountPlan.Secret> secrets, ContainerUser user) throws IOException {
        if (secrets.isEmpty()) {
            return;
        }
        Path here = Path.of("/proc", Long.toString(process.pid()), "root" + folder);
        Files.createDirectories(here);
        if (Files.getAttribute(here, "unix:dev").equals(Files.getAttribute(stage, "unix:dev"))) {
            throw new IOException("no file system in memory for secrets at " + folder);
        }
        for (MountPlan.Secret secret : secrets) {
            Path file = here.resolve(secret.name());
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (OutputStream out = Files.newOutputStream(file)) {
                secret.content().writeTo(out);
            }
            if (!secret.writable()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
            }
            user.own(file);
        }
    }

    /** Removes the folder that crun left for a group where version 2 of control groups isn't mounted. */
    void tidy(String cgroup) {
        try {
            DefaultRootfs.removeTree(
                    Path.of("/proc", Long.toString(process.pid()), "root/sys/fs/cgroup/unified" + cgroup));
        } catch (IOException e) {
            log.debug("A folder for {} stays in the spawner's namespace", cgroup, e);
        }
    }

    private Answer order(String id, String line) throws IOException, InterruptedException {
        return order(id, line, PATIENCE_SECONDS);
    }

    private Answer order(String id, String line, long patienceSeconds) throws IOException, InterruptedException {
        // Signals may cross other orders of the same container: each waits for its turn.
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        while (true) {
            CompletableFuture<Answer> before = waiting.putIfAbsent(id, answer);
            if (before == null) {
                break;
            }
            await(before, id, patienceSeconds);
        }
        try {
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
            synchronized (orders) {
                orders.write(bytes);
                orders.flush();
            }
            if (!process.isAlive()) {
                throw new IOException("the spawner is gone");
            }
            return await(answer, id, patienceSeconds);
        } finally {
            waiting.remove(id, answer);
            answer.complete(new Answer(false, "given up"));
        }
    }

    private static Answer await(CompletableFuture<Answer> answer, String id, long patienceSeconds)
            throws IOException, InterruptedException {
        try {
            return answer.get(patienceSeconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the OCI runtime has not answered for " + patienceSeconds + " s about " + id, e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" ", 3);
                CompletableFuture<Answer> answer = waiting.remove(parts[0]);
                if (answer == null || parts.length < 2) {
                    log.warn("The spawner said, unasked: {}", line);
                    continue;
                }
                answer.complete(new Answer(parts[1].equals("0"), parts.length > 2 ? parts[2].strip() : ""));
            }
        } catch (IOException e) {
            log.debug("The spawner's answers end", e);
        }
        waiting.values().forEach(a -> a.completeExceptionally(new IOException("the spawner is gone")));
    }

    /** Lets the process end; what it has started stays. */
    @Override
    public void close() {
        try {
            orders.close();
        } catch (IOException e) {
            log.debug("The spawner was gone already", e);
        }
    }
}
