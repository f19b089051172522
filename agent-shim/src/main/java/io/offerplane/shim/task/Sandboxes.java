package io.offerplane.shim.task;

import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.journal.TaskKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks' working directories, laid out as Mesos does:
 * {@code <work>/slaves/<agent>/frameworks/<framework>/executors/<executor>/runs/<container>}, with a link {@code latest} beside.
 * They stay after the task's end, for whoever wants to read them, until their age or the disk's fill says otherwise.
 */
public final class Sandboxes {

    private static final Logger log = LoggerFactory.getLogger(Sandboxes.class);

    /** Longest name of a file on Linux' file systems, in bytes. */
    private static final int MAX_NAME_BYTES = 255;

    /** Mesos' names of what is in an executor's sandbox. */
    private static final String CONTAINERS = "containers";

    private static final String TASKS = "tasks";

    /** Mesos' gc_disk_headroom. */
    private static final double DISK_HEADROOM = 0.1;

    /** How full the disk under a folder is. */
    @FunctionalInterface
    public interface DiskFill {
        /** The part of its blocks that is in use, from 0 to 1. */
        double of(Path folder) throws IOException;
    }

    /**
     * What collecting has come to since the shim started.
     *
     * @param waiting ended sandboxes that were still young at the last look
     * @param removed sandboxes
     * @param failed attempts to remove one; each is made again at the next look
     */
    public record Collected(long waiting, long removed, long failed) {}

    private final Path work;
    private final Duration keep;
    private final DiskFill fill;
    private volatile Collected collected = new Collected(0, 0, 0);

    /**
     * @param work the shim's work directory
     * @param keep how long a sandbox stays after its task's end when the disk is empty; Mesos' gc_delay
     */
    public Sandboxes(Path work, Duration keep) {
        this(work, keep, Sandboxes::fillOf);
    }

    /** As {@link #Sandboxes(Path, Duration)}, with another way to measure the disk. */
    Sandboxes(Path work, Duration keep, DiskFill fill) {
        this.work = work;
        this.keep = keep;
        this.fill = fill;
    }

    /** Blocks that only root may take count as free, as Mesos counts: the tasks' users are few of its writers. */
    private static double fillOf(Path folder) throws IOException {
        FileStore store = Files.getFileStore(folder);
        return 1.0 - (double) store.getUnallocatedSpace() / Math.max(1, store.getTotalSpace());
    }

    /**
     * Names the sandbox of a container; makes nothing.
     *
     * @throws IllegalArgumentException when an id can't be a folder's name
     */
    public Path path(String agentId, TaskKey key, String containerId) {
        return path(agentId, key.frameworkId(), key.taskId(), containerId);
    }

    /** As {@link #path(String, TaskKey, String)}, of an executor that may have an id of its own. */
    public Path path(String agentId, String frameworkId, String executorId, String containerId) {
        for (String id : List.of(agentId, frameworkId, executorId)) {
            if (id.isEmpty()
                    || id.equals(".")
                    || id.equals("..")
                    || id.indexOf('/') >= 0
                    || id.indexOf('\0') >= 0
                    || id.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
                throw new IllegalArgumentException("'" + id + "' can't name a folder: ids are 1 to " + MAX_NAME_BYTES
                        + " bytes without '/', and not '.' or '..'");
            }
        }
        return work.resolve("slaves")
                .resolve(agentId)
                .resolve("frameworks")
                .resolve(frameworkId)
                .resolve("executors")
                .resolve(executorId)
                .resolve("runs")
                .resolve(containerId);
    }

    /** Makes a sandbox that belongs to the user, and points {@code latest} at it. May be repeated. */
    public void create(Path sandbox, ContainerUser user) throws IOException {
        create(sandbox, user, Optional.empty());
    }

