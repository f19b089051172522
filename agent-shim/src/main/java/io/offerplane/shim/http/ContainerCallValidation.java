package io.offerplane.shim.http;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.Secret;
import org.apache.mesos.v1.Protos.Volume;
import org.apache.mesos.v1.agent.Protos.Call;

/** What a call about a container must hold, in Mesos' words. Source: Mesos 1.11 slave/validation.cpp and common/validation.cpp. */
final class ContainerCallValidation {

    /** A file's name on Linux. */
    private static final int MAX_ID_BYTES = 255;

    /** Mesos' MAX_CONTAINER_ID_LENGTH. */
    private static final int MAX_CONTAINER_ID_BYTES = 242;

    private ContainerCallValidation() {}

    /** What is wrong with it; empty for one that may be carried out, and for all that are about something else. */
    @SuppressWarnings("deprecation") // Mesos' own deprecated calls are still calls.
    static Optional<String> fault(Call call) {
        return switch (call.getType()) {
            case LAUNCH_NESTED_CONTAINER -> {
                Call.LaunchNestedContainer launch = call.getLaunchNestedContainer();
                String field = "launch_nested_container";
                yield first(
                        () -> expect(call.hasLaunchNestedContainer(), field),
                        () -> nested(launch.getContainerId(), field),
                        () -> command(launch.getCommand(), field),
                        () -> container(launch.getContainer(), launch.hasContainer(), field),
                        () -> ownLimits(launch.getContainerId(), launch.getContainer(), field));
            }
            case LAUNCH_NESTED_CONTAINER_SESSION -> {
                Call.LaunchNestedContainerSession launch = call.getLaunchNestedContainerSession();
                String field = "launch_nested_container_session";
                yield first(
                        () -> expect(call.hasLaunchNestedContainerSession(), field),
                        () -> nested(launch.getContainerId(), field),
                        () -> command(launch.getCommand(), field),
                        () -> container(launch.getContainer(), launch.hasContainer(), field),
                        () -> sessionShares(launch.getContainer(), field));
            }
            case LAUNCH_CONTAINER -> {
                Call.LaunchContainer launch = call.getLaunchContainer();
                String field = "launch_container";
                yield first(
                        () -> expect(call.hasLaunchContainer(), field),
                        () -> id(launch.getContainerId(), field),
                        () -> command(launch.getCommand(), field),
                        () -> container(launch.getContainer(), launch.hasContainer(), field),
                        () -> amounts(launch),
                        () -> ownLimits(launch.getContainerId(), launch.getContainer(), field));
            }
            case WAIT_NESTED_CONTAINER ->
                first(
                        () -> expect(call.hasWaitNestedContainer(), "wait_nested_container"),
                        () -> nested(call.getWaitNestedContainer().getContainerId(), "wait_nested_container"));
            case KILL_NESTED_CONTAINER ->
                first(
                        () -> expect(call.hasKillNestedContainer(), "kill_nested_container"),
                        () -> nested(call.getKillNestedContainer().getContainerId(), "kill_nested_container"));
            case REMOVE_NESTED_CONTAINER ->
                first(
                        () -> expect(call.hasRemoveNestedContainer(), "remove_nested_container"),
                        () -> nested(call.getRemoveNestedContainer().getContainerId(), "remove_nested_container"));
            case WAIT_CONTAINER ->
                first(
                        () -> expect(call.hasWaitContainer(), "wait_container"),
                        () -> id(call.getWaitContainer().getContainerId(), "wait_container"));
            case KILL_CONTAINER ->
                first(
                        () -> expect(call.hasKillContainer(), "kill_container"),
                        () -> id(call.getKillContainer().getContainerId(), "kill_container"));
            case REMOVE_CONTAINER ->
                first(
                        () -> expect(call.hasRemoveContainer(), "remove_container"),
                        () -> id(call.getRemoveContainer().getContainerId(), "remove_container"));
            case ATTACH_CONTAINER_OUTPUT ->
                first(
                        () -> expect(call.hasAttachContainerOutput(), "attach_container_output"),
                        () -> id(call.getAttachContainerOutput().getContainerId(), "attach_container_output"));
            case ATTACH_CONTAINER_INPUT -> input(call);
            default -> Optional.empty();
        };
    }

    private static Optional<String> input(Call call) {
        Call.AttachContainerInput input = call.getAttachContainerInput();
        return first(
                () -> expect(call.hasAttachContainerInput(), "attach_container_input"),
                () -> expect(input.hasType(), "attach_container_input.type"),
                () -> switch (input.getType()) {
                    case UNKNOWN -> Optional.of("'attach_container_input.type' is unknown");
                    case CONTAINER_ID -> id(input.getContainerId(), "attach_container_input");
                    case PROCESS_IO -> Optional.empty();
                });
    }

