package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.offerplane.shim.Agent;
import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.cgroup.Pressure;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.http.HeldFrameworks.Executor;
import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.Protos.ContainerStatus;
import org.apache.mesos.v1.Protos.ResourceStatistics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers that have a control group, measured when asked for: those of command tasks, and those of custom executors, with or
 * without a task. Those of a group's tasks are measured with their executor's, and can be had for themselves; there are no standalone ones.
 */
final class Containers {

    private static final Logger log = LoggerFactory.getLogger(Containers.class);

    /**
     * One container.
     *
     * @param executor that it is of
     * @param usage as the kernel counts
     * @param status where it runs
     * @param statistics the usage under Mesos' names
     */
    record Container(Executor executor, ContainerUsage usage, ContainerStatus status, ResourceStatistics statistics) {}

    private final Agent agent;
    private final Clock clock;

    Containers(Agent agent, Clock clock) {
        this.agent = agent;
        this.clock = clock;
    }

    List<Container> all() {
        List<Container> all = new ArrayList<>();
        for (Executor executor : HeldFrameworks.of(agent).executors()) {
            usage(executor)
                    .ifPresent(usage -> all.add(new Container(
                            executor,
                            usage,
                            TaskStatuses.container(
                                    executor.containerId(), agent.config().nodeIp()),
                            ContainerStatistics.of(
                                    usage,
                                    executor.allocated(),
                                    agent.identity().isolators().diskQuota().lastLook(Path.of(executor.directory())),
                                    clock.instant()))));
        }
        return all;
    }

    /**
     * One that lies in another.
     *
     * @param status where it runs
     * @param statistics what it uses, without limits but its own
     */
    record Nested(ContainerName name, ContainerStatus status, ResourceStatistics statistics) {}

    /** Those of tasks of a group, and those that were started by the agent's API, but for sessions, which have no control group. */
    List<Nested> nested() {
        List<Nested> all = new ArrayList<>();
        agent.tasks().views().forEach(task -> task.parent()
                .ifPresent(
                        parent -> add(all, ContainerName.of(parent.containerId(), task.containerId()), task.cgroup())));
        agent.nested().views().forEach(view -> add(all, view.name(), view.cgroup()));
        return all;
    }

    private void add(List<Nested> all, ContainerName name, String cgroup) {
        ContainerStatus.Builder status =
                TaskStatuses.container(name.ids().getLast(), agent.config().nodeIp()).toBuilder()
                        .setContainerId(name.toId());
        usage(name.toString(), cgroup)
                .ifPresent(usage -> all.add(new Nested(
                        name,
                        status.build(),
                        ContainerStatistics.of(usage, List.of(), Optional.empty(), clock.instant()))));
    }

    private Optional<ContainerUsage> usage(Executor executor) {
        return usage(executor.containerId(), executor.cgroup());
    }

    private Optional<ContainerUsage> usage(String name, String cgroup) {
        CgroupHierarchy cgroups = agent.cgroups();
        if (cgroup.isEmpty()) {
            return Optional.empty();
        }
        try {
            return cgroups.usage(cgroup);
        } catch (IOException gone) {
            log.debug("Cannot measure container {}", name, gone);
            return Optional.empty();
        }
    }

    /** {@code /monitor/statistics}. */
    byte[] statisticsPage() {
        List<Container> all = all();
        return Json.bytes(json -> {
            json.writeStartArray();
            for (Container container : all) {
                json.writeStartObject();
                ids(json, container.executor());
                Json.message(json, "statistics", container.statistics());
                pressure(json, container.usage().pressure());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /** Mesos has no place for it: beside its figures, and only where the kernel measures it. */
    private static void pressure(JsonGenerator json, Map<Pressure.Kind, Pressure> pressure) throws IOException {
        if (pressure.isEmpty()) {
            return;
        }
        json.writeObjectFieldStart("pressure");
        for (Pressure.Kind kind : Pressure.Kind.values()) {
            Pressure one = pressure.get(kind);
            if (one != null) {
                json.writeObjectFieldStart(kind.word());
                stalls(json, "some", one.some());
                if (one.full().isPresent()) {
                    stalls(json, "full", one.full().get());
                }
                json.writeEndObject();
            }
        }
        json.writeEndObject();
    }

    private static void stalls(JsonGenerator json, String name, Pressure.Stalls stalls) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("avg10_percent", stalls.avg10());
        json.writeNumberField("avg60_percent", stalls.avg60());
        json.writeNumberField("avg300_percent", stalls.avg300());
        json.writeNumberField("total_secs", stalls.totalSeconds());
        json.writeEndObject();
    }

    /**
     * {@code /containers}.
     *
     * @param containerId of the only one to be shown, if not all
     */
    byte[] page(Optional<String> containerId) {
        List<Container> all = all();
        return Json.bytes(json -> {
            json.writeStartArray();
            for (Container container : all) {
                String id = container.executor().containerId();
                if (containerId.isPresent() && !containerId.get().equals(id)) {
                    continue;
                }
                json.writeStartObject();
                ids(json, container.executor());
                json.writeStringField("container_id", id);
                Json.message(json, "status", container.status());
                Json.message(json, "statistics", container.statistics());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /** Deprecated is {@code source}, which tools still read. */
    @SuppressWarnings("deprecation")
    private static void ids(JsonGenerator json, Executor executor) throws IOException {
        json.writeStringField("framework_id", executor.frameworkId());
        json.writeStringField("executor_id", executor.id());
        json.writeStringField("executor_name", executor.info().getName());
        json.writeStringField("source", executor.info().getSource());
    }
}
