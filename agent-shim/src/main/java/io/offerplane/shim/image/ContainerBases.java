package io.offerplane.shim.image;

import com.google.protobuf.ByteString;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.RootFilesystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ContainerInfo.DockerInfo;
import org.apache.mesos.v1.Protos.Image;
import org.apache.mesos.v1.Protos.Secret;

/** Finds what a {@code ContainerInfo} has a container stand on. Safe for use by several threads. */
public final class ContainerBases {
    private final ContainerBase usual;
    private final Images images;
    private final String registry;

    /**
     * @param rootfs the pool's root filesystem, for containers without an image
     * @param registry of images whose name has none
     */
    public ContainerBases(Path rootfs, Images images, String registry) {
        this.usual = ContainerBase.OfPool.at(rootfs);
        this.images = images;
        this.registry = registry;
    }

    /** What all containers stand on that ask for no image. */
    public RootFilesystem usual() {
        return usual.rootfs();
    }

    /** The same, with what it makes of commands. */
    public ContainerBase pool() {
        return usual;
    }

    /** Told of a pull that goes on. */
    public interface Progress {
        /** @param bytes so far */
        void pulling(String image, long bytes);
    }

    /**
     * Has it on the disk.
     *
     * @param container without a field that {@link #unsupported} names
     * @param again whether the container was to be started already: then what is there will do, even where a fresh one was asked for
     */
    public ContainerBase provide(ContainerInfo container, boolean again, Progress progress)
            throws ContainerLaunchException, InterruptedException {
        try {
            if (isDockers(container)) {
                DockerInfo docker = container.getDocker();
                return new ContainerBase.OfImage(
                        image(docker.getImage(), again || !docker.getForcePullImage(), ByteString.EMPTY, progress),
                        true);
            }
            if (!container.getMesos().hasImage()) {
                return usual;
            }
            Image asked = container.getMesos().getImage();
            return new ContainerBase.OfImage(
                    image(
                            asked.getDocker().getName(),
                            again || asked.getCached(),
                            asked.getDocker().getConfig().getValue().getData(),
                            progress),
                    false);
        } catch (ImageException e) {
            throw new ContainerLaunchException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Not of a container that isn't given: DOCKER is the first of the types, and so what an absent one reads as. */
    private static boolean isDockers(ContainerInfo container) {
        return container.hasType() && container.getType() == ContainerInfo.Type.DOCKER;
    }

    private io.offerplane.shim.image.Image image(String name, boolean cached, ByteString credentials, Progress progress)
            throws ImageException, InterruptedException {
        ImageReference reference = ImageReference.parse(name, registry);
        LongConsumer bytes = n -> progress.pulling(name, n);
        return images.provide(reference, cached, credentials, bytes);
    }

    /** Names of a container's fields about images and Docker that would have to be acted on and aren't. */
    @SuppressWarnings("deprecation") // Mesos has given two of them up, but clients may still set them.
    public static List<String> unsupported(ContainerInfo container) {
        List<String> fields = new ArrayList<>();
        if (isDockers(container)) {
            DockerInfo docker = container.getDocker();
            if (docker.getNetwork() != DockerInfo.Network.HOST) {
                fields.add("docker.network of " + docker.getNetwork());
            }
            if (docker.getPortMappingsCount() > 0) {
                fields.add("docker.port_mappings");
            }
            if (docker.getPrivileged()) {
                fields.add("docker.privileged");
            }
            docker.getParametersList().forEach(p -> fields.add("docker.parameters of '" + p.getKey() + "'"));
            if (docker.hasVolumeDriver()) {
                fields.add("docker.volume_driver");
            }
            return fields;
        }
        if (!container.getMesos().hasImage()) {
            return fields;
        }
        Image image = container.getMesos().getImage();
        if (image.getType() != Image.Type.DOCKER) {
            fields.add("mesos.image of type " + image.getType());
        }
        if (image.getDocker().hasCredential()) {
            fields.add("mesos.image.docker.credential, which Mesos has given up for config");
        }
        if (image.getDocker().hasConfig() && image.getDocker().getConfig().getType() != Secret.Type.VALUE) {
            fields.add("mesos.image.docker.config of another type than VALUE");
        }
        return fields;
    }
}
