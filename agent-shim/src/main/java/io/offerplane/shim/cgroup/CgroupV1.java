package io.offerplane.shim.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
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

/** Version 1: one hierarchy per controller, each a folder of the root, plus systemd's named one. */
public final class CgroupV1 implements CgroupHierarchy {

    private static final Logger log = LoggerFactory.getLogger(CgroupV1.class);

    /** Limits beyond this mean "none": the kernel rounds the largest number down to a page. */
    private static final long UNLIMITED = Long.MAX_VALUE / 2;

    private final Path root;
    private final List<Path> controllers;

    /** Where version 2 is, or would be, mounted beside version 1; no limits are kept there. */
    private final Path unified;

    CgroupV1(Path root) throws IOException {
        this.root = root;
        this.unified = root.resolve("unified");
        try (Stream<Path> entries = Files.list(root)) {
            // Links such as cpu,cpuacct lead to the same hierarchy: each counts once. "unified" is version 2's, in a
            // mixed set-up.
            this.controllers = entries.filter(p -> Files.isDirectory(p) && !Files.isSymbolicLink(p))
                    .filter(p -> !p.equals(unified))
                    .filter(p -> Files.exists(p.resolve("cgroup.procs")))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public String version() {
        return "v1";
    }

    @Override
    public Optional<String> podGroup(String podUid) throws IOException {
        return CgroupHierarchy.findPod(root.resolve("memory"), podUid);
    }

    @Override
    public void create(String group) throws IOException {
        for (Path controller : controllers) {
            Path folder = at(controller, group);
            Files.createDirectories(folder);
            if (controller.getFileName().toString().equals("cpuset")) {
                fillCpuset(controller, folder);
            }
        }
    }

    /** A cpuset accepts processes only when its cpus and mems are set: they are copied down from the nearest set parent. */
    private static void fillCpuset(Path controller, Path folder) throws IOException {
        for (String name : List.of("cpuset.cpus", "cpuset.mems")) {
            String value = Files.readString(controller.resolve(name)).strip();
            Path at = controller;
            for (Path step : controller.relativize(folder)) {
                at = at.resolve(step);
                Path file = at.resolve(name);
                String own = Files.exists(file) ? Files.readString(file).strip() : "";
                if (own.isEmpty()) {
                    Files.writeString(file, value);
                } else {
                    value = own;
                }
            }
        }
    }

    @Override
    public void join(String group, long pid) throws IOException {
        for (Path controller : controllers) {
            Files.writeString(at(controller, group).resolve("cgroup.procs"), Long.toString(pid));
        }
    }

    @Override
    public void rehearseMove(String group, long pid) throws IOException {
        // The wait is one for all hierarchies.
        Files.writeString(at(controllers.getFirst(), group).resolve("cgroup.procs"), Long.toString(pid));
    }

    @Override
    public List<Long> processes(String group) throws IOException {
        List<Long> pids = new ArrayList<>();
        for (Path controller : controllers) {
            CgroupHierarchy.processes(at(controller, group), pids);
        }
        return pids;
    }

    @Override
    public boolean exists(String group) {
        return controllers.stream().anyMatch(c -> Files.isDirectory(at(c, group)));
    }

    @Override
    public void remove(String group) throws IOException {
        IOException first = null;
        for (Path controller : controllers) {
            try {
                CgroupHierarchy.removeTree(at(controller, group));
            } catch (IOException busy) {
                if (first == null) {
                    first = busy;
                }
            }
        }
        if (first != null) {
            throw first;
        }
        removeUnified(at(unified, group));
    }

    /**
     * OCI runtimes follow the kernel's line about version 2 and make the group there too; where it isn't mounted that is a plain
     * folder with a plain file in it. Nothing depends on it, so what can't be removed is no fault of the container's.
     */
    private static void removeUnified(Path folder) {
        try {
            if (Files.isDirectory(folder) && !Files.getFileStore(folder).type().startsWith("cgroup")) {
                try (Stream<Path> tree = Files.walk(folder)) {
                    for (Path file : tree.filter(Files::isRegularFile).toList()) {
                        Files.delete(file);
                    }
                }
            }
            CgroupHierarchy.removeTree(folder);
        } catch (IOException | UncheckedIOException busy) {
            log.debug("{} stays", folder, busy);
        }
    }

    @Override
    public void limit(
            String group,
            long cpuShares,
            OptionalLong cpuQuotaMicros,
            OptionalLong memoryBytes,
            long memoryReservationBytes)
            throws IOException {
        Path cpu = at(root.resolve("cpu"), group);
        write(cpu.resolve("cpu.shares"), cpuShares);
        // The period is the kernel's default, 100 ms.
        write(cpu.resolve("cpu.cfs_quota_us"), cpuQuotaMicros.orElse(-1));
        Path memory = at(root.resolve("memory"), group);
        write(memory.resolve("memory.limit_in_bytes"), memoryBytes.orElse(-1));
        write(memory.resolve("memory.soft_limit_in_bytes"), memoryReservationBytes);
    }

    private static void write(Path file, long value) throws IOException {
        Files.writeString(file, Long.toString(value));
    }

    @Override
    public Optional<ContainerUsage> usage(String group) {
        Path memory = at(root.resolve("memory"), group);
        Path cpu = at(root.resolve("cpu"), group);
        Path cpuacct = at(root.resolve("cpuacct"), group);
        Path pids = at(root.resolve("pids"), group);
        Path blkio = at(root.resolve("blkio"), group);
        if (!Files.isDirectory(memory) && !Files.isDirectory(cpu)) {
            return Optional.empty();
        }
        Map<String, Long> memoryStat = CgroupHierarchy.table(memory.resolve("memory.stat"));
        OptionalLong quota = CgroupHierarchy.number(cpu.resolve("cpu.cfs_quota_us"));
        return Optional.of(new ContainerUsage(
                CgroupHierarchy.number(cpuacct.resolve("cpuacct.usage_user")).orElse(0),
                CgroupHierarchy.number(cpuacct.resolve("cpuacct.usage_sys")).orElse(0),
                CgroupHierarchy.number(cpu.resolve("cpu.shares")).orElse(0),
                quota.isPresent() && quota.getAsLong() >= 0 ? quota : OptionalLong.empty(),
                CgroupHierarchy.number(cpu.resolve("cpu.cfs_period_us")).orElse(100_000),
                throttling(CgroupHierarchy.table(cpu.resolve("cpu.stat"))),
                CgroupHierarchy.number(memory.resolve("memory.usage_in_bytes")).orElse(0),
                CgroupHierarchy.number(memory.resolve("memory.max_usage_in_bytes"))
                        .orElse(0),
                limit(memory.resolve("memory.limit_in_bytes")),
                memoryStat.getOrDefault("total_rss", 0L),
                memoryStat.getOrDefault("total_cache", 0L),
                new ContainerUsage.Memory(
                        limit(memory.resolve("memory.soft_limit_in_bytes")),
                        CgroupHierarchy.in(memoryStat, "total_mapped_file"),
                        CgroupHierarchy.in(memoryStat, "total_unevictable"),
                        CgroupHierarchy.in(memoryStat, "total_swap"),
                        CgroupHierarchy.number(memory.resolve("memory.memsw.usage_in_bytes"))),
                CgroupHierarchy.keyed(memory.resolve("memory.oom_control"), "oom_kill")
                        .orElse(0),
                CgroupHierarchy.countProcesses(memory),
                CgroupHierarchy.number(pids.resolve("pids.current")).orElse(0),
                CgroupHierarchy.number(pids.resolve("pids.max")),
                BlockTraffic.ofVersion1(
                        CgroupHierarchy.text(blkio.resolve("blkio.throttle.io_service_bytes_recursive")),
                        CgroupHierarchy.text(blkio.resolve("blkio.throttle.io_serviced_recursive"))),
                // Only version 2 has it.
                Map.of()));
    }

    @Override
    public Optional<GroupLoad> load(String group) {
        Path memory = at(root.resolve("memory"), group);
        OptionalLong cpu =
                CgroupHierarchy.number(at(root.resolve("cpuacct"), group).resolve("cpuacct.usage"));
        OptionalLong inUse = CgroupHierarchy.number(memory.resolve("memory.usage_in_bytes"));
        if (cpu.isEmpty() || inUse.isEmpty()) {
            return Optional.empty();
        }
        long inactive = CgroupHierarchy.keyed(memory.resolve("memory.stat"), "total_inactive_file")
                .orElse(0);
        return Optional.of(new GroupLoad(cpu.getAsLong(), Math.max(0, inUse.getAsLong() - inactive)));
    }

    private static OptionalLong limit(Path file) {
        OptionalLong limit = CgroupHierarchy.number(file);
        return limit.isPresent() && limit.getAsLong() < UNLIMITED ? limit : OptionalLong.empty();
    }

    private static Optional<ContainerUsage.Throttling> throttling(Map<String, Long> stat) {
        return stat.containsKey("nr_periods")
                ? Optional.of(new ContainerUsage.Throttling(
                        stat.getOrDefault("nr_periods", 0L),
                        stat.getOrDefault("nr_throttled", 0L),
                        stat.getOrDefault("throttled_time", 0L)))
                : Optional.empty();
    }

    @Override
    public List<String> children(String group) throws IOException {
        List<String> names = new ArrayList<>();
        List<Path> hierarchies = new ArrayList<>(controllers);
        hierarchies.add(unified);
        for (Path controller : hierarchies) {
            Path folder = at(controller, group);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> entries = Files.list(folder)) {
                    entries.filter(Files::isDirectory)
                            .map(p -> p.getFileName().toString())
                            .filter(n -> !names.contains(n))
                            .forEach(names::add);
                }
            }
        }
        return names;
    }

    @Override
    public Path oomCounter(String group) {
        return at(root.resolve("memory"), group).resolve("memory.oom_control");
    }

    @Override
    public Optional<String> memoryStatistics(String group) {
        return read(at(root.resolve("memory"), group).resolve("memory.stat"));
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static Path at(Path controller, String group) {
        return controller.resolve(group.substring(1));
    }
}
