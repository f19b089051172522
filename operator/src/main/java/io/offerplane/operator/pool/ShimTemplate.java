package io.offerplane.operator.pool;

/**
 * What all shims have in common.
 *
 * @param linkAddress host and port of the leader's link
 * @param linkSecret with ca.crt, tls.crt and tls.key
 * @param audience that tokens are issued for
 */
public record ShimTemplate(
        String namespace,
        String instance,
        String version,
        String image,
        String pullPolicy,
        String serviceAccount,
        String linkAddress,
        String linkSecret,
        String audience) {}
