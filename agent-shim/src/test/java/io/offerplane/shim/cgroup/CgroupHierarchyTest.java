package io.offerplane.shim.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both versions on folders that look like the kernel's. */
class CgroupHierarchyTest {

    private static final String UID = "0f5c3a1e-1111-2222-3333-444455556666";

    @TempDir
    private Path root;

    private CgroupHierarchy v1() throws IOException {
        for (String controller : new String[] {"cpu", "cpuacct", "cpuset", "memory", "pids", "unified"}) {
            Path folder = Files.createDirectories(root.resolve(controller));
            Files.createFile(folder.resolve("cgroup.procs"));
        }
        Files.writeString(root.resolve("cpuset/cpuset.cpus"), "0-1\n");
        Files.writeString(root.resolve("cpuset/cpuset.mems"), "0\n");
        return CgroupHierarchy.detect(root);
    }

    private CgroupHierarchy v2() throws IOException {
        Files.writeString(root.resolve("cgroup.controllers"), "cpuset cpu io memory pids hugetlb\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "cpu memory pids\n");
        return CgroupHierarchy.detect(root);
    }

    @Test
    void theVersionIsToldByWhatIsMounted() throws IOException {
        assertThat(v1().version()).isEqualTo("v1");
        assertThatThrownBy(() -> CgroupHierarchy.detect(root.resolve("memory")))
                .hasMessageContaining("set OFFERPLANE_CGROUP_ROOT");
        assertThat(v2().version()).isEqualTo("v2");
    }

    @Test
    void aPodIsFoundByTheKubeletsNamesWhereverTheKubeletsRootIs() throws IOException {
        CgroupHierarchy v1 = v1();
        assertThat(v1.podGroup(UID)).isEmpty();
        Files.createDirectories(root.resolve("memory/kubepods/burstable/pod99"));
        Files.createDirectories(root.resolve("memory/nodes/node-2/kubepods/pod" + UID + "/container"));
        assertThat(v1.podGroup(UID)).contains("/nodes/node-2/kubepods/pod" + UID);
    }

    @Test
    void aPodIsFoundBySystemdsNames() throws IOException {
        CgroupHierarchy v2 = v2();
        String slice =
                "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + UID.replace('-', '_') + ".slice";
        Files.createDirectories(root.resolve(slice));
        assertThat(v2.podGroup(UID)).contains("/" + slice);
    }

    @Test
    void aGroupOfVersion1IsMadeInEveryHierarchyWithItsCpusetFilled() throws IOException {
        CgroupHierarchy v1 = v1();
        v1.create("/kubepods/pod1/offerplane");
        assertThat(root.resolve("pids/kubepods/pod1/offerplane")).isDirectory();
        assertThat(root.resolve("unified/kubepods")).doesNotExist();
        assertThat(root.resolve("cpuset/kubepods/pod1/offerplane/cpuset.cpus")).hasContent("0-1");
        assertThat(root.resolve("cpuset/kubepods/cpuset.mems")).hasContent("0");
        assertThat(v1.exists("/kubepods/pod1/offerplane")).isTrue();
        assertThat(v1.children("/kubepods/pod1")).containsExactly("offerplane");
    }

    @Test
    void aGroupOfVersion2GetsItsControllersFromAbove() throws IOException {
        CgroupHierarchy v2 = v2();
        Path pod = Files.createDirectories(root.resolve("kubepods/pod1"));
        Files.writeString(pod.resolve("cgroup.controllers"), "cpu memory pids\n");
        Files.writeString(pod.resolve("cgroup.subtree_control"), "");
        v2.create("/kubepods/pod1/offerplane");
        assertThat(pod.resolve("offerplane")).isDirectory();
        assertThat(pod.resolve("cgroup.subtree_control")).content().startsWith("+");
    }

    @Test
    void aGroupIsHeldToLimitsInEachVersionsUnits() throws IOException {
        String group = "/kubepods/pod1/executor";
        CgroupHierarchy v1 = v1();
        v1.create(group);
        v1.limit(group, 1126, OptionalLong.of(50_000), OptionalLong.empty(), 96 << 20);
        assertThat(root.resolve("cpu" + group + "/cpu.shares")).hasContent("1126");
        assertThat(root.resolve("cpu" + group + "/cpu.cfs_quota_us")).hasContent("50000");
        assertThat(root.resolve("memory" + group + "/memory.limit_in_bytes")).hasContent("-1");
        assertThat(root.resolve("memory" + group + "/memory.soft_limit_in_bytes"))
                .hasContent("100663296");

        CgroupHierarchy v2 = v2();
        v2.create(group);
        Files.writeString(root.resolve("kubepods/pod1/executor/cgroup.controllers"), "cpu memory\n");
        v2.limit(group, 1024, OptionalLong.empty(), OptionalLong.of(128 << 20), 96 << 20);
        Path folder = root.resolve("kubepods/pod1/executor");
        assertThat(folder.resolve("cpu.weight")).hasContent("39");
        assertThat(folder.resolve("cpu.max")).hasContent("max 100000");
        assertThat(folder.resolve("memory.max")).hasContent("134217728");
        assertThat(folder.resolve("memory.low")).hasContent("100663296");
        // The containers in it need them.
        assertThat(folder.resolve("cgroup.subtree_control")).exists();
    }

    @Test
    void usageOfVersion1IsReadInItsUnits() throws IOException {
        CgroupHierarchy v1 = v1();
        v1.create("/t");
        Files.writeString(root.resolve("cpu/t/cpu.shares"), "512\n");
        Files.writeString(root.resolve("cpu/t/cpu.cfs_quota_us"), "-1\n");
        Files.writeString(root.resolve("cpu/t/cpu.cfs_period_us"), "100000\n");
        Files.writeString(root.resolve("cpuacct/t/cpuacct.usage_user"), "2500000000\n");
        Files.writeString(root.resolve("cpuacct/t/cpuacct.usage_sys"), "500000000\n");
        Files.writeString(root.resolve("memory/t/memory.usage_in_bytes"), "1000\n");
        Files.writeString(root.resolve("memory/t/memory.max_usage_in_bytes"), "67108864\n");
        Files.writeString(root.resolve("memory/t/memory.limit_in_bytes"), "9223372036854771712\n");
        Files.writeString(
                root.resolve("memory/t/memory.stat"),
                "cache 1\nrss 2\ntotal_cache 3\ntotal_rss 4\ntotal_mapped_file 5\ntotal_swap 6\ntotal_unevictable 7\n");
        Files.writeString(root.resolve("memory/t/memory.soft_limit_in_bytes"), "33554432\n");
        Files.writeString(root.resolve("memory/t/memory.memsw.usage_in_bytes"), "1006\n");
        Files.writeString(root.resolve("memory/t/cgroup.procs"), "10\n11\n");
        Files.writeString(root.resolve("cpu/t/cpu.stat"), "nr_periods 9\nnr_throttled 8\nthrottled_time 7000000\n");
        Files.createDirectories(root.resolve("blkio/t"));
        Files.writeString(
                root.resolve("blkio/t/blkio.throttle.io_service_bytes_recursive"),
                "8:0 Read 4096\n8:0 Write 512\n8:0 Sync 4608\n8:0 Async 0\n8:0 Discard 1\n8:0 Total 4609\nTotal 4609\n");
        Files.writeString(
                root.resolve("blkio/t/blkio.throttle.io_serviced_recursive"),
                "8:0 Read 2\n8:0 Write 1\n8:0 Total 3\n8:16 Read 1\nTotal 4\n");
        Files.writeString(root.resolve("memory/t/memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        Files.writeString(root.resolve("pids/t/pids.current"), "5\n");
        Files.writeString(root.resolve("pids/t/pids.max"), "max\n");
        ContainerUsage usage = v1.usage("/t").orElseThrow();
        assertThat(usage.cpuUserNanos()).isEqualTo(2_500_000_000L);
        assertThat(usage.cpuShares()).isEqualTo(512);
        assertThat(usage.cpuQuotaMicros()).isEmpty();
        assertThat(usage.memoryPeakBytes()).isEqualTo(64L << 20);
        assertThat(usage.memoryLimitBytes()).isEmpty();
        assertThat(usage.memoryRssBytes()).isEqualTo(4);
        assertThat(usage.oomKills()).isEqualTo(2);
        assertThat(usage.pidsLimit()).isEmpty();
        assertThat(usage.memory())
                .isEqualTo(new ContainerUsage.Memory(
                        OptionalLong.of(32 << 20),
                        OptionalLong.of(5),
                        OptionalLong.of(7),
                        OptionalLong.of(6),
                        OptionalLong.of(1006)));
        assertThat(usage.processes()).isEqualTo(2);
        assertThat(usage.throttling()).contains(new ContainerUsage.Throttling(9, 8, 7_000_000));
        assertThat(usage.blockDevices())
                .containsExactly(
                        new ContainerUsage.BlockDevice(
                                8, 0, new ContainerUsage.Traffic(4096, 512, 1), new ContainerUsage.Traffic(2, 1, 0)),
                        new ContainerUsage.BlockDevice(
                                8, 16, ContainerUsage.Traffic.NONE, new ContainerUsage.Traffic(1, 0, 0)));
        assertThat(v1.usage("/absent")).isEmpty();
    }

    @Test
    void aGroupsLoadLeavesOutWhatTheKernelCouldDropAtOnce() throws IOException {
        CgroupHierarchy v1 = v1();
        v1.create("/t");
        assertThat(v1.load("/t")).isEmpty();
        Files.writeString(root.resolve("cpuacct/t/cpuacct.usage"), "3000000000\n");
        Files.writeString(root.resolve("memory/t/memory.usage_in_bytes"), "1000\n");
        Files.writeString(root.resolve("memory/t/memory.stat"), "inactive_file 1\ntotal_inactive_file 300\n");
        assertThat(v1.load("/t")).contains(new GroupLoad(3_000_000_000L, 700));

        CgroupHierarchy v2 = v2();
        Path group = Files.createDirectories(root.resolve("t"));
        Files.writeString(group.resolve("cpu.stat"), "usage_usec 3000\n");
        Files.writeString(group.resolve("memory.current"), "4096\n");
        Files.writeString(group.resolve("memory.stat"), "inactive_file 96\n");
        assertThat(v2.load("/t")).contains(new GroupLoad(3_000_000, 4000));
        assertThat(v2.load("/absent")).isEmpty();
    }

    @Test
    void usageOfVersion2IsReadInItsUnits() throws IOException {
        CgroupHierarchy v2 = v2();
        Path group = Files.createDirectories(root.resolve("t"));
        Files.writeString(group.resolve("cpu.stat"), """
                usage_usec 3000
                user_usec 2000
                system_usec 1000
                nr_periods 9
                nr_throttled 8
                throttled_usec 7000
                """);
        Files.writeString(group.resolve("cpu.weight"), "39\n");
        Files.writeString(group.resolve("cpu.max"), "150000 100000\n");
        Files.writeString(group.resolve("memory.current"), "4096\n");
        Files.writeString(group.resolve("memory.peak"), "8192\n");
        Files.writeString(group.resolve("memory.max"), "67108864\n");
        Files.writeString(group.resolve("memory.stat"), "anon 10\nfile 20\nfile_mapped 5\nunevictable 7\n");
        Files.writeString(group.resolve("memory.low"), "0\n");
        Files.writeString(group.resolve("memory.swap.current"), "6\n");
        Files.writeString(group.resolve("cgroup.procs"), "10\n");
        Files.createDirectories(group.resolve("below"));
        Files.writeString(group.resolve("below/cgroup.procs"), "11\n");
        Files.writeString(
                group.resolve("io.stat"),
                "8:0 rbytes=4096 wbytes=512 rios=2 wios=1 dbytes=1 dios=3\nodd line\n9:x a=b\n");
        Files.writeString(group.resolve("memory.events"), "low 0\noom 1\noom_kill 1\n");
        Files.writeString(group.resolve("cpu.pressure"), "some avg10=20.00 avg60=5.00 avg300=1.00 total=2000000\n");
        Files.writeString(group.resolve("pids.current"), "3\n");
        Files.writeString(group.resolve("pids.max"), "100\n");
        ContainerUsage usage = v2.usage("/t").orElseThrow();
        assertThat(usage.cpuUserNanos()).isEqualTo(2_000_000);
        assertThat(usage.pressure()).containsOnlyKeys(Pressure.Kind.CPU);
        assertThat(usage.pressure().get(Pressure.Kind.CPU).some().avg10()).isEqualTo(20);
        // 1024 shares are weight 39 in the OCI runtimes' mapping, which rounds.
        assertThat(usage.cpuShares()).isBetween(990L, 1030L);
        assertThat(usage.cpuQuotaMicros()).hasValue(150_000);
        assertThat(usage.memoryPeakBytes()).isEqualTo(8192);
        assertThat(usage.memoryLimitBytes()).hasValue(64L << 20);
        assertThat(usage.oomKills()).isEqualTo(1);
        assertThat(usage.pidsLimit()).hasValue(100);
        assertThat(usage.memory())
                .isEqualTo(new ContainerUsage.Memory(
                        OptionalLong.empty(),
                        OptionalLong.of(5),
                        OptionalLong.of(7),
                        OptionalLong.of(6),
                        OptionalLong.of(4102)));
        assertThat(usage.processes()).isEqualTo(2);
        assertThat(usage.throttling()).contains(new ContainerUsage.Throttling(9, 8, 7_000_000));
        assertThat(usage.blockDevices())
                .containsExactly(new ContainerUsage.BlockDevice(
                        8, 0, new ContainerUsage.Traffic(4096, 512, 1), new ContainerUsage.Traffic(2, 1, 3)));
    }

    /** OCI runtimes make the group there by themselves; where version 2 isn't mounted it is a folder with a file in it. */
    @Test
    void whatARuntimeLeftWhereVersion2WouldBeIsSeenAndRemovedToo() throws IOException {
        CgroupHierarchy v1 = v1();
        Path left = Files.createDirectories(root.resolve("unified/kubepods/pod1/offerplane/c1"));
        Files.writeString(left.resolve("cgroup.procs"), "4711");
        v1.create("/kubepods/pod1/offerplane/c2");
        assertThat(v1.children("/kubepods/pod1/offerplane")).containsExactlyInAnyOrder("c1", "c2");
        assertThat(v1.exists("/kubepods/pod1/offerplane/c1")).isFalse();
        v1.remove("/kubepods/pod1/offerplane/c1");
        assertThat(left).doesNotExist();
        assertThat(left.getParent()).isDirectory();
    }

    @Test
    void aMoveIsRehearsedWithoutMovingAnything() throws IOException {
        CgroupHierarchy v1 = v1();
        v1.create("/kubepods/pod1/offerplane-supervisors");
        v1.rehearseMove("/kubepods/pod1/offerplane-supervisors", 4711);
        assertThat(root.resolve("cpu/kubepods/pod1/offerplane-supervisors/cgroup.procs"))
                .hasContent("4711");
        // The kernel waits once for all hierarchies.
        assertThat(root.resolve("memory/kubepods/pod1/offerplane-supervisors/cgroup.procs"))
                .doesNotExist();
    }

    @Test
    void removingTakesTheGroupsBelowFirstAndAbsentIsFine() throws IOException {
        CgroupHierarchy v1 = v1();
        v1.create("/a/b/c");
        // A folder of the kernel's removes with its files in it; this one only without.
        try (var files = Files.walk(root.resolve("cpuset/a"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        v1.remove("/a");
        assertThat(v1.exists("/a")).isFalse();
        v1.remove("/a");
    }
}
