package io.offerplane.mesos;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import org.apache.mesos.v1.Protos;

/**
 * This replica as a Mesos master.
 *
 * @param ip an IPv4 address in text form
 * @param started when the process began to serve
 * @param elected when its term of leadership began
 */
public record MasterIdentity(String id, String hostname, String ip, int port, Instant started, Instant elected) {
    /** The libprocess address: what old clients call the master by. */
    public String pid() {
        return "master@" + ip + ":" + port;
    }

    /** As clients learn it when they subscribe. */
    public Protos.MasterInfo toProto() {
        return Protos.MasterInfo.newBuilder()
                .setId(id)
                .setIp(ipNumber())
                .setPort(port)
                .setPid(pid())
                .setHostname(hostname)
                .setVersion(GatewayConfig.MESOS_VERSION)
                .setAddress(Protos.Address.newBuilder()
                        .setHostname(hostname)
                        .setIp(ip)
                        .setPort(port))
                .addCapabilities(Protos.MasterInfo.Capability.newBuilder()
                        .setType(Protos.MasterInfo.Capability.Type.AGENT_UPDATE))
                .addCapabilities(Protos.MasterInfo.Capability.newBuilder()
                        .setType(Protos.MasterInfo.Capability.Type.AGENT_DRAINING))
                .build();
    }

    /** The address' four bytes, in network order in memory, read by a little-endian machine: Mesos writes it that way. */
    private int ipNumber() {
        byte[] bytes = new byte[4];
        String[] parts = ip.split("\\.");
        if (parts.length == 4) {
            for (int i = 0; i < 4; i++) {
                bytes[i] = (byte) Integer.parseInt(parts[i]);
            }
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }
}
