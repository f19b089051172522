package io.offerplane.shim.fetch;

import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.DefaultRootfs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches by http, https, from S3 stores and Hadoop file systems, and from allowed folders of the node. The files of a task are
 * downloaded beside each other into a folder of the shim's; only when all are there are they put into the sandbox and unpacked, one
 * after the other in the command's order. So the outcome is that of Mesos' fetcher, which does one after the other altogether, and
 * no archive's links can come between what another one writes. Source of the rules: Mesos' fetcher.
 */
public final class UriFetcher implements Fetcher {

    private static final Logger log = LoggerFactory.getLogger(UriFetcher.class);
    private static final int FILE_MODE = 0644;
    private static final int EXECUTABLE_MODE = 0755;

    private final FetchSettings settings;
    private final Download download;
    private final Archives archives = new Archives(DecoderMemory.ofHeap());
    private final FetchCache cache;
    private final Path downloads;
    private final AtomicLong fetches = new AtomicLong();

    private UriFetcher(FetchSettings settings, Path downloads, Path cached) {
        this.settings = settings;
        this.download = new Download(new Sources(settings), settings.stall());
        this.downloads = downloads;
        this.cache = new FetchCache(cached, settings.cacheBytes());
    }

    /**
     * Makes the fetcher's folder anew: an earlier process's downloads are half done, and its cache is forgotten as in Mesos.
     *
     * @throws IOException when the disk doesn't allow it
     */
    public static UriFetcher open(FetchSettings settings) throws IOException {
        DefaultRootfs.removeTree(settings.folder());
        Files.createDirectories(settings.folder());
        Files.setPosixFilePermissions(settings.folder(), PosixFilePermissions.fromString("rwx------"));
        return new UriFetcher(
                settings,
                Files.createDirectory(settings.folder().resolve("downloads")),
                Files.createDirectory(settings.folder().resolve("cache")));
    }

    @Override
    public void fetch(List<CommandInfo.URI> uris, Path sandbox, ContainerUser user)
            throws FetchException, InterruptedException {
        fetch(uris, sandbox, user, FetchProgress.NONE);
    }

    @Override
    public void fetch(List<CommandInfo.URI> uris, Path sandbox, ContainerUser user, FetchProgress progress)
            throws FetchException, InterruptedException {
        if (uris.isEmpty()) {
            return;
        }
        List<FetchItem> items = items(uris);
        Path folder = downloads.resolve(Long.toString(fetches.incrementAndGet()));
        ConcurrentLinkedQueue<FetchCache.Use> uses = new ConcurrentLinkedQueue<>();
        try {
            Files.createDirectory(folder);
            WriteBudget budget = budget(sandbox);
            List<Path> files = bring(items, folder, user, budget, uses, progress);
            SandboxTree tree = new SandboxTree(sandbox, user, budget);
            for (int i = 0; i < items.size(); i++) {
                place(items.get(i), files.get(i), tree);
            }
        } catch (IOException e) {
            throw new FetchException("Failed to fetch into " + sandbox.getFileName() + ": " + e.getMessage(), e);
        } finally {
            uses.forEach(FetchCache.Use::close);
            remove(folder);
        }
    }

    /** All of them are read before the first is asked for. */
    private static List<FetchItem> items(List<CommandInfo.URI> uris) throws FetchException {
        List<FetchItem> items = new ArrayList<>();
        for (CommandInfo.URI uri : uris) {
            try {
                items.add(FetchItem.of(uri));
            } catch (IOException e) {
                throw failure(uri.getValue(), e);
            }
        }
        return items;
    }

    private WriteBudget budget(Path at) throws IOException {
        return new WriteBudget(settings.mostBytes(), WriteBudget.RESERVE_BYTES, Files.getFileStore(at));
    }

    private List<Path> bring(
            List<FetchItem> items,
            Path folder,
            ContainerUser user,
            WriteBudget budget,
            ConcurrentLinkedQueue<FetchCache.Use> uses,
            FetchProgress progress)
            throws FetchException, InterruptedException {
        List<Callable<Path>> jobs = new ArrayList<>();
        for (FetchItem item : items) {
            Path file = folder.resolve(Integer.toString(jobs.size()));
            jobs.add(() -> {
                try {
                    if (!isCached(item)) {
                        download.to(file, item, budget, progress);
                        return file;
                    }
                    FetchCache.Use use = cached(item, user, progress);
                    uses.add(use);
                    return use.file();
                } catch (IOException | RuntimeException e) {
                    throw failure(item.uri(), e);
                }
            });
        }
        try {
            return ParallelDownloads.run(jobs, settings.parallel());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FetchException failure) {
                throw failure;
            }
            throw new IllegalStateException("a download ended in a way that none should", e.getCause());
        }
    }

    private boolean isCached(FetchItem item) {
        return item.cache() && settings.cacheBytes() > 0;
    }

    /** The cache's file is not the task's: only its copy is counted as the task's. */
    private FetchCache.Use cached(FetchItem item, ContainerUser user, FetchProgress progress)
            throws IOException, InterruptedException {
        WriteBudget budget = budget(settings.folder());
        FetchCache.Use use = cache.use(
                new FetchCache.Key(user.uid(), item.identity()), file -> download.to(file, item, budget, progress));
        if (use.isShared()) {
            long bytes = Files.size(use.file());
            progress.progressed(item.shown(), bytes, OptionalLong.of(bytes));
        }
        return use;
    }

    /**
     * Puts a file where the task finds it. It is unpacked from where it was downloaded to, so that nothing that it holds can come in
     * its own way. As in Mesos, an archive stays beside what was in it, but for one from the cache.
     */
    private void place(FetchItem item, Path file, SandboxTree tree) throws FetchException, InterruptedException {
        Archives.Kind kind = item.archive();
        try {
            tree.makeWay(item.name());
            archives.extract(file, kind, item.name(), tree);
            if (tree.has(item.name())) {
                return;
            }
            int mode = item.executable() ? EXECUTABLE_MODE : FILE_MODE;
            if (!isCached(item)) {
                tree.adopt(item.name(), file, mode);
            } else if (!kind.isOfMesos()) {
                try (InputStream content = Files.newInputStream(file)) {
                    tree.file(item.name(), content, mode);
                }
            }
        } catch (IOException e) {
            if (Thread.interrupted()) {
                InterruptedException interrupt = new InterruptedException("unpacking was interrupted");
                interrupt.initCause(e);
                throw interrupt;
            }
            throw failure(item.uri(), e);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("fetching stops after " + item.shown());
        }
    }

    private static FetchException failure(String uri, Exception e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        // Whatever a library has to say, it does not get to repeat passwords.
        return new FetchException(
                "Failed to fetch '" + FetchItem.shown(uri) + "': " + why.replace(uri, FetchItem.shown(uri)), e);
    }

    private static void remove(Path folder) {
        try {
            DefaultRootfs.removeTree(folder);
        } catch (IOException e) {
            log.warn("{} can't be removed and takes room until the next start", folder, e);
        }
    }
}
