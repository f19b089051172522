package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.offerplane.shim.TestRegistry.Layer;
import io.offerplane.shim.image.Image;
import io.offerplane.shim.image.ImageReference;
import io.offerplane.shim.image.ImageSettings;
import io.offerplane.shim.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which images go when the disk is nearly full, and what goes with them. */
class ImageCollectionTest {

    private static final Duration LATER = Duration.ofMinutes(11);

    @TempDir
    Path folder;

    private TestRegistry registry;
    private Images images;
    private double free = 0.5;
    private int looks;

    @BeforeEach
    void start() throws Exception {
        // Where containers can't run, what the registry needs isn't there either.
        TestNode.create().close();
        registry = TestRegistry.start(folder.resolve("registry"), false);
        images = Images.open(
                new ImageSettings(
                        folder.resolve("images"),
                        Path.of("/usr/bin/skopeo"),
                        registry.address(),
                        List.of(registry.address()),
                        Optional.empty()),
                () -> {
                    looks++;
                    return free;
                });
    }

    @AfterEach
    void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    private Image pull(String name) throws Exception {
        return images.provide(ImageReference.parse(name, registry.address()), true, ByteString.EMPTY, bytes -> {});
    }

    private int collect(Set<String> inUse, Duration later) throws IOException {
        return images.collect(() -> inUse, Instant.now().plus(later));
    }

    private static Set<String> names(Image image) {
        return image.layers().stream().map(l -> l.getFileName().toString()).collect(Collectors.toSet());
    }

    private long requests(String name) {
        return registry.requests("GET", "/" + name + "/manifests/");
    }

    @Test
    void nothingGoesWhileThereIsRoomOrItWasUsedLately() throws Exception {
        registry.push("kept", "{}", new Layer().file("a", "a"));
        Image kept = pull("kept");
        assertThat(collect(Set.of(), LATER)).isZero();
        free = 0.05;
        assertThat(collect(Set.of(), Duration.ofMinutes(9))).isZero();
        assertThat(kept.layers()).allMatch(Files::isDirectory);
        assertThat(looks).isPositive();
    }

    @Test
    void theLongestUnusedGoesFirstAndWhatOthersShareStays() throws Exception {
        Layer shared = new Layer().file("shared", "s");
        registry.push("old", "{}", shared, new Layer().file("own", "old"));
        registry.push("new", "{}", shared, new Layer().file("own", "new"));
        Image old = pull("old");
        Image young = pull("new");
        Path own = old.layers().getFirst();
        Path common = old.layers().getLast();
        assertThat(young.layers().getLast()).isEqualTo(common);
        free = 0.05;
        // Enough is free after one.
        Images.LayersInUse none = Set::of;
        assertThat(images.collect(
                        () -> {
                            free = 0.5;
                            return none.names();
                        },
                        Instant.now().plus(LATER)))
                .isEqualTo(1);
        assertThat(own).doesNotExist();
        assertThat(common).isDirectory();
        assertThat(young.layers()).allMatch(Files::isDirectory);
        long asked = requests("new");
        pull("new");
        assertThat(requests("new")).isEqualTo(asked);
        long once = requests("old");
        assertThat(pull("old").layers()).allMatch(Files::isDirectory);
        assertThat(requests("old")).isGreaterThan(once);
    }

    @Test
    void whatContainersStandOnStaysThoughItsNameGoes() throws Exception {
        registry.push("running", "{}", new Layer().file("a", "a"));
        Image running = pull("running");
        free = 0.05;
        assertThat(collect(names(running), LATER)).isEqualTo(1);
        assertThat(running.layers()).allMatch(Files::isDirectory);
        // When the container has ended, and another image's name goes.
        registry.push("other", "{}", new Layer().file("b", "b"));
        pull("other");
        assertThat(collect(Set.of(), LATER)).isEqualTo(1);
        assertThat(running.layers()).noneMatch(Files::exists);
    }

    @Test
    void aDamagedManifestKeepsNothingOnTheDisk() throws Exception {
        registry.push("damaged", "{}", new Layer().file("a", "a"));
        registry.push("other", "{}", new Layer().file("b", "b"));
        // The whole one is the older, so that it goes first and the damaged one is met then.
        Image other = pull("other");
        Image damaged = pull("damaged");
        Path manifest =
                folder.resolve("images/blobs/sha256").resolve(damaged.digest().substring("sha256:".length()));
        Files.writeString(manifest, "{}");
        free = 0.05;
        assertThat(collect(Set.of(), LATER)).isPositive();
        assertThat(damaged.layers()).noneMatch(Files::exists);
        assertThat(other.layers()).noneMatch(Files::exists);
    }
}
