package io.offerplane.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout that the tests run from. */
public final class RepositoryRoot {
    private RepositoryRoot() {}

    /** The nearest folder upwards that holds {@code dev/mvn}; Maven starts tests in the module's folder. */
    public static Path find() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("dev/mvn"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "no folder upwards of " + start + " holds dev/mvn: run the tests from a checkout");
    }
}
