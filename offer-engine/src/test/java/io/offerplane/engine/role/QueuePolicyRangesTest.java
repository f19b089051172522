package io.offerplane.engine.role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.role.QueuePolicy.Ordering;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueuePolicyRangesTest {
    private static QueuePolicy policy(int minimum, int user, int applications, int running, int masters) {
        return new QueuePolicy(
                Ordering.FAIR,
                minimum,
                Optional.of(user),
                Optional.of(applications),
                Optional.of(running),
                Optional.of(masters));
    }

    @Test
    void theLeastAndTheMostOfEachAreTaken() {
        assertThat(policy(1, 1, 0, 0, 0).limitsUsers()).isTrue();
        assertThat(policy(100, 1_000, 1_000_000, 1_000_000, 100).limitsUsers()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            0,   1, 0,  0,  0,   minimum user limit: 0 (expected: 1 to 100)
            101, 1, 0,  0,  0,   minimum user limit: 101 (expected: 1 to 100)
            1,   0, 0,  0,  0,   user limit: 0 (expected: 1 to 2147483647)
            1,   1, -1, 0,  0,   applications: -1 (expected: 0 to 2147483647)
            1,   1, 0,  -1, 0,   running applications: -1 (expected: 0 to 2147483647)
            1,   1, 0,  0,  -1,  masters: -1 (expected: 0 to 100)
            1,   1, 0,  0,  101, masters: 101 (expected: 0 to 100)
            """)
    void whatIsBeyondIsRefusedByName(
            int minimum, int user, int applications, int running, int masters, String message) {
        assertThatThrownBy(() -> policy(minimum, user, applications, running, masters))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void noPolicyLimitsNoUser() {
        assertThat(QueuePolicy.NONE.limitsUsers()).isFalse();
    }
}
