package io.offerplane.shim.fetch;

import java.util.OptionalLong;

/**
 * Hears how far downloads are. Called by the threads that download: for one URI by one thread, for several URIs at once. Whoever
 * blocks here, holds up a download.
 */
@FunctionalInterface
public interface FetchProgress {

    /** Nobody listens. */
    FetchProgress NONE = (uri, bytes, total) -> {};

    /**
     * Called when a download begins, after each mebibyte of it, and at its end. What comes from the cache is told once, whole.
     *
     * @param uri without passwords and without the values of its query: fit for logs
     * @param bytes that have come
     * @param total what the server says; absent if it doesn't
     */
    void progressed(String uri, long bytes, OptionalLong total);
}
