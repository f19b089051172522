package io.offerplane.operator.link;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * What one side of the link shows, and whom it believes.
 *
 * @param chain the own certificate first
 * @param key the own certificate's
 * @param authorities whose certificates are believed
 */
@SuppressWarnings("ArrayRecordComponent") // the JDK's and gRPC's TLS types take arrays; nobody compares identities
public record TlsIdentity(X509Certificate[] chain, PrivateKey key, X509Certificate[] authorities) {}
