package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.shim.Agent;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.task.HeldTasks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.Value;

/** Mesos' agent JSON and our own metrics, from what is held at the moment of asking. Source of the shapes: Mesos 1.11's agent. */
final class AgentState {

    private static final JsonFactory JSON = new JsonFactory();

    /** The Mesos release whose endpoints these are; clients split it at its dots. */
    private static final String MESOS_VERSION = "1.11.0";

    private static final int COMMAND_SHOWN = 12;
    private static final double NANOS = 1e9;

    private final Agent agent;

    AgentState(Agent agent) {
        this.agent = agent;
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] json(Content content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            content.write(json);
        }
        return out.toByteArray();
    }

    private static void build(JsonGenerator json) throws IOException {
        json.writeStringField("version", MESOS_VERSION);
        json.writeStringField("build_date", "");
        json.writeNumberField("build_time", 0.0);
        json.writeStringField("build_user", "offerplane");
    }

    byte[] version() throws IOException {
        return json(json -> {
            json.writeStartObject();
            build(json);
            json.writeEndObject();
        });
    }

    byte[] flags() throws IOException {
        return json(json -> {
            json.writeStartObject();
            flags(json);
            json.writeEndObject();
        });
    }

    private void flags(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("flags");
        json.writeStringField("work_dir", agent.config().workDir().toString());
        json.writeStringField("hostname", agent.config().hostname());
        json.writeStringField("port", Integer.toString(agent.config().httpPort()));
        json.writeStringField(
                "cgroups_enable_cfs", Boolean.toString(agent.config().hardCpu()));
        json.writeStringField(
                "isolation", "cgroups/cpu,cgroups/mem,cgroups/pids,filesystem/linux,namespaces/ipc,namespaces/pid");
        json.writeStringField("sandbox_directory", "/mnt/mesos/sandbox");
        json.writeEndObject();
    }

    byte[] state() throws IOException {
        List<HeldTasks.View> held = agent.tasks().views();
        List<HeldTasks.View> ended = new ArrayList<>(agent.tasks().history());
        held.stream().filter(AgentState::isTerminal).forEach(ended::add);
        List<HeldTasks.View> live = held.stream().filter(v -> !isTerminal(v)).toList();
        return json(json -> {
            json.writeStartObject();
            build(json);
            json.writeNumberField("start_time", agent.startedMillis() / 1000.0);
            json.writeStringField("id", agent.identity().agentId());
            json.writeStringField(
                    "pid",
                    "slave(1)@" + agent.config().nodeIp() + ":" + agent.config().httpPort());
            json.writeStringField("hostname", agent.config().hostname());
            json.writeArrayFieldStart("capabilities");
            for (String capability : List.of("MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT")) {
                json.writeString(capability);
            }
            json.writeEndArray();
            Claim claim = agent.claim();
            Map<String, Double> total = new TreeMap<>();
            total.put("cpus", claim.getCpuMilli() / 1000.0);
            total.put("mem", claim.getMemoryBytes() / (double) (1 << 20));
            resources(json, "resources", total, "");
            json.writeObjectFieldStart("reserved_resources");
            json.writeEndObject();
            resources(json, "unreserved_resources", total, "");
            json.writeObjectFieldStart("attributes");
            json.writeEndObject();
            flags(json);
            frameworks(json, "frameworks", live, ended);
            List<HeldTasks.View> gone = ended.stream()
                    .filter(v -> live.stream()
                            .noneMatch(l -> l.key().frameworkId().equals(v.key().frameworkId())))
                    .toList();
            frameworks(json, "completed_frameworks", List.of(), gone, gone);
            json.writeEndObject();
        });
    }

    private static boolean isTerminal(HeldTasks.View view) {
        return switch (view.state()) {
            case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING, TASK_UNREACHABLE, TASK_UNKNOWN -> false;
            default -> true;
        };
    }

    private static void frameworks(
            JsonGenerator json, String field, List<HeldTasks.View> live, List<HeldTasks.View> ended)
            throws IOException {
        frameworks(json, field, live, ended, live);
    }

    /** One object per framework of {@code which}. */
    private static void frameworks(
            JsonGenerator json,
            String field,
            List<HeldTasks.View> live,
            List<HeldTasks.View> ended,
            List<HeldTasks.View> which)
            throws IOException {
        Map<String, HeldTasks.View> frameworks = new LinkedHashMap<>();
        which.forEach(v -> frameworks.putIfAbsent(v.key().frameworkId(), v));
        json.writeArrayFieldStart(field);
        for (var entry : frameworks.entrySet()) {
            var info = entry.getValue().framework();
            json.writeStartObject();
            json.writeStringField("id", entry.getKey());
            json.writeStringField("name", info.getName());
            json.writeStringField("user", info.getUser());
            json.writeNumberField("failover_timeout", info.getFailoverTimeout());
            json.writeBooleanField("checkpoint", info.getCheckpoint());
            json.writeStringField("hostname", info.getHostname());
            if (info.hasPrincipal()) {
                json.writeStringField("principal", info.getPrincipal());
            }
            json.writeArrayFieldStart("roles");
            for (String role : info.getRolesList()) {
                json.writeString(role);
            }
            json.writeEndArray();
            executors(json, "executors", live, entry.getKey(), true);
            executors(json, "completed_executors", ended, entry.getKey(), false);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void executors(
            JsonGenerator json, String field, List<HeldTasks.View> views, String frameworkId, boolean live)
            throws IOException {
        json.writeArrayFieldStart(field);
        for (HeldTasks.View view : views) {
            if (view.key().frameworkId().equals(frameworkId)) {
                executor(json, view, live);
            }
        }
        json.writeEndArray();
    }

    /** A command task's executor has the task's id. */
    private static void executor(JsonGenerator json, HeldTasks.View view, boolean live) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", view.key().taskId());
        json.writeStringField("name", executorName(view.task()));
        json.writeStringField("source", view.key().taskId());
        json.writeStringField("container", view.containerId());
        json.writeStringField("directory", view.directory());
        resources(json, "resources", view.task());
        json.writeStringField("role", view.role());
        json.writeStringField("type", "DEFAULT");
        json.writeArrayFieldStart("tasks");
        if (live) {
            task(json, view);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("queued_tasks");
        json.writeEndArray();
        json.writeArrayFieldStart("completed_tasks");
        if (!live) {
            task(json, view);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static String executorName(TaskInfo task) {
        var command = task.getCommand();
        String shown;
        if (command.getShell()) {
            String value = command.getValue();
            String start = value.length() > COMMAND_SHOWN + 3 ? value.substring(0, COMMAND_SHOWN) + "..." : value;
            shown = "(Command: sh -c '" + start + "')";
        } else {
            shown = "(Command: [" + String.join(", ", command.getArgumentsList()) + "])";
        }
        return "Command Executor (Task: " + task.getTaskId().getValue() + ") " + shown;
    }

    private static void task(JsonGenerator json, HeldTasks.View view) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", view.key().taskId());
        json.writeStringField("name", view.task().getName());
        json.writeStringField("framework_id", view.key().frameworkId());
        json.writeStringField("executor_id", "");
        json.writeStringField("slave_id", view.task().getAgentId().getValue());
        json.writeStringField("state", view.state().name());
        resources(json, "resources", view.task());
        json.writeStringField("role", view.role());
        json.writeArrayFieldStart("statuses");
        json.writeEndArray();
        if (view.task().hasLabels()) {
            json.writeArrayFieldStart("labels");
            for (var label : view.task().getLabels().getLabelsList()) {
                json.writeStartObject();
                json.writeStringField("key", label.getKey());
                if (label.hasValue()) {
                    json.writeStringField("value", label.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void resources(JsonGenerator json, String field, TaskInfo task) throws IOException {
        Map<String, Double> scalars = new TreeMap<>();
        StringBuilder ports = new StringBuilder();
        for (Resource resource : task.getResourcesList()) {
            if (resource.getType() == Value.Type.SCALAR) {
                scalars.merge(resource.getName(), resource.getScalar().getValue(), Double::sum);
            } else if (resource.getType() == Value.Type.RANGES
                    && resource.getName().equals("ports")) {
                for (Value.Range range : resource.getRanges().getRangeList()) {
                    ports.append(ports.isEmpty() ? "" : ", ")
                            .append(range.getBegin())
                            .append('-')
                            .append(range.getEnd());
                }
            }
        }
        resources(json, field, scalars, ports.toString());
    }

    private static void resources(JsonGenerator json, String field, Map<String, Double> scalars, String ports)
            throws IOException {
        json.writeObjectFieldStart(field);
        for (String name : List.of("cpus", "gpus", "mem", "disk")) {
            json.writeNumberField(name, scalars.getOrDefault(name, 0.0));
        }
        for (var scalar : scalars.entrySet()) {
            if (!List.of("cpus", "gpus", "mem", "disk").contains(scalar.getKey())) {
                json.writeNumberField(scalar.getKey(), scalar.getValue());
            }
        }
        if (!ports.isEmpty()) {
            json.writeStringField("ports", "[" + ports + "]");
        }
        json.writeEndObject();
    }

    byte[] statistics() throws IOException {
        return json(json -> {
            json.writeStartArray();
            for (HeldTasks.View view : agent.tasks().views()) {
                Optional<ContainerUsage> usage = agent.tasks().usage(view.key());
                if (usage.isPresent()) {
                    json.writeStartObject();
                    ids(json, view);
                    statistics(json, view, usage.get());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
        });
    }

    byte[] containers() throws IOException {
        return json(json -> {
            json.writeStartArray();
            for (HeldTasks.View view : agent.tasks().views()) {
                Optional<ContainerUsage> usage = agent.tasks().usage(view.key());
                if (usage.isPresent()) {
                    json.writeStartObject();
                    ids(json, view);
                    json.writeStringField("container_id", view.containerId());
                    json.writeObjectFieldStart("status");
                    json.writeObjectFieldStart("container_id");
                    json.writeStringField("value", view.containerId());
                    json.writeEndObject();
                    json.writeEndObject();
                    statistics(json, view, usage.get());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
        });
    }

    private static void ids(JsonGenerator json, HeldTasks.View view) throws IOException {
        json.writeStringField("framework_id", view.key().frameworkId());
        json.writeStringField("executor_id", view.key().taskId());
        json.writeStringField("executor_name", executorName(view.task()));
        json.writeStringField("source", view.key().taskId());
    }

    private static void statistics(JsonGenerator json, HeldTasks.View view, ContainerUsage usage) throws IOException {
        double cpus = view.task().getResourcesList().stream()
                .filter(r -> r.getName().equals("cpus"))
                .mapToDouble(r -> r.getScalar().getValue())
                .sum();
        json.writeObjectFieldStart("statistics");
        json.writeNumberField("timestamp", System.currentTimeMillis() / 1000.0);
        json.writeNumberField("cpus_user_time_secs", usage.cpuUserNanos() / NANOS);
        json.writeNumberField("cpus_system_time_secs", usage.cpuSystemNanos() / NANOS);
        json.writeNumberField("cpus_limit", cpus);
        json.writeNumberField("mem_total_bytes", usage.memoryBytes());
        json.writeNumberField("mem_limit_bytes", usage.memoryLimitBytes().orElse(0));
        json.writeNumberField("mem_rss_bytes", usage.memoryRssBytes());
        json.writeNumberField("mem_anon_bytes", usage.memoryRssBytes());
        json.writeNumberField("mem_file_bytes", usage.memoryCacheBytes());
        json.writeNumberField("mem_cache_bytes", usage.memoryCacheBytes());
        json.writeNumberField("threads", usage.pids());
        json.writeEndObject();
    }

    byte[] snapshot() throws IOException {
        return json(json -> {
            json.writeStartObject();
            json.writeNumberField("slave/registered", agent.isRegistered() ? 1.0 : 0.0);
            json.writeNumberField("slave/uptime_secs", (System.currentTimeMillis() - agent.startedMillis()) / 1000.0);
            json.writeNumberField(
                    "slave/executors_running", (double) agent.tasks().running());
            for (TaskState state : List.of(
                    TaskState.TASK_STAGING, TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING)) {
                String name = state.name().substring("TASK_".length()).toLowerCase(java.util.Locale.ROOT);
                json.writeNumberField("slave/tasks_" + name, (double) agent.tasks().views().stream()
                        .filter(v -> v.state() == state)
                        .count());
            }
            json.writeEndObject();
        });
    }

    /** Prometheus' text form. */
    byte[] metrics() {
        StringBuilder text = new StringBuilder();
        gauge(
                text,
                "offerplane_shim_registered",
                "1 while a leader has taken this node in.",
                agent.isRegistered() ? 1 : 0);
        gauge(
                text,
                "offerplane_shim_containers",
                "Containers that run or are being started.",
                agent.tasks().running());
        gauge(text, "offerplane_shim_resident_bytes", "Resident memory of the shim.", (double) Agent.residentBytes());
        Map<String, long[]> perFramework = new TreeMap<>();
        for (HeldTasks.View view : agent.tasks().views()) {
            Optional<ContainerUsage> usage = agent.tasks().usage(view.key());
            if (usage.isPresent()) {
                long[] sums = perFramework.computeIfAbsent(view.key().frameworkId(), k -> new long[3]);
                sums[0]++;
                sums[1] += usage.get().memoryBytes();
                sums[2] += usage.get().cpuUserNanos() + usage.get().cpuSystemNanos();
            }
        }
        String[] names = {"framework_containers", "framework_memory_bytes", "framework_cpu_seconds"};
        String[] helps = {
            "Containers by framework.", "Memory in use by framework.", "CPU time of the framework's present containers."
        };
        for (int i = 0; i < names.length; i++) {
            header(text, "offerplane_shim_" + names[i], helps[i]);
            for (var framework : perFramework.entrySet()) {
                double value =
                        i == 2 ? framework.getValue()[i] / NANOS : framework.getValue()[i];
                text.append("offerplane_shim_")
                        .append(names[i])
                        .append("{framework_id=\"")
                        .append(framework
                                .getKey()
                                .replace("\\", "\\\\")
                                .replace("\"", "\\\"")
                                .replace("\n", "\\n"))
                        .append("\"} ")
                        .append(value)
                        .append('\n');
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void gauge(StringBuilder text, String name, String help, double value) {
        header(text, name, help);
        text.append(name).append(' ').append(value).append('\n');
    }

    private static void header(StringBuilder text, String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
    }
}
