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
import java.util.List;
import java.util.Set;
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

    /** Mesos' gc_disk_headroom. */
    private static final double DISK_HEADROOM = 0.1;

    private final Path work;
    private final Duration keep;

    /**
     * @param work the shim's work directory
     * @param keep how long a sandbox stays after its task's end when the disk is empty; Mesos' gc_delay
     */
    public Sandboxes(Path work, Duration keep) {
        this.work = work;
        this.keep = keep;
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
    public synchronized void create(Path sandbox, ContainerUser user) throws IOException {
        Files.createDirectories(sandbox);
        Files.setPosixFilePermissions(sandbox, PosixFilePermissions.fromString("rwxr-xr-x"));
        user.own(sandbox);
        Path latest = sandbox.resolveSibling("latest");
        Path next = sandbox.resolveSibling("latest.new");
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, sandbox.getFileName());
        Files.move(next, latest, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
     * Removes sandboxes that are older than the disk's fill allows: {@code keep} on an empty disk, nothing at 90 %.
     *
     * @param held containers whose sandboxes stay in any case
     * @return how many were removed
     */
    public int collect(Set<String> held, Instant now) throws IOException {
        FileStore store = Files.getFileStore(work);
        double used = 1.0 - (double) store.getUsableSpace() / Math.max(1, store.getTotalSpace());
        double fraction = Math.max(0, 1.0 - DISK_HEADROOM - used);
        Instant before = now.minusMillis((long) (keep.toMillis() * fraction));
        List<Path> old = new ArrayList<>();
        for (Path agent : folders(work.resolve("slaves"))) {
            for (Path framework : folders(agent.resolve("frameworks"))) {
                for (Path executor : folders(framework.resolve("executors"))) {
                    for (Path run : folders(executor.resolve("runs"))) {
                        if (!held.contains(String.valueOf(run.getFileName()))
                                && Files.getLastModifiedTime(run).toInstant().isBefore(before)) {
                            old.add(run);
                        }
                    }
                }
            }
        }
        for (Path run : old) {
            DefaultRootfs.removeTree(run);
            removeEmpty(run);
        }
        return old.size();
    }

    /** Removes the folders above a removed sandbox that hold nothing more; not while another is made in them. */
    private synchronized void removeEmpty(Path run) throws IOException {
        Path runs = run.getParent();
        if (runs == null || !folders(runs).isEmpty()) {
            return;
        }
        Files.deleteIfExists(runs.resolve("latest"));
        try {
            Files.deleteIfExists(runs);
            Path executor = runs.getParent();
            if (executor != null) {
                Files.deleteIfExists(executor);
            }
        } catch (DirectoryNotEmptyException inUse) {
            log.debug("{} is in use again", runs, inUse);
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
