package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import org.junit.jupiter.api.Test;

/** What of an agent is left to offer when a limit leaves less than all. */
class HeadroomChopTest {
    private static final Resources FIRST = disk("/disk1", 100);
    private static final Resources SECOND = disk("/disk2", 50);

    private static Resources resources(String text) {
        return TestCluster.resources(text);
    }

    private static Resources disk(String root, int size) {
        return Resources.of(Terms.mountedAt(root), resources("disk:" + size).free());
    }

    private static ResourceQuantities allowed(String text) {
        return resources(text).scalars();
    }

    @Test
    void disksOfTheirOwnGoWholeAndFirst() {
        Resources agent = resources("cpus:4;disk:30").plus(FIRST).plus(SECOND);
        assertThat(Headroom.chop(agent, allowed("cpus:1;disk:160")))
                .isEqualTo(resources("cpus:1;disk:10").plus(FIRST).plus(SECOND));
    }

    @Test
    void aDiskThatDoesNotFitWholeIsLeftOut() {
        Resources agent = resources("cpus:4;disk:30").plus(FIRST).plus(SECOND);
        assertThat(Headroom.chop(agent, allowed("cpus:4;disk:90")))
                .isEqualTo(resources("cpus:4;disk:30").plus(SECOND));
    }

    @Test
    void whatIsReservedOrRevocableStays() {
        Resources apart = resources("cpus(eng):2").plus(resources("cpus(revocable):3"));
        assertThat(apart.bound()).hasSize(2);
        assertThat(Headroom.chop(resources("cpus:4").plus(apart), allowed("cpus:1")))
                .isEqualTo(resources("cpus:1").plus(apart));
        assertThat(Headroom.chop(apart, ResourceQuantities.EMPTY)).isEqualTo(apart);
    }

    @Test
    void whatIsNoScalarStays() {
        assertThat(Headroom.chop(resources("cpus:4;ports:[31000-31010]"), allowed("cpus:0.5")))
                .isEqualTo(resources("cpus:0.5;ports:[31000-31010]"));
    }

    @Test
    void aMountedDiskIsHeldWholeOrNotAtAll() {
        Resources both = FIRST.plus(SECOND);
        assertThat(both.contains(FIRST)).isTrue();
        assertThat(both.contains(disk("/disk1", 99))).isFalse();
        assertThat(both.contains(disk("/disk3", 1))).isFalse();
        assertThat(FIRST.contains(both)).isFalse();
    }
}
