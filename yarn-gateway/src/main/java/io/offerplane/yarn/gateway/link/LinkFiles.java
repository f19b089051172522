package io.offerplane.yarn.gateway.link;

import java.nio.file.Path;

/**
 * The files with which the head proves who it is. Kubernetes replaces their content while the process runs.
 *
 * @param certificateAuthority PEM; whom it signed is believed
 * @param certificate PEM, the head's own
 * @param key PEM, the certificate's
 * @param token of the head's service account
 */
public record LinkFiles(Path certificateAuthority, Path certificate, Path key, Path token) {
    /** As they lie in a mounted Secret. */
    public static LinkFiles in(Path directory, Path token) {
        return new LinkFiles(
                directory.resolve("ca.crt"), directory.resolve("tls.crt"), directory.resolve("tls.key"), token);
    }
}
