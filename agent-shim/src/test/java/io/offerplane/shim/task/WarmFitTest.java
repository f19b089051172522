package io.offerplane.shim.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.apache.mesos.v1.Protos.CapabilityInfo;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.Image;
import org.apache.mesos.v1.Protos.NetworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Resource.DiskInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.Protos.Volume;
import org.junit.jupiter.api.Test;

class WarmFitTest {

    private static final ContainerInfo MESOS =
            ContainerInfo.newBuilder().setType(ContainerInfo.Type.MESOS).build();

    private static boolean fits(Consumer<TaskInfo.Builder> wish) {
        TaskInfo.Builder task = TaskInfo.newBuilder();
        wish.accept(task);
        return WarmFit.hindrance(task.buildPartial()).isEmpty();
    }

    private static boolean fitsIn(Consumer<ContainerInfo.Builder> wish) {
        ContainerInfo.Builder container = MESOS.toBuilder();
        wish.accept(container);
        return fits(task -> task.setContainer(container.buildPartial()));
    }

    @Test
    void whatComesWithTheOrderIsNoHindrance() {
        assertThat(fits(task -> {})).isTrue();
        assertThat(fits(task -> task.setCommand(CommandInfo.newBuilder()
                        .setUser("mesos")
                        .addUris(CommandInfo.URI.newBuilder().setValue("http://h/f")))))
                .isTrue();
        assertThat(fits(task -> task.setHealthCheck(HealthCheck.newBuilder().setConsecutiveFailures(3))))
                .isTrue();
        assertThat(fitsIn(container -> {})).isTrue();
        assertThat(fitsIn(container -> container.addNetworkInfos(NetworkInfo.getDefaultInstance())))
                .isTrue();
    }

    @Test
    void whatIsTheContainersFromItsStartIs() {
        assertThat(fits(task -> task.setExecutor(ExecutorInfo.getDefaultInstance())))
                .isFalse();
        assertThat(fits(task -> task.addResources(Resource.newBuilder()
                        .setName("disk")
                        .setType(Value.Type.SCALAR)
                        .setDisk(DiskInfo.newBuilder()
                                .setPersistence(
                                        DiskInfo.Persistence.newBuilder().setId("v"))))))
                .isFalse();
        assertThat(fitsIn(container -> container.setMesos(ContainerInfo.MesosInfo.newBuilder()
                        .setImage(Image.newBuilder().setType(Image.Type.DOCKER)))))
                .isFalse();
        assertThat(fitsIn(container -> container.setType(ContainerInfo.Type.DOCKER)))
                .isFalse();
        assertThat(fitsIn(ContainerInfo.Builder::clearType)).isFalse();
        assertThat(fitsIn(container -> container.addVolumes(Volume.getDefaultInstance())))
                .isFalse();
        assertThat(fitsIn(container -> container
                        .getLinuxInfoBuilder()
                        .setEffectiveCapabilities(
                                CapabilityInfo.newBuilder().addCapabilities(CapabilityInfo.Capability.CHOWN))))
                .isFalse();
        assertThat(fitsIn(container -> container.getRlimitInfoBuilder())).isFalse();
        assertThat(fitsIn(container -> container.setHostname("own"))).isFalse();
        assertThat(fitsIn(container -> container.getTtyInfoBuilder())).isFalse();
    }
}
