package io.offerplane.mesos;

import io.offerplane.mesos.http.HttpLimits;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Settings of the gateway.
 *
 * @param bindAddress the address to listen on
 * @param port 0 for any free one
 * @param advertisedHostname what clients are told to reach this replica by
 * @param advertisedIp the same as an IPv4 address
 * @param advertisedPort the same; 0 for the port that is listened on
 * @param streamBufferBytes what may wait in one stream for its client to read before it is closed
 * @param heartbeatInterval Mesos' is 15 seconds, and clients are told the interval
 * @param eventLoops threads that serve connections
 * @param renderers threads that make the big answers of state endpoints
 * @param connectionNumbers gives each stream a number that no stream of this process had before; ascending
 * @param clusterName shown in state
 * @param flags shown by {@code /flags} and in state, by name
 * @param quotas who sets quotas
 */
public record GatewayConfig(
        String bindAddress,
        int port,
        String advertisedHostname,
        String advertisedIp,
        int advertisedPort,
        int streamBufferBytes,
        Duration heartbeatInterval,
        int eventLoops,
        int renderers,
        LongSupplier connectionNumbers,
        Credentials credentials,
        HttpLimits limits,
        Optional<String> clusterName,
        Map<String, String> flags,
        QuotaAuthority quotas) {
    /** Who sets quotas; everybody may see them. */
    public enum QuotaAuthority {
        /** Clients of this master, by {@code /quota} and the operator API; as long as this master lives. */
        CLIENTS,
        /** Queue objects, which outlive masters; what clients would set is refused. */
        QUEUES
    }

    /** The Mesos release whose behaviour is offered, as clients compare it. */
    public static final String MESOS_VERSION = "1.11.0";

    public static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(15);

    public static final int STREAM_BUFFER_BYTES = 8 * 1024 * 1024;

    public GatewayConfig {
        flags = Map.copyOf(flags);
        if (streamBufferBytes < 64 * 1024) {
            throw new IllegalArgumentException(
                    "streamBufferBytes: " + streamBufferBytes + " (expected: 65536 or more)");
        }
    }

    /** The usual settings of a master that stands alone, open to everybody. */
    public static GatewayConfig of(String bindAddress, int port, String advertisedIp, LongSupplier connectionNumbers) {
        return new GatewayConfig(
                bindAddress,
                port,
                advertisedIp,
                advertisedIp,
                0,
                STREAM_BUFFER_BYTES,
                HEARTBEAT_INTERVAL,
                2,
                2,
                connectionNumbers,
                Credentials.NONE,
                HttpLimits.DEFAULT,
                Optional.empty(),
                Map.of(),
                QuotaAuthority.CLIENTS);
    }

    public GatewayConfig withQuotas(QuotaAuthority authority) {
        return new GatewayConfig(
                bindAddress,
                port,
                advertisedHostname,
                advertisedIp,
                advertisedPort,
                streamBufferBytes,
                heartbeatInterval,
                eventLoops,
                renderers,
                connectionNumbers,
                credentials,
                limits,
                clusterName,
                flags,
                authority);
    }
}
