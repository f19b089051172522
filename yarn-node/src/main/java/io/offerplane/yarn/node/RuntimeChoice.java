package io.offerplane.yarn.node;

import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.ipc.RPCUtil;

/** Which root filesystem a container asks for, by the variables of YARN's container runtimes. */
final class RuntimeChoice {
    static final String TYPE = "YARN_CONTAINER_RUNTIME_TYPE";
    static final String IMAGE = "YARN_CONTAINER_RUNTIME_DOCKER_IMAGE";
    private static final String MOUNTS = "YARN_CONTAINER_RUNTIME_DOCKER_MOUNTS";

    private RuntimeChoice() {}

    /**
     * The image; empty for the pool's default root filesystem.
     *
     * @throws YarnException when the variables ask for something that isn't here
     */
    static Optional<String> image(Map<String, String> environment) throws YarnException {
        String type = environment.getOrDefault(TYPE, "");
        return switch (type) {
            case "", "default" -> Optional.empty();
            case "docker" -> {
                String image = environment.getOrDefault(IMAGE, "");
                if (image.isBlank()) {
                    throw RPCUtil.getRemoteException(IMAGE + " is not set, though " + TYPE + " is docker");
                }
                if (!environment.getOrDefault(MOUNTS, "").isBlank()) {
                    throw RPCUtil.getRemoteException(
                            MOUNTS + " is set, but containers get no more of the node than their own directories");
                }
                yield Optional.of(image);
            }
            default ->
                throw RPCUtil.getRemoteException(TYPE + " is \"" + type + "\" (expected: docker, default, or nothing)");
        };
    }
}
