package io.offerplane.shim.image;

import io.offerplane.protocol.settings.Variables;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where images come from, from environment variables.
 *
 * @param folder of all that is kept of images, on the disk that has the containers
 * @param skopeo the program that pulls
 * @param registry of names that have none; Mesos' --docker_registry
 * @param insecureRegistries those that may be asked without TLS, or with a certificate of nobody we know
 * @param credentials file in the form of Docker's config.json; Mesos' --docker_config
 */
public record ImageSettings(
        Path folder, Path skopeo, String registry, List<String> insecureRegistries, Optional<Path> credentials) {

    public ImageSettings {
        insecureRegistries = List.copyOf(insecureRegistries);
    }

    /**
     * Reads the settings.
     *
     * @param variables of images
     * @param workDir the shim's; the folder is below it
     * @throws IllegalArgumentException naming the variable that is wrong, and what it should hold
     */
    public static ImageSettings of(Variables variables, Path workDir) {
        String registry = variables.text("REGISTRY", ImageReference.DOCKER_HUB);
        try {
            ImageReference.parse(registry + "/any", registry);
        } catch (ImageException e) {
            throw new IllegalArgumentException(
                    variables.prefix() + "REGISTRY is '" + registry + "'; expected host or host:port", e);
        }
        return new ImageSettings(
                workDir.resolve("images"),
                variables.path("SKOPEO", "/usr/bin/skopeo"),
                registry,
                variables.words("INSECURE_REGISTRIES"),
                variables.path("CREDENTIALS_FILE"));
    }
}
