package io.offerplane.yarn.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes logs of applications that have been over for long (as {@code yarn.nodemanager.log.retain-seconds} has it). */
final class LogRetention {
    private static final Logger log = LoggerFactory.getLogger(LogRetention.class);

    private final List<Path> directories;
    private final Duration keep;
    private final Supplier<Set<String>> running;
    private final InstantSource clock;

    /**
     * @param keep from the last container's start or end
     * @param running the applications of this node, by name
     */
    LogRetention(List<Path> directories, Duration keep, Supplier<Set<String>> running, InstantSource clock) {
        this.directories = directories;
        this.keep = keep;
        this.running = running;
        this.clock = clock;
    }

    /** Looks once. What can't be deleted now is tried with the next look. */
    void sweep() {
        Instant oldest = clock.instant().minus(keep);
        Set<String> present = running.get();
        for (Path directory : directories) {
            try (Stream<Path> applications = Files.list(directory)) {
                for (Path application : applications.toList()) {
                    if (!present.contains(application.getFileName().toString()) && isOlder(application, oldest)) {
                        NodeDirectories.delete(application);
                    }
                }
            } catch (IOException | RuntimeException e) {
                log.warn("Old logs in {} could not be deleted", directory, e);
            }
        }
    }

    /** By the youngest of its containers' folders, which programs write to until they end. */
    private static boolean isOlder(Path application, Instant oldest) throws IOException {
        try (Stream<Path> all = Files.walk(application, 2)) {
            for (Path path : all.toList()) {
                if (Files.getLastModifiedTime(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isAfter(oldest)) {
                    return false;
                }
            }
        }
        return true;
    }
}
