package io.offerplane.shim.fetch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;

/** Downloads of one task beside each other, a few at a time. The first that fails ends the others. */
final class ParallelDownloads {

    /** Virtual ones, as an interrupt ends what they wait for on the network. */
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("fetch-", 0).factory();

    private ParallelDownloads() {}

    /**
     * Runs all; none of them runs any more when this returns or throws.
     *
     * @return the results, in the order of the jobs
     * @throws ExecutionException with what the first one that failed threw
     */
    static <T> List<T> run(List<Callable<T>> jobs, int atOnce) throws ExecutionException, InterruptedException {
        Semaphore places = new Semaphore(atOnce);
        try (ExecutorService executor = Executors.newThreadPerTaskExecutor(THREADS)) {
            ExecutorCompletionService<T> ended = new ExecutorCompletionService<>(executor);
            List<Future<T>> results = new ArrayList<>();
            try {
                for (Callable<T> job : jobs) {
                    results.add(ended.submit(() -> {
                        places.acquire();
                        try {
                            return job.call();
                        } finally {
                            places.release();
                        }
                    }));
                }
                for (int i = 0; i < jobs.size(); i++) {
                    ended.take().get();
                }
            } finally {
                executor.shutdownNow();
            }
            return results.stream().map(Future::resultNow).toList();
        }
    }
}
