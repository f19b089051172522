package io.offerplane.engine.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuantityTest {
    @Test
    void amountsGoFromNothingToTheLargest() {
        assertThat(new Quantity(0)).isEqualTo(Quantity.ZERO);
        assertThat(new Quantity(Quantity.MAX_MILLI).milli()).isEqualTo(4_000_000_000_000_000_000L);
        assertThatThrownBy(() -> new Quantity(-1))
                .hasMessage("quantity: -1 thousandths (expected: 0 to 4000000000000000000)");
        assertThatThrownBy(() -> new Quantity(Quantity.MAX_MILLI + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isReadToThreeDecimalsAndWrittenAsShortAsCanBe() {
        assertThat(Quantity.of(0.0015)).isEqualTo(Quantity.ofMilli(2));
        assertThat(Quantity.of(1.5)).hasToString("1.5");
        assertThat(Quantity.of(512)).hasToString("512");
        assertThat(Quantity.ofMilli(1).units()).isEqualTo(0.001);
    }

    @Test
    void theSmallerOfTwo() {
        Quantity one = Quantity.of(1);
        Quantity two = Quantity.of(2);
        assertThat(one.min(two)).isEqualTo(one);
        assertThat(two.min(one)).isEqualTo(one);
        assertThat(one.compareTo(two)).isNegative();
        assertThat(one.plus(two)).isEqualTo(Quantity.of(3));
    }

    @Test
    void aVolumeHasASize() {
        assertThat(new Volume("v", Optional.empty(), "data", 1).sizeMilli()).isEqualTo(1);
        assertThatThrownBy(() -> new Volume("v", Optional.empty(), "data", 0))
                .hasMessage("volume v: size 0 (expected: above zero)");
    }
}
