package io.offerplane.shim.http;

import io.offerplane.shim.Agent;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.cgroup.Pressure;
import io.offerplane.shim.http.Containers.Container;
import io.offerplane.shim.supervise.WarmStarts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Our own metrics in Prometheus' text form. */
final class PrometheusText {

    private static final double NANOS = 1e9;

    private final Agent agent;
    private final Containers containers;
    private final Path proc;

    /** @param proc the kernel's files */
    PrometheusText(Agent agent, Containers containers, Path proc) {
        this.agent = agent;
        this.containers = containers;
        this.proc = proc;
    }

    /** What one framework's containers take together. */
    private record Sums(
            double containers,
            double memoryBytes,
            double cpuSeconds,
            double throttledSeconds,
            double pids,
            double readBytes,
            double writtenBytes,
            double outOfMemoryKills) {
        private static final Sums NOTHING = new Sums(0, 0, 0, 0, 0, 0, 0, 0);

        Sums plus(ContainerUsage usage) {
            return new Sums(
                    containers + 1,
                    memoryBytes + usage.memoryBytes(),
                    cpuSeconds + (usage.cpuUserNanos() + usage.cpuSystemNanos()) / NANOS,
                    throttledSeconds
                            + usage.throttling()
                                            .map(ContainerUsage.Throttling::throttledNanos)
                                            .orElse(0L)
                                    / NANOS,
                    pids + usage.pids(),
                    readBytes
                            + usage.blockDevices().stream()
                                    .mapToLong(device -> device.bytes().read())
                                    .sum(),
                    writtenBytes
                            + usage.blockDevices().stream()
                                    .mapToLong(device -> device.bytes().written())
                                    .sum(),
                    outOfMemoryKills + usage.oomKills());
        }
    }

    byte[] page() {
        StringBuilder text = new StringBuilder(2048);
        gauge(text, "registered", "1 while a leader has taken this node in.", agent.isRegistered() ? 1 : 0);
        gauge(
                text,
                "containers",
                "Containers that run or are being started.",
                agent.tasks().running());
        gauge(text, "resident_bytes", "Resident memory of the shim.", (double) Agent.residentBytes());
        WarmStarts starts = agent.warmStarts();
        gauge(text, "parked_containers", "Containers made ahead that wait for a task.", starts.parked());
        header(text, "container_starts_total", "Containers started, from one made ahead or not.", "counter");
        sample(text, "container_starts_total{from=\"slot\"}", (double) starts.warm());
        sample(text, "container_starts_total{from=\"nothing\"}", (double) starts.cold());
        Map<String, Sums> perFramework = new TreeMap<>();
        for (Container container : containers.all()) {
            perFramework.merge(
                    container.executor().frameworkId(),
                    Sums.NOTHING.plus(container.usage()),
                    (before, one) -> before.plus(container.usage()));
        }
        byFramework(text, "framework_containers", "Containers by framework.", perFramework, Sums::containers);
        byFramework(text, "framework_memory_bytes", "Memory in use by framework.", perFramework, Sums::memoryBytes);
        byFramework(
                text,
                "framework_cpu_seconds",
                "CPU time of the framework's present containers.",
                perFramework,
                Sums::cpuSeconds);
        byFramework(
                text,
                "framework_cpu_throttled_seconds",
                "Time that threads of the framework's present containers waited for their quota.",
                perFramework,
                Sums::throttledSeconds);
        byFramework(text, "framework_pids", "Processes and threads by framework.", perFramework, Sums::pids);
        byFramework(
                text,
                "framework_disk_read_bytes",
                "Read from disks by the framework's present containers.",
                perFramework,
                Sums::readBytes);
        byFramework(
                text,
                "framework_disk_written_bytes",
                "Written to disks by the framework's present containers.",
                perFramework,
                Sums::writtenBytes);
        byFramework(
                text,
                "framework_oom_kills",
                "Processes of the framework's present containers that were killed for the lack of memory.",
                perFramework,
                Sums::outOfMemoryKills);
        pressure(text);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Of the whole node; nothing where the kernel doesn't measure it. */
    private void pressure(StringBuilder text) {
        Map<Pressure.Kind, Pressure> node = Pressure.ofNode(proc);
        if (node.isEmpty()) {
            return;
        }
        header(text, "pressure_percent", "Part of the last 10 s in which processes of the node had to wait.", "gauge");
        for (Pressure.Kind kind : Pressure.Kind.values()) {
            Pressure one = node.get(kind);
            if (one != null) {
                stalled(text, kind, "some", one.some());
                one.full().ifPresent(all -> stalled(text, kind, "full", all));
            }
        }
    }

    private static void stalled(StringBuilder text, Pressure.Kind kind, String who, Pressure.Stalls stalls) {
        text.append("offerplane_shim_pressure_percent{resource=\"")
                .append(kind.word())
                .append("\",stalled=\"")
                .append(who)
                .append("\"} ")
                .append(stalls.avg10())
                .append('\n');
    }

    private static void byFramework(
            StringBuilder text, String name, String help, Map<String, Sums> sums, ToDoubleFunction<Sums> value) {
        header(text, name, help, "gauge");
        for (var framework : sums.entrySet()) {
            text.append("offerplane_shim_")
                    .append(name)
                    .append("{framework_id=\"")
                    .append(framework
                            .getKey()
                            .replace("\\", "\\\\")
                            .replace("\"", "\\\"")
                            .replace("\n", "\\n"))
                    .append("\"} ")
                    .append(value.applyAsDouble(framework.getValue()))
                    .append('\n');
        }
    }

    private static void gauge(StringBuilder text, String name, String help, double value) {
        header(text, name, help, "gauge");
        sample(text, name, value);
    }

    private static void sample(StringBuilder text, String name, double value) {
        text.append("offerplane_shim_").append(name).append(' ').append(value).append('\n');
    }

    private static void header(StringBuilder text, String name, String help, String type) {
        text.append("# HELP offerplane_shim_")
                .append(name)
                .append(' ')
                .append(help)
                .append('\n');
        text.append("# TYPE offerplane_shim_")
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
    }
}
