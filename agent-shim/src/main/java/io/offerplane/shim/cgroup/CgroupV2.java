package io.offerplane.shim.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Version 2: one hierarchy, where a controller reaches a group only when the group above hands it on. */
public final class CgroupV2 implements CgroupHierarchy {

    private static final Logger log = LoggerFactory.getLogger(CgroupV2.class);
    private static final List<String> HANDED_ON = List.of("cpu", "memory", "pids", "cpuset", "io");

    private final Path root;

    CgroupV2(Path root) {
        this.root = root;
    }

    @Override
    public String version() {
        return "v2";
    }

    @Override
    public Optional<String> podGroup(String podUid) throws IOException {
        return CgroupHierarchy.findPod(root, podUid);
    }

    @Override
    public void create(String group) throws IOException {
        Files.createDirectories(at(group));
        // Controllers are handed on from the top down. Groups that hold processes refuse (no internal processes); those
        // were
        // set up by the kubelet, so a refusal only matters at the last step, where there are none.
        Path folder = root;
        Path relative = root.relativize(at(group));
        for (int i = 0; i < relative.getNameCount() - 1; i++) {
            folder = folder.resolve(relative.getName(i));
            handOn(folder);
        }
    }

    private static void handOn(Path folder) throws IOException {
        Path available = folder.resolve("cgroup.controllers");
        Path handed = folder.resolve("cgroup.subtree_control");
        if (!Files.exists(available)) {
            return;
        }
        List<String> already =
                Files.exists(handed) ? List.of(Files.readString(handed).strip().split(" ")) : List.of();
        for (String controller : Files.readString(available).strip().split(" ")) {
            if (HANDED_ON.contains(controller) && !already.contains(controller)) {
                try {
                    Files.writeString(handed, "+" + controller);
                } catch (IOException busy) {
                    log.debug(
                            "{} is not handed on below {}, which is the kubelet's to set up", controller, folder, busy);
                }
            }
        }
    }

    @Override
    public void join(String group, long pid) throws IOException {
        Files.writeString(at(group).resolve("cgroup.procs"), Long.toString(pid));
    }

    @Override
    public void rehearseMove(String group, long pid) throws IOException {
        join(group, pid);
    }

    @Override
    public List<Long> processes(String group) throws IOException {
        List<Long> pids = new ArrayList<>();
        CgroupHierarchy.processes(at(group), pids);
        return pids;
    }

    @Override
    public boolean exists(String group) {
        return Files.isDirectory(at(group));
    }

    @Override
    public void remove(String group) throws IOException {
        CgroupHierarchy.removeTree(at(group));
    }

    @Override
    public void limit(
            String group,
            long cpuShares,
            OptionalLong cpuQuotaMicros,
            OptionalLong memoryBytes,
            long memoryReservationBytes)
            throws IOException {
        Path folder = at(group);
        Files.writeString(folder.resolve("cpu.weight"), Long.toString(weightOf(cpuShares)));
        Files.writeString(folder.resolve("cpu.max"), text(cpuQuotaMicros) + " 100000");
        Files.writeString(folder.resolve("memory.max"), text(memoryBytes));
        Files.writeString(folder.resolve("memory.low"), Long.toString(memoryReservationBytes));
        handOn(folder);
    }

    private static String text(OptionalLong limit) {
        return limit.isPresent() ? Long.toString(limit.getAsLong()) : "max";
    }

    /** The OCI runtimes' mapping of shares 2..262144 to weights 1..10000. */
    private static long weightOf(long shares) {
        return 1 + (Math.clamp(shares, 2L, 262144L) - 2) * 9999 / 262142;
    }

