package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FetchCacheTest {

    @TempDir
    private Path folder;

    private final AtomicInteger loads = new AtomicInteger();
    private FetchCache cache;

    @BeforeEach
    void makeCache() {
        cache = new FetchCache(folder, 100);
    }

    private static FetchCache.Key key(String uri) {
        return new FetchCache.Key(0, uri);
    }

    private FetchCache.Loader bytes(int count) {
        return file -> {
            loads.incrementAndGet();
            Files.write(file, new byte[count]);
            return count;
        };
    }

    private FetchCache.Use use(String uri, int count) throws Exception {
        return cache.use(key(uri), bytes(count));
    }

    private int files() {
        String[] names = folder.toFile().list();
        return names == null ? 0 : names.length;
    }

    private <T> FutureTask<T> started(java.util.concurrent.Callable<T> work, CountDownLatch until) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        until.await();
        return task;
    }

    /** Starts a thread and returns once it waits for somebody else's download. */
    private Thread waiting(FutureTask<?> task) {
        Thread thread = Thread.ofPlatform().daemon().start(task);
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(thread.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void aFileIsDownloadedOncePerUserAndUri() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (FetchCache.Use use = use("a", 10)) {
                assertThat(use.file()).hasSize(10);
                assertThat(use.isShared()).isEqualTo(i > 0);
            }
        }
        try (FetchCache.Use other = cache.use(new FetchCache.Key(7, "a"), bytes(10))) {
            assertThat(other.isShared()).isFalse();
        }
        assertThat(loads).hasValue(2);
        assertThat(cache.keptBytes()).isEqualTo(20);
    }

    @Test
    void thoseThatStartTogetherShareOneDownload() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<FetchCache.Use> first = started(
                () -> cache.use(key("a"), file -> {
                    began.countDown();
                    await(goOn);
                    return bytes(10).load(file);
                }),
                began);
        FutureTask<FetchCache.Use> second = new FutureTask<>(() -> use("a", 10));
        waiting(second);
        goOn.countDown();
        assertThat(second.get().file()).isEqualTo(first.get().file()).hasSize(10);
        assertThat(loads).hasValue(1);
    }

    private static void await(CountDownLatch latch) throws InterruptedIOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("killed");
        }
    }

    @Test
    void aFailureIsOfAllWhoWaitAndIsNotRemembered() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<FetchCache.Use> first = started(
                () -> cache.use(key("a"), file -> {
                    Files.write(file, new byte[5]);
                    began.countDown();
                    await(goOn);
                    throw new IOException("the server answered 500");
                }),
                began);
        FutureTask<FetchCache.Use> second = new FutureTask<>(() -> use("a", 10));
        waiting(second);
        goOn.countDown();
        assertThatThrownBy(first::get).hasRootCauseMessage("the server answered 500");
        assertThatThrownBy(second::get).hasRootCauseMessage("the server answered 500");
        assertThat(files()).isZero();
        use("a", 10).close();
        assertThat(loads).hasValue(1);
    }

    @Test
    void whenTheTaskThatDownloadsIsKilledAnotherTakesOver() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        FutureTask<FetchCache.Use> first = new FutureTask<>(() -> cache.use(key("a"), file -> {
            began.countDown();
            await(new CountDownLatch(1));
            return 0;
        }));
        Thread killed = Thread.ofPlatform().daemon().start(first);
        began.await();
        FutureTask<FetchCache.Use> second = new FutureTask<>(() -> use("a", 10));
        waiting(second);
        killed.interrupt();
        assertThat(second.get().file()).hasSize(10);
        assertThat(second.get().isShared()).isFalse();
        assertThatThrownBy(first::get).hasCauseInstanceOf(InterruptedIOException.class);
    }

    @Test
    void oneThatWaitsCanBeKilledAloneToo() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<FetchCache.Use> first = started(
                () -> cache.use(key("a"), file -> {
                    began.countDown();
                    await(goOn);
                    return bytes(10).load(file);
                }),
                began);
        FutureTask<FetchCache.Use> second = new FutureTask<>(() -> use("a", 10));
        waiting(second).interrupt();
        assertThatThrownBy(second::get).hasCauseInstanceOf(InterruptedException.class);
        goOn.countDown();
        assertThat(first.get().file()).hasSize(10);
    }

    @Test
    void theOneThatNobodyHasUsedForLongestGoesFirst() throws Exception {
        use("a", 40).close();
        use("b", 40).close();
        use("a", 40).close();
        use("c", 40).close();
        assertThat(loads).hasValue(3);
        use("a", 40).close();
        assertThat(loads).hasValue(3);
        use("b", 40).close();
        assertThat(loads).hasValue(4);
        assertThat(cache.keptBytes()).isEqualTo(80);
        assertThat(files()).isEqualTo(2);
    }

    @Test
    void whatIsInUseStays() throws Exception {
        try (FetchCache.Use a = use("a", 60)) {
            try (FetchCache.Use b = use("b", 60)) {
                assertThat(a.file()).exists();
                assertThat(b.file()).exists();
                assertThat(cache.keptBytes()).isEqualTo(60);
            }
            assertThat(files()).isEqualTo(1);
        }
        assertThat(cache.keptBytes()).isEqualTo(60);
        use("a", 60).close();
        assertThat(loads).hasValue(2);
    }

    @Test
    void aFileThatNeverFitsDrivesNothingOutAndIsRemovedAfterItsUse() throws Exception {
        use("small", 50).close();
        try (FetchCache.Use large = use("large", 101)) {
            assertThat(large.file()).hasSize(101);
            assertThat(cache.keptBytes()).isEqualTo(50);
        }
        assertThat(files()).isEqualTo(1);
        use("small", 50).close();
        assertThat(loads).hasValue(2);
    }
}
