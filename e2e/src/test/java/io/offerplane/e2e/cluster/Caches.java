package io.offerplane.e2e.cluster;

import java.nio.file.Path;

/** What was downloaded or built once on this machine. */
public final class Caches {
    private Caches() {}

    /** {@code OFFERPLANE_CACHE}, or {@code ~/.cache/offerplane}. */
    public static Path root() {
        String named = System.getenv("OFFERPLANE_CACHE");
        return named == null || named.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "offerplane")
                : Path.of(named);
    }
}
