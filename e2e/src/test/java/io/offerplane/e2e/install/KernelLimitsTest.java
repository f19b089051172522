package io.offerplane.e2e.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class KernelLimitsTest {
    @Test
    void readsVersionOneFromItsSeveralHierarchies() {
        KernelLimits limits = KernelLimits.parse("""
                cgroup=/sys/fs/cgroup/memory/kubepods/pod1/offerplane/c1
                memory.limit_in_bytes=67108864
                process=12
                process=13
                cgroup=/sys/fs/cgroup/cpu/kubepods/pod1/offerplane/c1
                cpu.shares=102
                cpu.cfs_quota_us=-1
                cpu.cfs_period_us=100000
                process=12
                process=13
                """);

        assertThat(limits.cgroup()).endsWith("/pod1/offerplane/c1");
        assertThat(limits.memoryBytes()).hasValue(64L << 20);
        assertThat(limits.cpuShares()).isEqualTo(102);
        assertThat(limits.cpuQuota()).isEmpty();
        assertThat(limits.processes()).containsExactly(12L, 13L);
    }

    @Test
    void readsVersionTwo() {
        KernelLimits limits = KernelLimits.parse("""
                cgroup=/sys/fs/cgroup/kubepods/pod1/offerplane/c1
                memory.max=67108864
                cpu.weight=20
                cpu.max=50000 100000
                process=7
                """);

        assertThat(limits.memoryBytes()).hasValue(64L << 20);
        // (20 - 1) * 262142 / 9999 + 2 = 500: half a core's 512, as far as a weight can tell.
        assertThat(limits.cpuShares()).isEqualTo(500);
        assertThat(limits.cpuQuota().orElseThrow()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void knowsNoLimitInBothVersions() {
        assertThat(KernelLimits.parse("cgroup=/a\nmemory.max=max\ncpu.weight=1\ncpu.max=max 100000\n")
                        .memoryBytes())
                .isEmpty();
        assertThat(KernelLimits.parse("cgroup=/a\nmemory.limit_in_bytes=9223372036854771712\ncpu.shares=2\n")
                        .memoryBytes())
                .isEmpty();
    }

    @Test
    void refusesToSearchForWhatIsNoContainerId() {
        assertThatThrownBy(() -> KernelLimits.script("x' -o -name '*"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a container id");
    }
}
