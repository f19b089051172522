package io.offerplane.yarn.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerId;

/**
 * Where everything lies. The shape is a contract: ShuffleHandler finds map outputs under {@code usercache/USER/appcache/APP/output}.
 *
 * @param local the directories for work, at least one; the first holds containers and fetched files
 * @param logs the directories for logs, at least one; the first is used
 * @param state for what the next process of this node must know
 */
public record NodeDirectories(List<Path> local, List<Path> logs, Path state) {
    private static final FileAttribute<Set<PosixFilePermission>> WORK =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x---"));

    public NodeDirectories {
        local = List.copyOf(local);
        logs = List.copyOf(logs);
        if (local.isEmpty() || logs.isEmpty()) {
            throw new IllegalArgumentException("a node needs a directory for work and one for logs");
        }
    }

    Path publicCache() {
        return local.getFirst().resolve("filecache");
    }

    Path userCache(String user) {
        return userDirectory(user).resolve("filecache");
    }

    Path applicationCache(String user, ApplicationId application) {
        return application(user, application).resolve("filecache");
    }

    Path userDirectory(String user) {
        return local.getFirst().resolve("usercache").resolve(user);
    }

    Path application(String user, ApplicationId application) {
        return userDirectory(user).resolve("appcache").resolve(application.toString());
    }

    Path work(String user, ContainerId container) {
        return application(user, container.getApplicationAttemptId().getApplicationId())
                .resolve(container.toString());
    }

    Path applicationLogs(ApplicationId application) {
        return logs.getFirst().resolve(application.toString());
    }

    Path containerLogs(ContainerId container) {
        return applicationLogs(container.getApplicationAttemptId().getApplicationId())
                .resolve(container.toString());
    }

    /** Makes what has to be there, and deletes what an earlier process left, but for the files of applications that go on. */
    void begin(Set<ApplicationId> goingOn) throws IOException {
        Set<String> kept = goingOn.stream().map(ApplicationId::toString).collect(Collectors.toSet());
        for (Path directory : local) {
            if (kept.isEmpty()) {
                delete(directory.resolve("usercache"));
                delete(directory.resolve("filecache"));
            }
            Files.createDirectories(directory);
            for (Path user : list(directory.resolve("usercache"))) {
                for (Path application : list(user.resolve("appcache"))) {
                    if (!kept.contains(application.getFileName().toString())) {
                        delete(application);
                    }
                }
            }
        }
        for (Path directory : logs) {
            Files.createDirectories(directory);
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    /** Makes a container's directories: to work in, with {@code tmp} that Java programs of YARN's need, and for its logs. */
    void make(String user, ContainerId container) throws IOException {
        Path work = work(user, container);
        Files.createDirectories(parent(work));
        Files.createDirectory(work, WORK);
        Files.createDirectory(work.resolve("tmp"), WORK);
        Path logDir = containerLogs(container);
        Files.createDirectories(parent(logDir));
        Files.createDirectory(logDir, WORK);
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " is no directory for containers");
        }
        return parent;
    }

    /** Deletes a tree; links in it are deleted, not followed. Nothing happens when there is none. */
    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
