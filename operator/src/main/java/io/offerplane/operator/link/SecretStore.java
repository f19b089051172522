package io.offerplane.operator.link;

import java.util.Map;
import java.util.Optional;

/** Secrets of the operator's own namespace, by name. Blocks while it asks Kubernetes, whose errors it lets through. */
public interface SecretStore {
    Optional<Map<String, byte[]>> read(String name);

    /** Writes the whole content, whether or not the Secret exists. Only the leader calls this. */
    void write(String name, Map<String, byte[]> content);
}
