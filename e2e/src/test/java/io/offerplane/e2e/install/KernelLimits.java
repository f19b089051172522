package io.offerplane.e2e.install;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a node's kernel holds one container to, read from its cgroup's files of version 1 or 2.
 *
 * @param cgroup the cgroup's path, with the claim pod in it
 * @param memoryBytes the hard limit; empty for none
 * @param cpuShares the weight in version 1's measure, 1024 for one core; of version 2's weight, what it was made from
 * @param cpuQuota cores at most; empty for no such limit
 * @param processes ids of all processes in it, in the node's own numbering
 */
public record KernelLimits(
        String cgroup, OptionalLong memoryBytes, long cpuShares, OptionalDouble cpuQuota, List<Long> processes) {
    /** More than any machine has: version 1 writes "no limit" so. */
    private static final long NO_LIMIT = 1L << 60;

    /** A shell line that prints the files of the container's cgroups as {@code name=value}, in both versions. */
    static String script(String containerId) {
        if (!containerId.matches("[A-Za-z0-9._-]+")) {
            throw new IllegalArgumentException("not a container id: " + containerId);
        }
        return """
                set -- $(find /sys/fs/cgroup -type d -name '%s' 2>/dev/null)
                [ $# -gt 0 ] || { echo "no cgroup is named %s" >&2; exit 1; }
                for d; do
                  echo "cgroup=$d"
                  for f in memory.limit_in_bytes memory.max cpu.shares cpu.weight cpu.cfs_quota_us cpu.cfs_period_us cpu.max; do
                    [ ! -f "$d/$f" ] || echo "$f=$(cat "$d/$f")"
                  done
                  for p in $(find "$d" -name cgroup.procs -exec grep -h . {} + 2>/dev/null); do echo "process=$p"; done
                done
                """.formatted(containerId, containerId);
    }

    static KernelLimits parse(String text) {
        Map<String, String> files = new LinkedHashMap<>();
        List<Long> processes = text.lines()
                .filter(line -> line.startsWith("process="))
                .map(line -> Long.valueOf(line.substring("process=".length())))
                .distinct()
                .sorted()
                .toList();
        text.lines().filter(line -> !line.startsWith("process=")).forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                files.putIfAbsent(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        return new KernelLimits(
                files.getOrDefault("cgroup", ""), memory(files), shares(files), quota(files), processes);
    }

    private static OptionalLong memory(Map<String, String> files) {
        return Stream.of("memory.max", "memory.limit_in_bytes")
                .filter(files::containsKey)
                .map(files::get)
                .filter(value -> !value.equals("max"))
                .mapToLong(Long::parseLong)
                .filter(bytes -> bytes < NO_LIMIT)
                .findFirst();
    }

    private static long shares(Map<String, String> files) {
        if (files.containsKey("cpu.shares")) {
            return Long.parseLong(files.get("cpu.shares"));
        }
        String weight = files.get("cpu.weight");
        if (weight == null) {
            throw new AssertionError("neither cpu.shares nor cpu.weight among " + files.keySet());
        }
        // The usual mapping of shares 2..262144 onto weights 1..10000, turned round.
        return Math.round((Long.parseLong(weight) - 1) * 262142.0 / 9999.0) + 2;
    }

    private static OptionalDouble quota(Map<String, String> files) {
        String max = files.get("cpu.max");
        if (max != null && !max.startsWith("max")) {
            String[] words = max.split(" ", -1);
            return OptionalDouble.of(Double.parseDouble(words[0]) / Double.parseDouble(words[1]));
        }
        String quota = files.get("cpu.cfs_quota_us");
        if (quota != null && !quota.startsWith("-")) {
            return OptionalDouble.of(
                    Double.parseDouble(quota) / Double.parseDouble(files.getOrDefault("cpu.cfs_period_us", "100000")));
        }
        return OptionalDouble.empty();
    }
}
