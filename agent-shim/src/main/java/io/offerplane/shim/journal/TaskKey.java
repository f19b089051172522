package io.offerplane.shim.journal;

/**
 * A task on this node: task ids are unique within their framework only.
 *
 * @param frameworkId of the framework that launched it
 * @param taskId chosen by the framework
 */
public record TaskKey(String frameworkId, String taskId) {
    @Override
    public String toString() {
        return "task " + taskId + " of framework " + frameworkId;
    }
}
