package io.offerplane.engine.task;

import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.resource.Resources;
import java.util.Objects;
import java.util.Optional;

/**
 * A task as its framework describes it: what the engine must know of a Mesos {@code TaskInfo}, and the whole as it came.
 *
 * @param agentId the agent that the task names; judged against the offer's
 * @param resources what the task asks for, without its executor's
 * @param executor the custom executor that it wants, empty for a command task
 * @param fault what the gateway found wrong with the rest of the description, in Mesos' words ({@code TASK_ERROR} text);
 *     the engine weighs it in the order in which Mesos validates
 * @param resourceFault what the gateway found wrong with the resources as written (negative, malformed), in Mesos' words
 * @param info the serialised {@code mesos.v1.TaskInfo}
 * @param standing how much its framework can do without it
 */
public record TaskSpec(
        TaskId taskId,
        String name,
        AgentId agentId,
        Resources resources,
        Optional<ExecutorSpec> executor,
        Optional<String> fault,
        Optional<String> resourceFault,
        Payload info,
        Standing standing) {
    /** One like all others of its framework. */
    public TaskSpec(
            TaskId taskId,
            String name,
            AgentId agentId,
            Resources resources,
            Optional<ExecutorSpec> executor,
            Optional<String> fault,
            Optional<String> resourceFault,
            Payload info) {
        this(taskId, name, agentId, resources, executor, fault, resourceFault, info, Standing.TASK);
    }

    public TaskSpec {
        Objects.requireNonNull(taskId, "taskId");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(agentId, "agentId");
        Objects.requireNonNull(resources, "resources");
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(fault, "fault");
        Objects.requireNonNull(resourceFault, "resourceFault");
        Objects.requireNonNull(info, "info");
        Objects.requireNonNull(standing, "standing");
    }

    /**
     * A custom executor.
     *
     * @param resources what it needs once per agent, beside its tasks'
     */
    public record ExecutorSpec(ExecutorId executorId, Resources resources, Payload info) {}
}