    /**
     * As {@link #create(Path, ContainerUser)}, of a folder that is there already.
     *
     * @param prepared an empty folder on the same file system that is to be the sandbox; empty when there is none, or when it has become that before
     */
    synchronized void create(Path sandbox, ContainerUser user, Optional<Path> prepared) throws IOException {
        if (prepared.isPresent()) {
            Files.createDirectories(sandbox.resolveSibling("."));
            Files.move(prepared.get(), sandbox, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.createDirectories(sandbox);
        Files.setPosixFilePermissions(sandbox, PosixFilePermissions.fromString("rwxr-xr-x"));
        user.own(sandbox);
        Path latest = sandbox.resolveSibling("latest");
        Path next = sandbox.resolveSibling("latest.new");
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, sandbox.getFileName());
        Files.move(next, latest, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Names the sandbox of a container within an executor's; makes nothing. */
    static Path within(Path executorSandbox, String containerId) {
        return executorSandbox.resolve(CONTAINERS).resolve(containerId);
    }

    /**
     * Makes the sandbox of a task that has a container within its executor's, with a link to it by the task's name. The folders between
     * are nobody's but the agent's. May be repeated.
     *
     * @param executorSandbox made by {@link #create}
     */
    synchronized void createWithin(Path executorSandbox, Path sandbox, String taskId, ContainerUser user)
            throws IOException {
        Files.createDirectories(sandbox);
        Files.setPosixFilePermissions(sandbox, PosixFilePermissions.fromString("rwxr-xr-x"));
        user.own(sandbox);
        Path links = executorSandbox.resolve(TASKS);
        Files.createDirectories(links);
        link(links.resolve(taskId), Path.of("..", CONTAINERS, String.valueOf(sandbox.getFileName())), links);
    }

    private static void link(Path link, Path target, Path folder) throws IOException {
        // Beside the folder of links, as any name in there may be a task's.
        Path next = folder.resolveSibling(TASKS + ".new");
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, target);
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The task has ended: its age counts from here. */
    public void ended(Path sandbox) {
        try {
            Files.setLastModifiedTime(sandbox, FileTime.from(Instant.now()));
        } catch (IOException gone) {
            log.debug("Sandbox {} is gone already", sandbox, gone);
        }
    }

    /**
     * How long a sandbox may stay after its task's end as things are: what was asked for, times the part of the disk that is free
     * beyond a tenth of it. Zero from 90 % on. Source: Mesos' {@code gc_delay * max(0, 1 - gc_disk_headroom - usage)}.
     *
     * @throws IOException when the disk can't be measured
     */
    public Duration maxAge() throws IOException {
        double free = Math.clamp(1.0 - DISK_HEADROOM - fill.of(work), 0.0, 1.0);
        return Duration.ofMillis(Math.round(keep.toMillis() * free));
    }

    /**
     * Removes the sandboxes that have been without a task for longer than {@link #maxAge}, oldest first. One that can't be removed
     * doesn't keep the others.
     *
     * @param held names containers whose sandboxes stay in any case. Asked after the look at what there is: a sandbox that is made
     *     meanwhile is either not seen, or its container is held
     * @return how many were removed
     * @throws IOException when the disk can't be measured or looked at
     */
    public int collect(Supplier<Set<String>> held, Instant now) throws IOException {
        Instant before = now.minus(maxAge());
        List<Run> runs = runs();
        Set<String> staying = held.get();
        int removed = 0;
        int failed = 0;
        int waiting = 0;
        for (Run run : runs) {
            if (staying.contains(String.valueOf(run.sandbox().getFileName()))) {
                continue;
            }
            if (!run.ended().isBefore(before)) {
                waiting++;
                continue;
            }
            try {
                DefaultRootfs.removeTree(run.sandbox());
                removeEmpty(run.sandbox());
                removed++;
            } catch (IOException e) {
                failed++;
                log.warn("Cannot remove the old sandbox {}", run.sandbox(), e);
            }
        }
        collected = new Collected(waiting, collected.removed() + removed, collected.failed() + failed);
        return removed;
    }

    /** What has been collected so far. */
    public Collected collected() {
        return collected;
    }

    private record Run(Path sandbox, Instant ended) {}

    private List<Run> runs() throws IOException {
        List<Run> runs = new ArrayList<>();
        for (Path agent : folders(work.resolve("slaves"))) {
            for (Path framework : folders(agent.resolve("frameworks"))) {
                for (Path executor : folders(framework.resolve("executors"))) {
                    for (Path sandbox : folders(executor.resolve("runs"))) {
                        try {
                            runs.add(new Run(
                                    sandbox,
                                    Files.getLastModifiedTime(sandbox, LinkOption.NOFOLLOW_LINKS)
                                            .toInstant()));
                        } catch (NoSuchFileException gone) {
                            log.debug("{} is gone already", sandbox, gone);
                        }
                    }
                }
            }
        }
        runs.sort(Comparator.comparing(Run::ended).thenComparing(Run::sandbox));
        return runs;
    }

    /** Removes the folders above a removed sandbox that hold nothing more; not while another is made in them. */
    private synchronized void removeEmpty(Path run) throws IOException {
        Path runs = run.getParent();
        if (runs == null || !folders(runs).isEmpty()) {
            return;
        }
        Files.deleteIfExists(runs.resolve("latest"));
        Files.deleteIfExists(runs.resolve("latest.new"));
        Path top = work.resolve("slaves");
        try {
            for (Path folder = runs;
                    folder != null && folder.startsWith(top) && !folder.equals(top);
                    folder = folder.getParent()) {
                Files.deleteIfExists(folder);
            }
        } catch (DirectoryNotEmptyException inUse) {
            log.debug("What is above {} holds more", runs, inUse);
        }
    }

    private static List<Path> folders(Path path) throws IOException {
        List<Path> folders = new ArrayList<>();
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return folders;
        }
        try (var entries = Files.list(path)) {
            entries.filter(p -> Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)).forEach(folders::add);
        } catch (NoSuchFileException gone) {
            return List.of();
        }
        return folders;
    }
}
