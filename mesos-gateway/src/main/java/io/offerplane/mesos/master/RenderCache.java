package io.offerplane.mesos.master;

import io.offerplane.engine.view.EngineView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers made of one view, so that many who ask at once cost one rendering. Holds the answers of the newest view only, and not
 * many of them. Safe for any thread; those who come while an answer is made wait for it.
 */
final class RenderCache {
    private static final int ENTRIES = 32;

    // Guarded by this.
    private @Nullable EngineView current;
    private final Map<String, CompletableFuture<byte[]>> answers = new LinkedHashMap<>();

    // The gate gives the same object to all who ask at once; comparing all of two views would cost more than it saves.
    @SuppressWarnings("ReferenceEquality")
    byte[] get(EngineView view, String key, Supplier<byte[]> maker) {
        CompletableFuture<byte[]> mine = new CompletableFuture<>();
        CompletableFuture<byte[]> theirs;
        synchronized (this) {
            if (current != view) {
                current = view;
                answers.clear();
            }
            if (answers.size() >= ENTRIES) {
                answers.clear();
            }
            theirs = answers.putIfAbsent(key, mine);
        }
        if (theirs != null) {
            return theirs.join();
        }
        try {
            mine.complete(maker.get());
        } catch (RuntimeException e) {
            mine.completeExceptionally(e);
            synchronized (this) {
                answers.remove(key, mine);
            }
        }
        return mine.join();
    }
}