    @SafeVarargs
    private static Optional<String> first(Supplier<Optional<String>>... checks) {
        for (Supplier<Optional<String>> check : checks) {
            Optional<String> fault = check.get();
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> expect(boolean present, String field) {
        return present ? Optional.empty() : Optional.of("Expecting '" + field + "' to be present");
    }

    private static Optional<String> nested(ContainerID id, String field) {
        return first(() -> id(id, field), () -> expect(id.hasParent(), field + ".container_id.parent"));
    }

    private static Optional<String> id(ContainerID id, String field) {
        return idFault(id).map(fault -> "'" + field + ".container_id' is invalid: " + fault);
    }

    private static Optional<String> idFault(ContainerID id) {
        String value = id.getValue();
        int length = value.getBytes(StandardCharsets.UTF_8).length;
        if (value.isEmpty()) {
            return Optional.of("ID must not be empty");
        }
        if (length > MAX_ID_BYTES) {
            return Optional.of("ID must not be greater than " + MAX_ID_BYTES + " characters");
        }
        if (value.equals(".") || value.equals("..")) {
            return Optional.of("'" + value + "' is disallowed");
        }
        if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '/' || c == '\\')) {
            return Optional.of("'" + value + "' contains invalid characters");
        }
        if (length > MAX_CONTAINER_ID_BYTES) {
            return Optional.of(
                    "'ContainerID.value' '" + value + "' exceeds the maximum length (" + MAX_CONTAINER_ID_BYTES + ")");
        }
        // Names of containers within others have full stops between.
        if (value.indexOf('.') >= 0 || value.indexOf(' ') >= 0) {
            return Optional.of("'ContainerID.value' '" + value + "' contains invalid characters");
        }
        return id.hasParent()
                ? idFault(id.getParent()).map(fault -> "'ContainerID.parent' is invalid: " + fault)
                : Optional.empty();
    }

    private static Optional<String> command(CommandInfo command, String field) {
        for (Environment.Variable variable : command.getEnvironment().getVariablesList()) {
            Optional<String> fault = variable(variable);
            if (fault.isPresent()) {
                return Optional.of("'" + field + ".command' is invalid: " + fault.get());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> variable(Environment.Variable variable) {
        String start = "Environment variable '" + variable.getName() + "' ";
        return switch (variable.getType()) {
            case UNKNOWN -> Optional.of("Environment variable of type 'UNKNOWN' is not allowed");
            case VALUE -> {
                if (!variable.hasValue()) {
                    yield Optional.of(start + "of type 'VALUE' must have a value set");
                }
                yield variable.hasSecret()
                        ? Optional.of(start + "of type 'VALUE' must not have a secret set")
                        : Optional.empty();
            }
            case SECRET -> {
                if (!variable.hasSecret()) {
                    yield Optional.of(start + "of type 'SECRET' must have a secret set");
                }
                if (variable.hasValue()) {
                    yield Optional.of(start + "of type 'SECRET' must not have a value set");
                }
                Optional<String> secret = secret(variable.getSecret());
                if (secret.isPresent()) {
                    yield Optional.of(start + "specifies an invalid secret: " + secret.get());
                }
                yield variable.getSecret().getValue().getData().toStringUtf8().indexOf('\0') >= 0
                        ? Optional.of(start
                                + "specifies a secret containing null bytes, which is not allowed in the environment")
                        : Optional.empty();
            }
        };
    }

    private static Optional<String> secret(Secret secret) {
        return switch (secret.getType()) {
            case REFERENCE -> {
                if (!secret.hasReference()) {
                    yield Optional.of("Secret of type REFERENCE must have the 'reference' field set");
                }
                yield secret.hasValue()
                        ? Optional.of("Secret '" + secret.getReference().getName()
                                + "' of type REFERENCE must not have the 'value' field set")
                        : Optional.empty();
            }
            case VALUE -> {
                if (!secret.hasValue()) {
                    yield Optional.of("Secret of type VALUE must have the 'value' field set");
                }
                yield secret.hasReference()
                        ? Optional.of("Secret of type VALUE must not have the 'reference' field set")
                        : Optional.empty();
            }
            case UNKNOWN -> Optional.empty();
        };
    }

    private static Optional<String> container(ContainerInfo container, boolean present, String field) {
        if (!present) {
            return Optional.empty();
        }
        String start = "'" + field + ".container' is invalid: ";
        for (Volume volume : container.getVolumesList()) {
            long kinds = Stream.of(volume.hasHostPath(), volume.hasImage(), volume.hasSource())
                    .filter(set -> set)
                    .count();
            if (kinds != 1) {
                return Optional.of(
                        start + "Invalid volume: Only one of them should be set: 'host_path', 'image' and 'source'");
            }
        }
        return container.getType() == ContainerInfo.Type.DOCKER && !container.hasDocker()
                ? Optional.of(start + "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo")
                : Optional.empty();
    }

    private static Optional<String> ownLimits(ContainerID id, ContainerInfo container, String field) {
        boolean own = container.getLinuxInfo().hasShareCgroups()
                && !container.getLinuxInfo().getShareCgroups();
        return own && id.getParent().hasParent()
                ? Optional.of("'" + field + "' is invalid: containers nested at the second level or greater cannot set"
                        + " 'share_cgroups' to 'false'")
                : Optional.empty();
    }

    private static Optional<String> sessionShares(ContainerInfo container, String field) {
        return container.hasLinuxInfo() && !container.getLinuxInfo().getShareCgroups()
                ? Optional.of("'" + field + ".container.linux_info' is invalid: 'share_cgroups' cannot be set to"
                        + " 'false' for nested container sessions")
                : Optional.empty();
    }

    private static Optional<String> amounts(Call.LaunchContainer launch) {
        boolean twiceNested = launch.getContainerId().getParent().hasParent();
        String start = "'launch_container' is invalid: ";
        if (twiceNested && launch.getResourcesCount() > 0) {
            return Optional.of(start + "containers nested at the second level or greater cannot specify resources");
        }
        if (twiceNested && launch.getLimitsCount() > 0) {
            return Optional.of(
                    start + "containers nested at the second level or greater cannot specify resource limits");
        }
        return Optional.empty();
    }
}
