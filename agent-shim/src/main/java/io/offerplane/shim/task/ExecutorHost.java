package io.offerplane.shim.task;

import io.offerplane.shim.journal.v1.Kill;
import io.offerplane.shim.journal.v1.Launch;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.jspecify.annotations.Nullable;

/** Who runs the tasks that bring an executor of their own. */
public interface ExecutorHost {

    /**
     * Takes a task on. Nothing is written or started before {@link TaskLife#run}. Tasks of one executor reach it in the order of these
     * calls.
     *
     * @param launch with all but what the executor decides: container, sandbox and control group
     * @param taskGroup the control group below which the executor's own will be; empty when the claim's isn't there
     */
    TaskLife accept(Launch launch, TaskInfo task, NodeIdentity identity, String taskGroup) throws IOException;

    /**
     * Takes a group on that its executor is handed as a whole; as {@link #accept}. All of its tasks are taken, or none. It is in the journal when
     * {@link #write} has returned; its tasks go their ways after that.
     *
     * @param launches of tasks with the same executor, and the same {@code handed_over_with}
     */
    List<TaskLife> acceptGroup(List<Launch> launches, ExecutorInfo executor, NodeIdentity identity, String taskGroup)
            throws IOException;

    /**
     * Writes a group down, its executor first.
     *
     * @param group of {@link #acceptGroup}
     * @throws IOException when the disk won't take it; then none of it is there
     */
    void write(List<TaskLife> group) throws IOException;

    /** Takes up a task that an earlier shim held. */
    TaskLife restore(Launch launch, @Nullable Kill kill) throws IOException;

    /** Ends an executor, if there is one of that name, with its tasks. */
    void shutdown(String frameworkId, String executorId);

    /** Ends all executors of a framework. */
    void shutdownFramework(String frameworkId);

    /**
     * Tells the leader, once, that an executor which is nothing but its tasks has ended.
     *
     * @param waitStatus as wait(2) encodes it; -1 when nobody saw it end
     */
    void tellExited(String frameworkId, String executorId, int waitStatus);

    /** Containers that executors live in. */
    Set<String> containers();
}
