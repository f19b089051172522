package io.offerplane.yarn.gateway.link;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/** A bearer token from a file, read anew for each call once there is a connection to send it on: Kubernetes replaces it hourly. */
final class TokenCredentials extends CallCredentials {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Path file;

    TokenCredentials(Path file) {
        this.file = file;
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
        executor.execute(() -> {
            try {
                Metadata headers = new Metadata();
                headers.put(AUTHORIZATION, "Bearer " + Files.readString(file).strip());
                applier.apply(headers);
            } catch (IOException | IllegalArgumentException unreadable) {
                applier.fail(Status.UNAVAILABLE
                        .withDescription("the token can't be read: " + unreadable.getMessage())
                        .withCause(unreadable));
            }
        });
    }
}