    @Override
    public Optional<ContainerUsage> usage(String group) {
        Path folder = at(group);
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Map<String, Long> cpuStat = CgroupHierarchy.table(folder.resolve("cpu.stat"));
        Map<String, Long> memoryStat = CgroupHierarchy.table(folder.resolve("memory.stat"));
        String[] max =
                read(folder.resolve("cpu.max")).orElse("max 100000").strip().split(" ");
        OptionalLong quota = max[0].equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(max[0]));
        long memory = CgroupHierarchy.number(folder.resolve("memory.current")).orElse(0);
        return Optional.of(new ContainerUsage(
                micros(cpuStat, "user_usec"),
                micros(cpuStat, "system_usec"),
                sharesOf(CgroupHierarchy.number(folder.resolve("cpu.weight")).orElse(0)),
                quota,
                max.length > 1 ? Long.parseLong(max[1]) : 100_000,
                throttling(cpuStat),
                memory,
                // memory.peak came with Linux 5.19.
                CgroupHierarchy.number(folder.resolve("memory.peak")).orElse(memory),
                CgroupHierarchy.number(folder.resolve("memory.max")),
                memoryStat.getOrDefault("anon", 0L),
                memoryStat.getOrDefault("file", 0L),
                memoryDetails(folder, memoryStat, memory),
                CgroupHierarchy.keyed(folder.resolve("memory.events"), "oom_kill")
                        .orElse(0),
                CgroupHierarchy.countProcesses(folder),
                CgroupHierarchy.number(folder.resolve("pids.current")).orElse(0),
                CgroupHierarchy.number(folder.resolve("pids.max")),
                BlockTraffic.ofVersion2(CgroupHierarchy.text(folder.resolve("io.stat"))),
                Pressure.ofGroup(folder)));
    }

    @Override
    public Optional<GroupLoad> load(String group) {
        Path folder = at(group);
        OptionalLong micros = CgroupHierarchy.keyed(folder.resolve("cpu.stat"), "usage_usec");
        OptionalLong inUse = CgroupHierarchy.number(folder.resolve("memory.current"));
        if (micros.isEmpty() || inUse.isEmpty()) {
            return Optional.empty();
        }
        long inactive = CgroupHierarchy.keyed(folder.resolve("memory.stat"), "inactive_file")
                .orElse(0);
        return Optional.of(new GroupLoad(micros.getAsLong() * 1000, Math.max(0, inUse.getAsLong() - inactive)));
    }

    private static long micros(Map<String, Long> stat, String key) {
        return stat.getOrDefault(key, 0L) * 1000;
    }

    /** The kernel counts periods only where the cpu controller reaches the group. */
    private static Optional<ContainerUsage.Throttling> throttling(Map<String, Long> stat) {
        return stat.containsKey("nr_periods")
                ? Optional.of(new ContainerUsage.Throttling(
                        stat.getOrDefault("nr_periods", 0L),
                        stat.getOrDefault("nr_throttled", 0L),
                        micros(stat, "throttled_usec")))
                : Optional.empty();
    }

    private static ContainerUsage.Memory memoryDetails(Path folder, Map<String, Long> stat, long inUse) {
        OptionalLong kept = CgroupHierarchy.number(folder.resolve("memory.low"));
        OptionalLong swap = CgroupHierarchy.number(folder.resolve("memory.swap.current"));
        return new ContainerUsage.Memory(
                // 0 keeps nothing.
                kept.orElse(0) > 0 ? kept : OptionalLong.empty(),
                CgroupHierarchy.in(stat, "file_mapped"),
                CgroupHierarchy.in(stat, "unevictable"),
                swap,
                swap.isPresent() ? OptionalLong.of(inUse + swap.getAsLong()) : OptionalLong.empty());
    }

    /** The OCI runtimes' mapping of shares 2..262144 to weights 1..10000, backwards. */
    private static long sharesOf(long weight) {
        return weight <= 0 ? 0 : 2 + ((weight - 1) * 262142) / 9999;
    }

    @Override
    public List<String> children(String group) throws IOException {
        Path folder = at(group);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .map(p -> p.getFileName().toString())
                    .toList();
        }
    }

    @Override
    public Path oomCounter(String group) {
        return at(group).resolve("memory.events");
    }

    @Override
    public Optional<String> memoryStatistics(String group) {
        return read(at(group).resolve("memory.stat"));
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private Path at(String group) {
        return root.resolve(group.substring(1));
    }
}
