package io.offerplane.shim.check;

import org.apache.mesos.v1.Protos.CommandInfo;

/** One way of looking at a task. Source: Mesos' {@code CheckInfo} and {@code HealthCheck}. */
public sealed interface Probe {

    /** A command in the task's container. */
    record Command(CommandInfo command) implements Probe {}

    /**
     * A request to the task.
     *
     * @param scheme {@code http} or {@code https}; nobody's certificate is verified
     * @param port where the task listens
     * @param path with its leading slash and its query; may be empty
     * @param version of the Internet protocol, for the loopback address of the task's network
     */
    record Http(String scheme, int port, String path, IpVersion version) implements Probe {}

    /**
     * A connection to the task.
     *
     * @param port where the task listens
     * @param version of the Internet protocol, for the loopback address of the task's network
     */
    record Tcp(int port, IpVersion version) implements Probe {}

    /** Of the Internet protocol. */
    enum IpVersion {
        V4("127.0.0.1"),
        V6("::1");

        private final String loopback;

        IpVersion(String loopback) {
            this.loopback = loopback;
        }

        /** Where a task listens that listens anywhere. */
        String loopback() {
            return loopback;
        }
    }
}
