package io.offerplane.operator.task;

import io.offerplane.crd.v1alpha1.task.TaskSpec;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.mesos.translate.FrameworkTranslator;
import io.offerplane.mesos.translate.ResourceTranslator;
import io.offerplane.mesos.translate.TaskTranslator;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.apache.mesos.v1.Protos;

/** Task objects in Mesos' words. Pure. */
final class TaskMessages {
    private static final Duration FAILOVER_TIMEOUT = Duration.ofDays(7);

    private TaskMessages() {}

    static FrameworkSpec framework(FrameworkId id, Collection<RolePath> roles) {
        Protos.FrameworkInfo.Builder info = Protos.FrameworkInfo.newBuilder()
                .setId(Protos.FrameworkID.newBuilder().setValue(id.value()))
                .setName(id.value())
                .setUser("root")
                .setCheckpoint(true)
                .setFailoverTimeout((double) FAILOVER_TIMEOUT.toSeconds());
        roles.forEach(role -> info.addRoles(role.value()));
        for (Protos.FrameworkInfo.Capability.Type capability : List.of(
                Protos.FrameworkInfo.Capability.Type.MULTI_ROLE,
                Protos.FrameworkInfo.Capability.Type.PARTITION_AWARE,
                Protos.FrameworkInfo.Capability.Type.TASK_KILLING_STATE,
                Protos.FrameworkInfo.Capability.Type.GPU_RESOURCES,
                Protos.FrameworkInfo.Capability.Type.REGION_AWARE)) {
            info.addCapabilitiesBuilder().setType(capability);
        }
        return FrameworkTranslator.fromProto(info.build(), Optional.empty());
    }

    static io.offerplane.engine.task.TaskSpec instance(
            FrameworkId framework,
            TaskSpec task,
            String name,
            String taskId,
            AgentId agent,
            RolePath role,
            Resources resources,
            List<Integer> ports) {
        Protos.TaskInfo.Builder info = Protos.TaskInfo.newBuilder()
                .setName(name)
                .setTaskId(Protos.TaskID.newBuilder().setValue(taskId))
                .setAgentId(Protos.AgentID.newBuilder().setValue(agent.value()))
                .addAllResources(ResourceTranslator.toProto(resources, Optional.of(role), false))
                .setCommand(command(task, ports));
        Long grace = task.kill() == null ? null : task.kill().graceSeconds();
        if (grace != null) {
            info.setKillPolicy(Protos.KillPolicy.newBuilder()
                    .setGracePeriod(Protos.DurationInfo.newBuilder()
                            .setNanoseconds(Duration.ofSeconds(grace).toNanos())));
        }
        return TaskTranslator.fromProto(info.build(), framework);
    }

    private static Protos.CommandInfo command(TaskSpec task, List<Integer> ports) {
        Protos.CommandInfo.Builder command = Protos.CommandInfo.newBuilder();
        String shell = task.command().shell();
        if (shell != null) {
            command.setShell(true).setValue(shell);
        } else {
            // As execvp wants it: the program, then all arguments with the program's own name first.
            command.setShell(false)
                    .setValue(task.command().argv().getFirst())
                    .addAllArguments(task.command().argv());
        }
        if (task.user() != null) {
            command.setUser(task.user());
        }
        Protos.Environment.Builder environment = Protos.Environment.newBuilder();
        for (int i = 0; i < ports.size(); i++) {
            String number = Integer.toString(ports.get(i));
            String named = task.ports().get(i).name().toUpperCase(Locale.ROOT).replace('-', '_');
            if (i == 0) {
                environment.addVariables(variable("PORT0", number));
            }
            environment.addVariables(variable("PORT_" + named, number));
        }
        task.env().forEach(v -> environment.addVariables(variable(v.name(), v.value())));
        command.setEnvironment(environment);
        for (TaskSpec.Artifact artifact : task.artifacts()) {
            Protos.CommandInfo.URI.Builder uri = Protos.CommandInfo.URI
                    .newBuilder()
                    .setValue(artifact.uri())
                    .setExecutable(Objects.requireNonNullElse(artifact.executable(), false))
                    .setExtract(Objects.requireNonNullElse(artifact.extract(), true));
            if (artifact.outputFile() != null) {
                uri.setOutputFile(artifact.outputFile());
            }
            command.addUris(uri);
        }
        return command.build();
    }

    private static Protos.Environment.Variable variable(String name, String value) {
        return Protos.Environment.Variable.newBuilder()
                .setName(name)
                .setType(Protos.Environment.Variable.Type.VALUE)
                .setValue(value)
                .build();
    }
}
