package io.offerplane.operator.link;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the link's Secrets: the authority ({@code offerplane-link-ca}), the leader's certificate ({@code offerplane-link-server}), the
 * shims' ({@code offerplane-link-shim}) and, where there is YARN, its head's ({@code offerplane-link-head}), each with {@code ca.crt},
 * {@code tls.crt} and {@code tls.key}. A certificate is replaced when two thirds of its life have passed, when it is missing or broken, or when it is not
 * of the present authority. An authority that is replaced is still believed until it ends, so that no link breaks over it.
 *
 * <p>Only the leader uses this. {@link #ensure} blocks, and is to be called at the start of a term and once in a while after it.
 */
public final class LinkCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(LinkCertificates.class);

    public static final String AUTHORITY_SECRET = "offerplane-link-ca";
    public static final String SERVER_SECRET = "offerplane-link-server";
    public static final String SHIM_SECRET = "offerplane-link-shim";
    public static final String HEAD_SECRET = "offerplane-link-head";

    /** What every server certificate is good for, whichever way the shim came. */
    public static final String SERVER_NAME = "offerplane-link";

    /** The common name of the shims' certificate. */
    public static final String SHIM_NAME = "offerplane-shim";

    /** The common name of the certificate of YARN's head, and what nodes call the head, whichever way they came. */
    public static final String HEAD_NAME = "offerplane-yarn-head";

    private static final String CA = "ca.crt";
    private static final String CERTIFICATE = "tls.crt";
    private static final String KEY = "tls.key";

    /** An authority outlives many certificates. */
    private static final int AUTHORITY_LIVES = 20;

    private final SecretStore secrets;
    private final String namespace;
    private final Duration lifetime;
    private final boolean forHead;

    /**
     * @param lifetime of a certificate that is not the authority's
     * @param forHead whether YARN's head gets one
     */
    public LinkCertificates(SecretStore secrets, String namespace, Duration lifetime, boolean forHead) {
        this.secrets = secrets;
        this.namespace = namespace;
        this.lifetime = lifetime;
        this.forHead = forHead;
    }

    /** Makes and renews what has to be, and gives what the leader is to show. */
    public TlsIdentity ensure(Instant now) {
        Held authority = ensureAuthority(now);
        CertificateAuthority issuer = new CertificateAuthority(authority.certificate(), authority.key());
        Held server = ensureIssued(
                SERVER_SECRET,
                issuer,
                authority.believed(),
                "offerplane-link",
                List.of(
                        SERVER_NAME,
                        SERVER_NAME + "." + namespace,
                        SERVER_NAME + "." + namespace + ".svc",
                        SERVER_NAME + "." + namespace + ".svc.cluster.local"),
                CertificateAuthority.Purpose.SERVER,
                now);
        var _ = ensureIssued(
                SHIM_SECRET,
                issuer,
                authority.believed(),
                SHIM_NAME,
                List.of(),
                CertificateAuthority.Purpose.CLIENT,
                now);
        if (forHead) {
            var _ = ensureIssued(
                    HEAD_SECRET,
                    issuer,
                    authority.believed(),
                    HEAD_NAME,
                    List.of(HEAD_NAME),
                    CertificateAuthority.Purpose.SERVER_AND_CLIENT,
                    now);
        }
        return new TlsIdentity(
                new X509Certificate[] {server.certificate()},
                server.key(),
                authority.believed().toArray(X509Certificate[]::new));
    }

    /** A Secret's content that could be read. */
    private record Held(X509Certificate certificate, PrivateKey key, List<X509Certificate> believed) {}

    private Held ensureAuthority(Instant now) {
        Optional<Held> held = read(AUTHORITY_SECRET);
        if (held.isPresent() && !isAged(held.get().certificate(), now)) {
            return held.get();
        }
        CertificateAuthority made = CertificateAuthority.create(now, lifetime.multipliedBy(AUTHORITY_LIVES));
        List<X509Certificate> believed = new ArrayList<>();
        believed.add(made.certificate());
        held.ifPresent(old -> old.believed().stream()
                .filter(certificate -> certificate.getNotAfter().toInstant().isAfter(now))
                .forEach(believed::add));
        Held next = new Held(made.certificate(), made.key(), List.copyOf(believed));
        write(AUTHORITY_SECRET, next);
        return next;
    }

    private Held ensureIssued(
            String secret,
            CertificateAuthority issuer,
            List<X509Certificate> believed,
            String commonName,
            List<String> dnsNames,
            CertificateAuthority.Purpose purpose,
            Instant now) {
        Optional<Held> held = read(secret);
        if (held.isPresent()
                && !isAged(held.get().certificate(), now)
                && isOf(held.get().certificate(), issuer.certificate())
                && held.get().believed().equals(believed)) {
            return held.get();
        }
        CertificateAuthority.Issued issued = issuer.issue(commonName, dnsNames, purpose, now, lifetime);
        Held next = new Held(issued.certificate(), issued.key(), believed);
        write(secret, next);
        return next;
    }

    private Optional<Held> read(String secret) {
        Optional<Map<String, byte[]>> content = secrets.read(secret);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        byte @Nullable [] authorities = content.get().get(CA);
        byte @Nullable [] certificate = content.get().get(CERTIFICATE);
        byte @Nullable [] key = content.get().get(KEY);
        try {
            if (authorities != null && certificate != null && key != null) {
                X509Certificate[] chain = Pem.readCertificates(certificate);
                if (chain.length > 0) {
                    return Optional.of(
                            new Held(chain[0], Pem.readKey(key), Arrays.asList(Pem.readCertificates(authorities))));
                }
            }
        } catch (GeneralSecurityException broken) {
            LOG.atWarn()
                    .setCause(broken)
                    .addKeyValue("secret", secret)
                    .log("A Secret of the link can't be read; it is made anew");
            return Optional.empty();
        }
        LOG.atWarn().addKeyValue("secret", secret).log("A Secret of the link is incomplete; it is made anew");
        return Optional.empty();
    }

    private void write(String secret, Held held) {
        secrets.write(
                secret,
                Map.of(
                        CA, Pem.certificates(held.believed().toArray(X509Certificate[]::new)),
                        CERTIFICATE, Pem.certificates(held.certificate()),
                        KEY, Pem.key(held.key())));
        LOG.atInfo()
                .addKeyValue("secret", secret)
                .addKeyValue("until", held.certificate().getNotAfter().toInstant())
                .log("A certificate of the link has been issued");
    }

    private static boolean isAged(X509Certificate certificate, Instant now) {
        Instant from = certificate.getNotBefore().toInstant();
        Duration life = Duration.between(from, certificate.getNotAfter().toInstant());
        return now.isBefore(from)
                || !now.isBefore(from.plus(life.multipliedBy(2).dividedBy(3)));
    }

    private static boolean isOf(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException notOf) {
            return false;
        }
    }
}
