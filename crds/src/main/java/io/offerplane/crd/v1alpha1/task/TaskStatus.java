package io.offerplane.crd.v1alpha1.task;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.common.Copies;
import io.offerplane.crd.v1alpha1.common.Waiting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of the instances. */
@JsonClassDescription("What became of the instances.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TaskStatus(
        @Min(0) @JsonPropertyDescription("The generation of the spec that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("One word for people: Waiting, Launching, Running, Held, Finished, Failed or Killed.")
        @Nullable
        Phase phase,

        @Entries(max = 50) @ListMap("index") @JsonPropertyDescription("The first 50 instances.")
        List<Instance> instances,

        @JsonPropertyDescription("Instances by how they are.") @Nullable
        Counts counts,

        @Min(0) @StatusReplicas @JsonPropertyDescription("Instances that are there: launching or running.") @Nullable
        Integer replicas,

        @Size(max = 253)
        @io.fabric8.kubernetes.model.annotation.LabelSelector
        @JsonPropertyDescription("Label selector of the task's instances, for autoscalers.")
        @Nullable
        String selector,

        @Entries(max = 20) @JsonPropertyDescription("The last 20 things that happened, oldest first.")
        List<Happening> history,

        @JsonPropertyDescription("Why instances wait; left out when none does.") @Nullable
        Waiting waiting,

        @Size(max = 40) @JsonPropertyDescription("When the last instance ended for good, in RFC 3339.") @Nullable
        String finishedTime,

        @JsonPropertyDescription("Short texts for columns. Machines must not read them.") @Nullable
        Display display,

        @Entries(max = 16)
        @ListMap("type")
        @JsonPropertyDescription(
                "Judgements: Ready, Admitted, Placed, Running, and Complete, Failed, Reconciling and Stalled while they hold.")
        List<Condition> conditions) {

    public TaskStatus {
        instances = Copies.of(instances);
        history = Copies.of(history);
        conditions = Copies.of(conditions);
    }

    /** One word for people. */
    public enum Phase {
        @JsonProperty("Waiting")
        WAITING,
        @JsonProperty("Launching")
        LAUNCHING,
        @JsonProperty("Running")
        RUNNING,
        @JsonProperty("Held")
        HELD,
        @JsonProperty("Finished")
        FINISHED,
        @JsonProperty("Failed")
        FAILED,
        @JsonProperty("Killed")
        KILLED
    }

    /** One copy of the command, over all its restarts. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Instance(
            @Required @Min(0) @JsonPropertyDescription("Which copy, from 0.")
            Integer index,

            @Size(max = 255) @JsonPropertyDescription("The id of its latest attempt, as Mesos knows it.") @Nullable
            String taskId,

            @Size(max = 32)
            @JsonPropertyDescription("State of the latest attempt in Mesos' words, such as TASK_RUNNING.")
            @Nullable
            String state,

            @Size(max = 64)
            @JsonPropertyDescription("Why, in Mesos' words, such as REASON_CONTAINER_LIMITATION_MEMORY.")
            @Nullable
            String reason,

            @Size(max = 512) @JsonPropertyDescription("Why, in a sentence.") @Nullable
            String message,

            @Size(max = 253) @JsonPropertyDescription("The node of the latest attempt.") @Nullable
            String node,

            @Size(max = 255) @JsonPropertyDescription("The agent of the latest attempt.") @Nullable
            String agentId,

            @Entries(max = 16) @JsonPropertyDescription("The ports that it got, in the order of the spec.")
            List<Integer> ports,

            @JsonPropertyDescription(
                    "Exit code of the latest attempt; left out while it runs and when a signal ended it.")
            @Nullable
            Integer exitCode,

            @Size(max = 16)
            @JsonPropertyDescription("The signal that ended the latest attempt, such as SIGKILL.")
            @Nullable
            String signal,

            @Size(max = 40) @JsonPropertyDescription("When the latest attempt ran, in RFC 3339.") @Nullable
            String startTime,

            @Size(max = 40) @JsonPropertyDescription("When the latest attempt ended, in RFC 3339.") @Nullable
            String finishTime,

            @Min(0) @JsonPropertyDescription("How many times it was started.") @Nullable
            Integer attempts,

            @Min(0) @JsonPropertyDescription("How many starts count against restart.maxRestarts.") @Nullable
            Integer failures,

            @Size(max = 40) @JsonPropertyDescription("Not before this time is it started again, in RFC 3339.") @Nullable
            String retryTime,

            @Min(0)
            @JsonPropertyDescription("The generation of the spec that the latest attempt was launched from.")
            @Nullable
            Long generation) {
        public Instance {
            ports = Copies.of(ports);
        }
    }

    /** Instances by how they are. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Counts(
            @Min(0) @JsonPropertyDescription("Not launched yet, or between two attempts.") @Nullable
            Integer waiting,

            @Min(0) @JsonPropertyDescription("Launched, not running yet.") @Nullable
            Integer launching,

            @Min(0) @JsonPropertyDescription("Running.") @Nullable
            Integer running,

            @Min(0) @JsonPropertyDescription("Ended well, for good.") @Nullable
            Integer finished,

            @Min(0) @JsonPropertyDescription("Ended badly, for good.") @Nullable
            Integer failed,

            @Min(0) @JsonPropertyDescription("Killed on request.") @Nullable
            Integer killed) {}

    /** One state change. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Happening(
            @Size(max = 40) @JsonPropertyDescription("When, in RFC 3339.") @Nullable
            String time,

            @Min(0) @JsonPropertyDescription("Which copy.") @Nullable
            Integer index,

            @Size(max = 32) @JsonPropertyDescription("The state in Mesos' words.") @Nullable
            String state,

            @Size(max = 32) @JsonPropertyDescription("Who told, in Mesos' words, such as SOURCE_AGENT.") @Nullable
            String source,

            @Size(max = 64) @JsonPropertyDescription("Why, in Mesos' words.") @Nullable
            String reason) {}

    /** Short texts for columns. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Display(
            @Size(max = 253) @JsonPropertyDescription("Node of the first instance.") @Nullable
            String node,

            @Size(max = 32) @JsonPropertyDescription("How the first instance that ended badly ended.") @Nullable
            String exit,

            @Size(max = 255) @JsonPropertyDescription("Task id of the first instance.") @Nullable
            String taskId,

            @Size(max = 32) @JsonPropertyDescription("State of the first instance.") @Nullable
            String state) {}
}
