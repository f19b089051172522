package io.offerplane.shim.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakePatienceTest {

    @Test
    void eachAttemptThatRanOutGivesTheNextTwiceAsLongUpToTwentySeconds() {
        HandshakePatience patience = new HandshakePatience();
        List<Long> seconds = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Duration given = patience.current();
            seconds.add(given.toSeconds());
            patience.ranOut(given);
            patience.ranOut(given);
        }
        assertThat(seconds).containsExactly(5L, 10L, 20L, 20L, 20L);
    }

    @Test
    void successStartsAnew() {
        HandshakePatience patience = new HandshakePatience();
        patience.ranOut(patience.current());
        patience.reset();
        assertThat(patience.current()).isEqualTo(Duration.ofSeconds(5));
    }
}
