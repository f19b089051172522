package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import io.offerplane.shim.Agent;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.task.HeldTasks;
import io.offerplane.shim.task.TaskStatuses;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.Attribute;
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

    /** Shown even when there is none of them. */
    private static final List<String> USUAL = List.of("cpus", "gpus", "mem", "disk");

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
            List<Resource> total = total(claim);
            resources(json, "resources", total);
            emptyObject(json, "reserved_resources");
            resources(json, "unreserved_resources", total);
            emptyObject(json, "reserved_resources_full");
            json.writeArrayFieldStart("unreserved_resources_full");
            for (Resource resource : total) {
                MesosJsonWriter.write(inEndpointFormat(resource), json);
            }
            json.writeEndArray();
            emptyObject(json, "reserved_resources_allocated");
            resources(
                    json,
                    "unreserved_resources_allocated",
                    live.stream()
                            .flatMap(v -> v.task().getResourcesList().stream())
                            .toList());
            json.writeArrayFieldStart("resource_providers");
            json.writeEndArray();
            attributes(json, claim);
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

    private static void emptyObject(JsonGenerator json, String field) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeEndObject();
    }

    /** What the leader offers of this node; of a leader that doesn't say so, what the claim alone tells. */
    private static List<Resource> total(Claim claim) throws IOException {
        if (claim.getResourcesCount() == 0) {
            return List.of(
                    scalar("cpus", claim.getCpuMilli() / 1000.0),
                    scalar("mem", claim.getMemoryBytes() / (double) (1 << 20)));
        }
        List<Resource> resources = new ArrayList<>();
        for (ByteString resource : claim.getResourcesList()) {
            resources.add(Resource.parseFrom(resource));
        }
        return resources;
    }

    /** Mesos' endpoints name the role of unreserved resources, though no message needs to any more. */
    @SuppressWarnings("deprecation")
    private static Resource inEndpointFormat(Resource resource) {
        return resource.toBuilder().setRole("*").build();
    }

    private static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    /** Name and value; Mesos shows the last of several attributes of one name. */
    private static void attributes(JsonGenerator json, Claim claim) throws IOException {
        Map<String, Attribute> byName = new TreeMap<>();
        for (ByteString bytes : claim.getAttributesList()) {
            Attribute attribute = Attribute.parseFrom(bytes);
            byName.put(attribute.getName(), attribute);
        }
        json.writeObjectFieldStart("attributes");
        for (Attribute attribute : byName.values()) {
            switch (attribute.getType()) {
                case SCALAR ->
                    json.writeNumberField(
                            attribute.getName(), attribute.getScalar().getValue());
                case TEXT ->
                    json.writeStringField(
                            attribute.getName(), attribute.getText().getValue());
                case RANGES ->
                    json.writeStringField(
                            attribute.getName(), text(attribute.getRanges().getRangeList()));
                case SET ->
                    json.writeStringField(
                            attribute.getName(),
                            "{" + String.join(", ", attribute.getSet().getItemList()) + "}");
            }
        }
        json.writeEndObject();
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
        // Tasks of one custom executor share its container.
        Map<String, List<HeldTasks.View>> byContainer = new LinkedHashMap<>();
        for (HeldTasks.View view : views) {
            if (view.key().frameworkId().equals(frameworkId)) {
                byContainer
                        .computeIfAbsent(view.containerId(), id -> new ArrayList<>())
                        .add(view);
            }
        }
        json.writeArrayFieldStart(field);
        for (List<HeldTasks.View> tasks : byContainer.values()) {
            executor(json, tasks, live);
        }
        json.writeEndArray();
    }

    /** A command task's executor has the task's id. */
    private static void executor(JsonGenerator json, List<HeldTasks.View> tasks, boolean live) throws IOException {
        HeldTasks.View first = tasks.getFirst();
        boolean custom = first.task().hasExecutor();
        List<Resource> held = new ArrayList<>(first.task().getExecutor().getResourcesList());
        tasks.forEach(view -> held.addAll(view.task().getResourcesList()));
        json.writeStartObject();
        json.writeStringField("id", first.executorId());
        json.writeStringField("name", executorName(first.task()));
        json.writeStringField("source", first.executorId());
        json.writeStringField("container", first.containerId());
        json.writeStringField("directory", first.directory());
        resources(json, "resources", held);
        json.writeStringField("role", first.role());
        json.writeStringField("type", custom ? "CUSTOM" : "DEFAULT");
        json.writeArrayFieldStart("tasks");
        for (HeldTasks.View view : live ? tasks : List.<HeldTasks.View>of()) {
            task(json, view);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("queued_tasks");
        json.writeEndArray();
        json.writeArrayFieldStart("completed_tasks");
        for (HeldTasks.View view : live ? List.<HeldTasks.View>of() : tasks) {
            task(json, view);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static String executorName(TaskInfo task) {
        if (task.hasExecutor()) {
            return task.getExecutor().getName();
        }
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
        json.writeStringField("executor_id", view.task().hasExecutor() ? view.executorId() : "");
        json.writeStringField("slave_id", view.task().getAgentId().getValue());
        json.writeStringField("state", view.state().name());
        resources(json, "resources", view.task().getResourcesList());
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

    /** Amounts by name: numbers of scalars, of which the usual four are never left out, and texts of ranges and sets. */
    private static void resources(JsonGenerator json, String field, List<Resource> resources) throws IOException {
        Map<String, Double> scalars = new LinkedHashMap<>();
        USUAL.forEach(name -> scalars.put(name, 0.0));
        Map<String, List<Value.Range>> ranges = new TreeMap<>();
        Map<String, Set<String>> sets = new TreeMap<>();
        for (Resource resource : resources) {
            String name = resource.getName();
            switch (resource.getType()) {
                case SCALAR -> scalars.merge(name, resource.getScalar().getValue(), Double::sum);
                case RANGES ->
                    ranges.computeIfAbsent(name, n -> new ArrayList<>())
                            .addAll(resource.getRanges().getRangeList());
                case SET ->
                    sets.computeIfAbsent(name, n -> new TreeSet<>())
                            .addAll(resource.getSet().getItemList());
                case TEXT -> {}
            }
        }
        json.writeObjectFieldStart(field);
        for (var scalar : scalars.entrySet()) {
            // Mesos counts in thousandths; sums of doubles don't.
            json.writeNumberField(scalar.getKey(), Math.round(scalar.getValue() * 1000) / 1000.0);
        }
        for (var range : ranges.entrySet()) {
            json.writeStringField(range.getKey(), text(range.getValue()));
        }
        for (var set : sets.entrySet()) {
            json.writeStringField(set.getKey(), "{" + String.join(", ", set.getValue()) + "}");
        }
        json.writeEndObject();
    }

    /** Sorted and joined, so that a thousand tasks of one port each read as few ranges. */
    private static String text(List<Value.Range> ranges) {
        List<Value.Range> joined = new ArrayList<>();
        for (Value.Range next : ranges.stream()
                .sorted(Comparator.comparingLong(Value.Range::getBegin))
                .toList()) {
            Value.Range last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && next.getBegin() <= last.getEnd() + 1) {
                joined.set(
                        joined.size() - 1,
                        last.toBuilder()
                                .setEnd(Math.max(last.getEnd(), next.getEnd()))
                                .build());
            } else {
                joined.add(next);
            }
        }
        return joined.stream().map(r -> r.getBegin() + "-" + r.getEnd()).collect(Collectors.joining(", ", "[", "]"));
    }

    byte[] statistics() throws IOException {
        return json(json -> {
            json.writeStartArray();
            for (HeldTasks.View view : ofEachContainer()) {
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
            for (HeldTasks.View view : ofEachContainer()) {
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

    /** One task of each container: those of a custom executor share one. */
    private List<HeldTasks.View> ofEachContainer() {
        Map<String, HeldTasks.View> first = new LinkedHashMap<>();
        agent.tasks().views().stream()
                .filter(view -> !TaskStatuses.isTerminal(view.state()))
                .forEach(view -> first.putIfAbsent(view.containerId(), view));
        return List.copyOf(first.values());
    }

    private static void ids(JsonGenerator json, HeldTasks.View view) throws IOException {
        json.writeStringField("framework_id", view.key().frameworkId());
        json.writeStringField("executor_id", view.executorId());
        json.writeStringField("executor_name", executorName(view.task()));
        json.writeStringField("source", view.executorId());
    }

    private static final double CPU_SHARES_PER_CORE = 1024;

    private static void statistics(JsonGenerator json, HeldTasks.View view, ContainerUsage usage) throws IOException {
        double cpus = view.task().hasExecutor()
                ? usage.cpuShares() / CPU_SHARES_PER_CORE
                : view.task().getResourcesList().stream()
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
