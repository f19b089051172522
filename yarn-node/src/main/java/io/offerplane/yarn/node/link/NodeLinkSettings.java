package io.offerplane.yarn.node.link;

import java.nio.file.Path;

/**
 * How to reach the head. The files are read again whenever a connection or call is made: certificates and tokens are renewed.
 *
 * @param host of the head
 * @param port of its link for nodes
 * @param certificateAuthority PEM; what the head's certificate must come from
 * @param certificate PEM; the node's own
 * @param key PEM; the certificate's
 * @param token of the service account, bound to this pod
 */
public record NodeLinkSettings(
        String host, int port, Path certificateAuthority, Path certificate, Path key, Path token) {}
