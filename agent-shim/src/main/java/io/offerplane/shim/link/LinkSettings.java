package io.offerplane.shim.link;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How to reach the leader.
 *
 * @param host of the link Service
 * @param port of the link Service
 * @param certificateAuthority PEM file; whoever it signed as {@code offerplane-link} is believed to be the leader
 * @param certificate PEM file that proves us to be a shim
 * @param key PEM file, its private key
 * @param token file of the projected service account token, which names our node; read anew for each connection
 * @param reportInterval between two node reports
 */
public record LinkSettings(
        String host,
        int port,
        Path certificateAuthority,
        Path certificate,
        Path key,
        Path token,
        Duration reportInterval) {}
