package io.offerplane.shim.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Value;
import org.junit.jupiter.api.Test;

class ContainerLimitsTest {

    private static TaskInfo.Builder task(double cpus, double mem) {
        return TaskInfo.newBuilder()
                .setName("t")
                .setTaskId(TaskID.newBuilder().setValue("t"))
                .setAgentId(AgentID.newBuilder().setValue("a"))
                .addResources(scalar("cpus", cpus))
                .addResources(scalar("mem", mem));
    }

    private static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    private static ContainerLimits soft(TaskInfo.Builder task) {
        return ContainerLimits.of(task.build(), false, OptionalLong.empty());
    }

    @Test
    void theHardMemoryLimitIsTheTasksMemory() {
        assertThat(soft(task(0.5, 128)).memoryLimitBytes()).hasValue(128L << 20);
        assertThat(soft(task(0.5, 128)).cpuShares()).isEqualTo(512);
        assertThat(soft(task(0.5, 128)).cpuQuotaMicros()).isEmpty();
    }

    @Test
    void thereIsALeastOfEach() {
        assertThat(soft(task(0.001, 1)).memoryLimitBytes()).hasValue(32L << 20);
        assertThat(soft(task(0.001, 1)).cpuShares()).isEqualTo(2);
    }

    @Test
    void cpusAreACeilingWhereThePoolSaysSo() {
        assertThat(ContainerLimits.of(task(1.5, 64).build(), true, OptionalLong.empty())
                        .cpuQuotaMicros())
                .hasValue(150_000);
        assertThat(ContainerLimits.of(task(0.001, 64).build(), true, OptionalLong.empty())
                        .cpuQuotaMicros())
                .hasValue(1000);
    }

    @Test
    void aTasksOwnLimitsComeBeforeItsRequests() {
        TaskInfo.Builder task = task(1, 64)
                .putLimits("cpus", Value.Scalar.newBuilder().setValue(2).build())
                .putLimits("mem", Value.Scalar.newBuilder().setValue(256).build());
        assertThat(soft(task).cpuQuotaMicros()).hasValue(200_000);
        assertThat(soft(task).memoryLimitBytes()).hasValue(256L << 20);
        assertThat(soft(task).memoryReservationBytes()).isEqualTo(64L << 20);
        Value.Scalar infinite =
                Value.Scalar.newBuilder().setValue(Double.POSITIVE_INFINITY).build();
        task.putLimits("cpus", infinite).putLimits("mem", infinite);
        assertThat(soft(task).cpuQuotaMicros()).isEmpty();
        assertThat(soft(task).memoryLimitBytes()).isEmpty();
    }

    @Test
    void resourcesOfSeveralRolesAddUp() {
        assertThat(soft(task(0.5, 64).addResources(scalar("cpus", 1)).addResources(scalar("mem", 64)))
                        .cpuShares())
                .isEqualTo(1536);
    }

    @Test
    void revocableCpusWeighLittleAndAreACeilingInAnyCase() {
        TaskInfo.Builder task = task(0.5, 64);
        task.setResources(
                0, task.getResources(0).toBuilder().setRevocable(Resource.RevocableInfo.getDefaultInstance()));
        assertThat(soft(task).cpuShares()).isEqualTo(5);
        assertThat(soft(task).cpuQuotaMicros()).hasValue(50_000);
        task.putLimits("cpus", Value.Scalar.newBuilder().setValue(2).build());
        assertThat(soft(task).cpuQuotaMicros()).hasValue(50_000);
    }
}
