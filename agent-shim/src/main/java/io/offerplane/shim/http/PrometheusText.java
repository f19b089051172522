package io.offerplane.shim.http;

import io.offerplane.shim.Agent;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.http.Containers.Container;
import io.offerplane.shim.supervise.WarmStarts;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Our own metrics in Prometheus' text form. */
final class PrometheusText {

    private static final double NANOS = 1e9;

    private final Agent agent;
    private final Containers containers;

    PrometheusText(Agent agent, Containers containers) {
        this.agent = agent;
        this.containers = containers;
    }

    /** What one framework's containers take together. */
    private record Sums(double containers, double memoryBytes, double cpuSeconds) {
        Sums plus(ContainerUsage usage) {
            return new Sums(
                    containers + 1,
                    memoryBytes + usage.memoryBytes(),
                    cpuSeconds + (usage.cpuUserNanos() + usage.cpuSystemNanos()) / NANOS);
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
                    new Sums(0, 0, 0).plus(container.usage()),
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
        return text.toString().getBytes(StandardCharsets.UTF_8);
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
