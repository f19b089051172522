package io.offerplane.operator.link;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Secrets that live as long as the test, and a count of the writes. */
public final class InMemorySecrets implements SecretStore {
    public final Map<String, Map<String, byte[]>> content = new TreeMap<>();
    public int writes;

    @Override
    public Optional<Map<String, byte[]>> read(String name) {
        return Optional.ofNullable(content.get(name));
    }

    @Override
    public void write(String name, Map<String, byte[]> data) {
        writes++;
        content.put(name, Map.copyOf(data));
    }
}
