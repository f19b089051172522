package io.offerplane.shim.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.isolator.DiskQuota;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.mesos.v1.Protos.CgroupInfo.Blkio;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.ResourceStatistics;
import org.apache.mesos.v1.Protos.Value;
import org.junit.jupiter.api.Test;

/** The kernel's figures under Mesos' names and in its units. */
class ContainerStatisticsTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_500L);

    private static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    private static ContainerUsage usage(OptionalLong quota, OptionalLong limit, ContainerUsage.Memory memory) {
        return new ContainerUsage(
                2_500_000_000L,
                500_000_000L,
                512,
                quota,
                100_000,
                Optional.of(new ContainerUsage.Throttling(9, 8, 7_000_000)),
                4096,
                8192,
                limit,
                1024,
                2048,
                memory,
                0,
                2,
                5,
                OptionalLong.empty(),
                List.of(new ContainerUsage.BlockDevice(
                        8, 16, new ContainerUsage.Traffic(4096, 512, 1), new ContainerUsage.Traffic(2, 1, 1))),
                Map.of());
    }

    @Test
    void everyFigureHasItsNameAndUnit() {
        ResourceStatistics statistics = ContainerStatistics.of(
                usage(
                        OptionalLong.of(150_000),
                        OptionalLong.of(64 << 20),
                        new ContainerUsage.Memory(
                                OptionalLong.of(33 << 20),
                                OptionalLong.of(5),
                                OptionalLong.of(7),
                                OptionalLong.of(6),
                                OptionalLong.of(4102))),
                List.of(scalar("cpus", 0.25), scalar("cpus", 0.25), scalar("mem", 64)),
                Optional.of(new DiskQuota.Usage(12_288, 8 << 20)),
                NOW);
        assertThat(statistics.getTimestamp()).isEqualTo(1_700_000_000.5);
        assertThat(statistics.getProcesses()).isEqualTo(2);
        assertThat(statistics.getThreads()).isEqualTo(5);
        assertThat(statistics.getCpusUserTimeSecs()).isEqualTo(2.5);
        assertThat(statistics.getCpusSystemTimeSecs()).isEqualTo(0.5);
        assertThat(statistics.getCpusSoftLimit()).isEqualTo(0.5);
        // 150 ms in each 100 ms
        assertThat(statistics.getCpusLimit()).isEqualTo(1.5);
        assertThat(statistics.getCpusNrPeriods()).isEqualTo(9);
        assertThat(statistics.getCpusNrThrottled()).isEqualTo(8);
        assertThat(statistics.getCpusThrottledTimeSecs()).isEqualTo(0.007);
        assertThat(statistics.getMemTotalBytes()).isEqualTo(4096);
        assertThat(statistics.getMemTotalMemswBytes()).isEqualTo(4102);
        assertThat(statistics.getMemLimitBytes()).isEqualTo(64 << 20);
        assertThat(statistics.getMemSoftLimitBytes()).isEqualTo(33 << 20);
        assertThat(statistics.getMemRssBytes()).isEqualTo(1024);
        assertThat(statistics.getMemAnonBytes()).isEqualTo(1024);
        assertThat(statistics.getMemCacheBytes()).isEqualTo(2048);
        assertThat(statistics.getMemFileBytes()).isEqualTo(2048);
        assertThat(statistics.getMemMappedFileBytes()).isEqualTo(5);
        assertThat(statistics.getMemUnevictableBytes()).isEqualTo(7);
        assertThat(statistics.getMemSwapBytes()).isEqualTo(6);
        assertThat(statistics.getDiskUsedBytes()).isEqualTo(12_288);
        assertThat(statistics.getDiskLimitBytes()).isEqualTo(8 << 20);
        Blkio.Throttling.Statistics disk = statistics.getBlkioStatistics().getThrottling(0);
        assertThat(disk.getDevice().getMajorNumber()).isEqualTo(8);
        assertThat(disk.getDevice().getMinorNumber()).isEqualTo(16);
        assertThat(disk.getIoServiceBytesList())
                .contains(
                        Blkio.Value.newBuilder()
                                .setOp(Blkio.Operation.READ)
                                .setValue(4096)
                                .build(),
                        Blkio.Value.newBuilder()
                                .setOp(Blkio.Operation.TOTAL)
                                .setValue(4609)
                                .build());
        assertThat(disk.getIoServicedList())
                .contains(Blkio.Value.newBuilder()
                        .setOp(Blkio.Operation.WRITE)
                        .setValue(1)
                        .build());
    }

    @Test
    void whatTheKernelDoesntTellIsLeftOutAndLimitsFollowTheResources() {
        ResourceStatistics statistics = ContainerStatistics.of(
                usage(
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        new ContainerUsage.Memory(
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty())),
                List.of(scalar("cpus", 0.25), scalar("mem", 16)),
                Optional.empty(),
                NOW);
        assertThat(statistics.getCpusLimit()).isEqualTo(0.25);
        assertThat(statistics.hasMemLimitBytes()).isFalse();
        assertThat(statistics.hasMemTotalMemswBytes()).isFalse();
        assertThat(statistics.hasMemSwapBytes()).isFalse();
        assertThat(statistics.hasDiskUsedBytes()).isFalse();
        assertThat(statistics.hasDiskLimitBytes()).isFalse();
        // Never below Mesos' least.
        assertThat(statistics.getMemSoftLimitBytes()).isEqualTo(32 << 20);
    }
}
