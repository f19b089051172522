package io.offerplane.yarn.node.localize;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.LocalResourceType;

/**
 * Fetches what containers need, each file once for all who may share it. Thread-safe; a call waits until everything is there, and for
 * a file that another container is fetching already.
 */
public final class Localizer {
    private record Place(Path cache, ResourceKey key) {}

    /**
     * The caches of one container by visibility.
     *
     * @param everybody for PUBLIC
     * @param user for PRIVATE
     * @param application for APPLICATION
     */
    public record Caches(Path everybody, Path user, Path application) {}

    private final Configuration conf;
    private final List<Path> folders;
    private final Map<Place, CompletableFuture<Path>> files = new ConcurrentHashMap<>();
    private final AtomicLong number = new AtomicLong();

    /** @param folders of the node that are open to applications: files of the scheme {@code file} come from there only */
    public Localizer(Configuration conf, List<Path> folders) {
        this.conf = conf;
        this.folders = List.copyOf(folders);
    }

    /**
     * Fetches these files.
     *
     * @param user as whom, with the tokens of the container
     * @param workDir where the names will be links
     * @return name of the link to the file or directory fetched
     */
    public SequencedMap<String, Path> localize(
            Map<String, LocalResource> resources, Caches caches, UserGroupInformation user, Path workDir)
            throws LocalizationException {
        SequencedMap<String, Path> links = new LinkedHashMap<>();
        for (Map.Entry<String, LocalResource> resource : new TreeMap<>(resources).entrySet()) {
            String link = checkedLink(resource.getKey(), workDir);
            ResourceKey key = ResourceKey.of(resource.getValue());
            Path cache =
                    switch (key.visibility()) {
                        case PUBLIC -> caches.everybody();
                        case PRIVATE -> caches.user();
                        case APPLICATION -> caches.application();
                    };
            Path fetched = fetched(new Place(cache, key), user);
            if (link.equals("*")) {
                links.putAll(members(fetched, key));
            } else {
                links.put(link, fetched);
            }
        }
        return links;
    }

    // The link "*" stands for each file of the archive.
    private static Map<String, Path> members(Path directory, ResourceKey key) throws LocalizationException {
        if (key.type() == LocalResourceType.FILE || !Files.isDirectory(directory)) {
            throw new LocalizationException(key.uri() + " is linked as *, but is no directory");
        }
        Map<String, Path> members = new TreeMap<>();
        try (var all = Files.list(directory)) {
            all.forEach(member -> members.put(String.valueOf(member.getFileName()), member));
        } catch (IOException e) {
            throw new LocalizationException(directory + ": " + e, e);
        }
        return members;
    }

    private static String checkedLink(String name, Path workDir) throws LocalizationException {
        Path link = workDir.resolve(name).normalize();
        if (name.indexOf('\0') >= 0 || !link.startsWith(workDir) || link.equals(workDir)) {
            throw new LocalizationException("link " + name + " would lie outside of the container's directory");
        }
        return name;
    }

    private Path fetched(Place place, UserGroupInformation user) throws LocalizationException {
        CompletableFuture<Path> mine = new CompletableFuture<>();
        CompletableFuture<Path> known = files.putIfAbsent(place, mine);
        if (known == null) {
            try {
                Path directory = fresh(place.cache());
                mine.complete(new Fetch(conf, user, place.key(), folders).into(directory));
            } catch (LocalizationException e) {
                failed(place, mine, e);
            } catch (IOException | RuntimeException e) {
                failed(place, mine, new LocalizationException(place.key().uri() + ": " + e, e));
            }
            known = mine;
        }
        try {
            return known.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LocalizationException refused) {
                throw refused;
            }
            throw e;
        }
    }

    /** One that is in no container's use, whatever an earlier process left. */
    private Path fresh(Path cache) throws IOException {
        Files.createDirectories(cache);
        Path directory = next(cache);
        while (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            directory = next(cache);
        }
        return Files.createDirectory(directory);
    }

    private Path next(Path cache) {
        return cache.resolve(Long.toString(number.incrementAndGet()));
    }

    // Whoever waits gets the reason; whoever comes later tries anew.
    private void failed(Place place, CompletableFuture<Path> future, LocalizationException reason) {
        files.remove(place);
        future.completeExceptionally(reason);
    }

    /** Forgets what lies under a directory that is about to be deleted. */
    public void forget(Path cache) {
        files.keySet().removeIf(place -> place.cache().equals(cache));
    }
}
