package io.offerplane.shim.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetryWaitTest {

    private static List<Long> next(RetryWait wait, int count) {
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            waits.add(wait.next());
        }
        return waits;
    }

    @Test
    void noAttemptIsMoreThanTwoSecondsAfterTheOneBefore() {
        assertThat(next(new RetryWait(bound -> bound - 1), 8))
                .containsExactly(100L, 200L, 400L, 800L, 1600L, 2000L, 2000L, 2000L);
    }

    @Test
    void noAttemptComesSoonerThanHalfOfThat() {
        assertThat(next(new RetryWait(bound -> 0), 7)).containsExactly(50L, 100L, 200L, 400L, 800L, 1000L, 1000L);
    }

    @Test
    void successStartsAnew() {
        RetryWait wait = new RetryWait(bound -> bound - 1);
        next(wait, 6);
        wait.reset();
        assertThat(wait.next()).isEqualTo(100);
    }
}
