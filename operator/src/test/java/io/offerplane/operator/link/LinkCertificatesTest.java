package io.offerplane.operator.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LinkCertificatesTest {
    private static final Duration LIFETIME = Duration.ofDays(90);

    private final InMemorySecrets secrets = new InMemorySecrets();
    private final LinkCertificates certificates = new LinkCertificates(secrets, "offerplane", LIFETIME, false);
    private final Instant start = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void threeSecretsAreMadeOnceAndThenLeftAlone() {
        certificates.ensure(start);
        certificates.ensure(start.plus(Duration.ofDays(59)));

        assertThat(secrets.content.keySet())
                .containsExactly("offerplane-link-ca", "offerplane-link-server", "offerplane-link-shim");
        assertThat(secrets.writes).isEqualTo(3);
    }

    @Test
    void shimsSecretHoldsNoKeyThatCouldIssueOrServe() throws Exception {
        certificates.ensure(start);

        Map<String, byte[]> shim = secrets.content.get("offerplane-link-shim");
        X509Certificate certificate = Pem.readCertificates(shim.get("tls.crt"))[0];
        assertThat(shim.keySet()).containsExactlyInAnyOrder("ca.crt", "tls.crt", "tls.key");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        certificate.verify(Pem.readCertificates(shim.get("ca.crt"))[0].getPublicKey());
    }

    @Test
    void headsCertificateCallsAndServesButNotInTheLeadersName() throws Exception {
        new LinkCertificates(secrets, "offerplane", LIFETIME, true).ensure(start);

        X509Certificate certificate =
                Pem.readCertificates(secrets.content.get("offerplane-link-head").get("tls.crt"))[0];
        assertThat(certificate.getExtendedKeyUsage())
                .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        List<String> names = certificate.getSubjectAlternativeNames().stream()
                .map(name -> name.get(1).toString())
                .toList();
        assertThat(names).containsExactly("offerplane-yarn-head");
    }

    @Test
    void certificatesAreRenewedAfterTwoThirdsOfTheirLife() {
        TlsIdentity before = certificates.ensure(start);

        TlsIdentity after = certificates.ensure(start.plus(Duration.ofDays(61)));

        assertThat(after.chain()[0]).isNotEqualTo(before.chain()[0]);
        assertThat(after.authorities()).isEqualTo(before.authorities());
    }

    @Test
    void replacedAuthorityIsStillBelieved() {
        TlsIdentity before = certificates.ensure(start);

        TlsIdentity after = certificates.ensure(start.plus(LIFETIME.multipliedBy(14)));

        assertThat(after.authorities()).hasSize(2).contains(before.authorities()[0]);
        assertThat(after.authorities()[0]).isNotEqualTo(before.authorities()[0]);
    }

    @Test
    void brokenOrDeletedSecretIsMadeAnew() throws Exception {
        TlsIdentity before = certificates.ensure(start);
        secrets.content.remove("offerplane-link-shim");
        secrets.content.put(
                "offerplane-link-server",
                Map.of("ca.crt", new byte[] {1}, "tls.crt", new byte[] {2}, "tls.key", new byte[] {3}));

        TlsIdentity after = certificates.ensure(start);

        assertThat(after.chain()[0]).isNotEqualTo(before.chain()[0]);
        after.chain()[0].verify(before.authorities()[0].getPublicKey());
        assertThat(secrets.content).containsKey("offerplane-link-shim");
    }
}
