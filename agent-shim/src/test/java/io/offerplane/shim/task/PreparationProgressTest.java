package io.offerplane.shim.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What frameworks hear while an image and files come, and how often. */
class PreparationProgressTest {

    private static final long MEGABYTE = 1 << 20;

    private final List<String> told = new ArrayList<>();
    private long now = 12_345;
    private final PreparationProgress progress = new PreparationProgress(told::add, () -> now);

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void anImageIsToldOfAtOnceAndThenEveryFiveSeconds() {
        progress.pulling("alpine", MEGABYTE);
        pass(4_999);
        progress.pulling("alpine", 2 * MEGABYTE);
        pass(1);
        progress.pulling("alpine", 3 * MEGABYTE);
        assertThat(told).containsExactly("Pulling image 'alpine': 1 MB so far", "Pulling image 'alpine': 3 MB so far");
    }

    @Test
    void filesThatComeSoonAreNotToldOf() {
        progress.progressed("http://h/a", 0, OptionalLong.of(10 * MEGABYTE));
        pass(2_999);
        progress.progressed("http://h/a", 9 * MEGABYTE, OptionalLong.of(10 * MEGABYTE));
        pass(1_000);
        progress.progressed("http://h/a", 10 * MEGABYTE, OptionalLong.of(10 * MEGABYTE));
        assertThat(told).isEmpty();
    }

    @Test
    void filesThatTakeTimeAreToldOfTogether() {
        progress.progressed("http://h/a", 0, OptionalLong.of(10 * MEGABYTE));
        pass(3_000);
        progress.progressed("http://h/a", 4 * MEGABYTE, OptionalLong.of(10 * MEGABYTE));
        pass(5_000);
        progress.progressed("http://h/b", MEGABYTE, OptionalLong.of(2 * MEGABYTE));
        pass(5_000);
        progress.progressed("http://h/c", 0, OptionalLong.empty());
        assertThat(told)
                .containsExactly(
                        "Fetching 'http://h/a': 4 of 10 MB so far",
                        "Fetching 2 files, now 'http://h/b': 5 of 12 MB so far",
                        "Fetching 3 files, now 'http://h/c': 5 MB so far");
    }
}
