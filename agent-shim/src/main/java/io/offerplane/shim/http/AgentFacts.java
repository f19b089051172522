package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.offerplane.shim.ShimConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos.VersionInfo;

/** What doesn't change while the shim runs: the release whose endpoints these are, and the settings under their Mesos names. */
final class AgentFacts {

    /** Clients split it at its dots. */
    static final String MESOS_VERSION = "1.11.0";

    private static final String BUILD_USER = "offerplane";

    /** What the node can do, by Mesos' names: as the leader tells of its agents. */
    static final List<String> CAPABILITIES = List.of(
            "MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT", "AGENT_DRAINING", "TASK_RESOURCE_LIMITS");

    private AgentFacts() {}

    static void build(JsonGenerator json) throws IOException {
        json.writeStringField("version", MESOS_VERSION);
        json.writeStringField("build_date", "");
        Json.number(json, "build_time", 0.0);
        json.writeStringField("build_user", BUILD_USER);
    }

    static VersionInfo version() {
        return VersionInfo.newBuilder()
                .setVersion(MESOS_VERSION)
                .setBuildDate("")
                .setBuildTime(0)
                .setBuildUser(BUILD_USER)
                .build();
    }

    /** By name, in order. Only such as Mesos' agent has, and no secret. */
    static Map<String, String> flags(ShimConfig config) {
        Map<String, String> flags = new TreeMap<>();
        flags.put("work_dir", config.workDir().toString());
        flags.put("hostname", config.hostname());
        flags.put("port", Integer.toString(config.httpPort()));
        flags.put("cgroups_enable_cfs", Boolean.toString(config.hardCpu()));
        flags.put(
                "isolation",
                "cgroups/cpu,cgroups/mem,cgroups/pids,docker/runtime,filesystem/linux,namespaces/ipc,namespaces/pid");
        flags.put("image_providers", "docker");
        flags.put("docker_registry", config.images().registry());
        flags.put("sandbox_directory", "/mnt/mesos/sandbox");
        flags.put("gc_delay", DurationText.of(config.keepSandboxes()));
        flags.put("gc_disk_headroom", "0.1");
        flags.put("disk_watch_interval", "1mins");
        flags.put(
                "executor_registration_timeout",
                DurationText.of(config.executorTimeouts().registration()));
        flags.put(
                "executor_reregistration_timeout",
                DurationText.of(config.executorTimeouts().reregistration()));
        return flags;
    }

    static void flags(JsonGenerator json, Map<String, String> flags) throws IOException {
        json.writeObjectFieldStart("flags");
        for (var flag : flags.entrySet()) {
            json.writeStringField(flag.getKey(), flag.getValue());
        }
        json.writeEndObject();
    }
}
