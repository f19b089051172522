package io.offerplane.operator.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.protocol.link.v1.HeadAmount;
import org.junit.jupiter.api.Test;

class VcoreSizeTest {
    private static final VcoreSize QUARTER = new VcoreSize(250);

    @Test
    void vcoresArePartsOfCoresAndWhatIsLeftOfAPartIsNone() {
        ResourceQuantities asked = QUARTER.quantities(
                HeadAmount.newBuilder().setMemoryMib(512).setVcores(3).build());
        assertThat(asked.milli("cpus")).isEqualTo(750);
        assertThat(asked.milli("mem")).isEqualTo(512_000);
        assertThat(QUARTER.amount(asked).getVcores()).isEqualTo(3);
        assertThat(new VcoreSize(400).amount(asked).getVcores()).isEqualTo(1);
        assertThat(VcoreSize.CORE.amount(asked).getVcores()).isZero();
    }

    @Test
    void theMostVcoresOfTheWireFit() {
        assertThat(new VcoreSize(1_000_000)
                        .quantities(HeadAmount.newBuilder().setVcores(1 << 20).build())
                        .milli("cpus"))
                .isEqualTo(1_000_000L << 20);
    }

    @Test
    void aVcoreIsSomething() {
        assertThatThrownBy(() -> new VcoreSize(0)).hasMessageContaining("above zero");
    }
}
