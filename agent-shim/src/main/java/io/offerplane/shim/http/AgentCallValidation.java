package io.offerplane.shim.http;

import java.util.Optional;
import org.apache.mesos.v1.agent.Protos.Call;

/** What a call must hold, in Mesos' words. Source: Mesos 1.11 slave/validation.cpp. */
final class AgentCallValidation {

    private AgentCallValidation() {}

    /** What is wrong with it; empty for a call that may be carried out. Mesos' own deprecated calls are still calls. */
    @SuppressWarnings("deprecation")
    static Optional<String> fault(Call call) {
        if (!call.hasType()) {
            return Optional.of("Expecting 'type' to be present");
        }
        return switch (call.getType()) {
            case GET_METRICS -> expect(call.hasGetMetrics(), "get_metrics");
            case SET_LOGGING_LEVEL -> expect(call.hasSetLoggingLevel(), "set_logging_level");
            case LIST_FILES -> expect(call.hasListFiles(), "list_files");
            case READ_FILE -> expect(call.hasReadFile(), "read_file");
            case LAUNCH_NESTED_CONTAINER,
                    WAIT_NESTED_CONTAINER,
                    KILL_NESTED_CONTAINER,
                    REMOVE_NESTED_CONTAINER,
                    LAUNCH_NESTED_CONTAINER_SESSION,
                    ATTACH_CONTAINER_INPUT,
                    ATTACH_CONTAINER_OUTPUT,
                    LAUNCH_CONTAINER,
                    WAIT_CONTAINER,
                    KILL_CONTAINER,
                    REMOVE_CONTAINER -> ContainerCallValidation.fault(call);
            case ADD_RESOURCE_PROVIDER_CONFIG ->
                expect(call.hasAddResourceProviderConfig(), "add_resource_provider_config");
            case UPDATE_RESOURCE_PROVIDER_CONFIG ->
                expect(call.hasUpdateResourceProviderConfig(), "update_resource_provider_config");
            case REMOVE_RESOURCE_PROVIDER_CONFIG ->
                expect(call.hasRemoveResourceProviderConfig(), "remove_resource_provider_config");
            case MARK_RESOURCE_PROVIDER_GONE ->
                expect(call.hasMarkResourceProviderGone(), "mark_resource_provider_gone");
            case UNKNOWN,
                    GET_HEALTH,
                    GET_FLAGS,
                    GET_VERSION,
                    GET_LOGGING_LEVEL,
                    GET_STATE,
                    GET_CONTAINERS,
                    GET_FRAMEWORKS,
                    GET_EXECUTORS,
                    GET_OPERATIONS,
                    GET_TASKS,
                    GET_AGENT,
                    GET_RESOURCE_PROVIDERS,
                    PRUNE_IMAGES -> Optional.empty();
        };
    }

    private static Optional<String> expect(boolean present, String field) {
        return present ? Optional.empty() : Optional.of("Expecting '" + field + "' to be present");
    }
}
