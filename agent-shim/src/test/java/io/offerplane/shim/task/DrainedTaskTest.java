package io.offerplane.shim.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.WaitStatus;
import io.offerplane.shim.journal.v1.KillCause;
import java.util.Optional;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;

/** How a task ends whose agent is being emptied. */
class DrainedTaskTest {
    private static TaskStatus ended(KillCause cause) {
        return TaskStatuses.ended(
                "agent",
                TaskInfo.newBuilder()
                        .setName("t")
                        .setTaskId(TaskID.newBuilder().setValue("t"))
                        .setAgentId(AgentID.newBuilder().setValue("agent"))
                        .build(),
                new ContainerExit(new WaitStatus.Signaled(15, false), Optional.empty()),
                cause,
                1.0,
                TaskStatuses.container("c", "10.0.0.1"));
    }

    @Test
    void itsEndSaysThatTheAgentWasDrained() {
        TaskStatus drained = ended(KillCause.KILL_CAUSE_DRAINING);
        assertThat(drained.getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(drained.getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_DRAINING);
        TaskStatus gone = ended(KillCause.KILL_CAUSE_DRAINING_AND_GONE);
        assertThat(gone.getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
        assertThat(gone.getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_DRAINING);
    }

    @Test
    void otherKillsSayNothingOfIt() {
        TaskStatus killed = ended(KillCause.KILL_CAUSE_ASKED);
        assertThat(killed.getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(killed.hasReason()).isFalse();
    }
}
