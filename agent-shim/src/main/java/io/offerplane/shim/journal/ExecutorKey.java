package io.offerplane.shim.journal;

/**
 * A custom executor on this node: executor ids are unique within their framework only.
 *
 * @param frameworkId of the framework whose executor it is
 * @param executorId chosen by the framework
 */
public record ExecutorKey(String frameworkId, String executorId) {
    @Override
    public String toString() {
        return "executor " + executorId + " of framework " + frameworkId;
    }
}
