package io.offerplane.yarn.gateway;

import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.SecretStore;
import io.offerplane.operator.link.TlsIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The link's Secrets as the operator makes them, each a folder of files as Kubernetes would mount it. */
public record MountedSecrets(Path folder, TlsIdentity leader) {
    public static MountedSecrets in(Path folder) {
        return new MountedSecrets(
                folder,
                new LinkCertificates(new Folders(folder), "offerplane", Duration.ofDays(90), true)
                        .ensure(Instant.now()));
    }

    public Path ofHead() {
        return folder.resolve(LinkCertificates.HEAD_SECRET);
    }

    public Path ofShim() {
        return folder.resolve(LinkCertificates.SHIM_SECRET);
    }

    private record Folders(Path folder) implements SecretStore {
        @Override
        public Optional<Map<String, byte[]>> read(String name) {
            return Optional.empty();
        }

        @Override
        public void write(String name, Map<String, byte[]> content) {
            try {
                Path secret = Files.createDirectories(folder.resolve(name));
                for (Map.Entry<String, byte[]> entry : content.entrySet()) {
                    Files.write(secret.resolve(entry.getKey()), entry.getValue());
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
