package io.offerplane.yarn.gateway.link;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.AdvancedTlsX509TrustManager.Verification;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What the head shows and whom it believes, kept up to date: files that change are read again, and the next handshake goes by them.
 *
 * @param keys shows the head's certificate
 * @param trust believes whom the link's authority signed
 */
public record LinkIdentity(X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {
    /** A mounted Secret is itself refreshed about once a minute. */
    private static final long LOOK_SECONDS = 30;

    /**
     * The identity in these files, with names checked of those who are called: none can be checked of callers.
     *
     * @param timer looks at the files; its end ends that
     * @throws IOException when a file can't be read
     * @throws GeneralSecurityException when one holds no certificate or key
     */
    public static LinkIdentity ofCaller(LinkFiles files, ScheduledExecutorService timer)
            throws IOException, GeneralSecurityException {
        return of(files, timer, Verification.CERTIFICATE_AND_HOST_NAME_VERIFICATION);
    }

    /**
     * As {@link #ofCaller}, for who is called.
     *
     * @param timer looks at the files; its end ends that
     * @throws IOException when a file can't be read
     * @throws GeneralSecurityException when one holds no certificate or key
     */
    public static LinkIdentity ofServer(LinkFiles files, ScheduledExecutorService timer)
            throws IOException, GeneralSecurityException {
        return of(files, timer, Verification.CERTIFICATE_ONLY_VERIFICATION);
    }

    private static LinkIdentity of(LinkFiles files, ScheduledExecutorService timer, Verification verification)
            throws IOException, GeneralSecurityException {
        AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
        AdvancedTlsX509TrustManager trust = AdvancedTlsX509TrustManager.newBuilder()
                .setVerification(verification)
                .build();
        var _ = keys.updateIdentityCredentials(
                files.certificate().toFile(), files.key().toFile(), LOOK_SECONDS, TimeUnit.SECONDS, timer);
        var _ = trust.updateTrustCredentials(
                files.certificateAuthority().toFile(), LOOK_SECONDS, TimeUnit.SECONDS, timer);
        return new LinkIdentity(keys, trust);
    }
}
