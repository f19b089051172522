package io.offerplane.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SeedsTest {
    /** 14 days x 700 seeds cover 10,000 - 300. */
    @Test
    void twoWeeksGoThroughAllSeeds() {
        for (long first : new long[] {0, 5, 20_784, 30_001}) {
            LongStream ofTheDays = LongStream.range(first, first + 14).flatMap(Seeds::ofDay);
            assertThat(LongStream.concat(LongStream.rangeClosed(1, Seeds.SAME_EVERY_DAY), ofTheDays)
                            .distinct()
                            .sorted()
                            .toArray())
                    .isEqualTo(LongStream.rangeClosed(1, Seeds.ALL).toArray());
        }
    }
}
