package io.offerplane.engine.agent;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the pool and the node say of an agent, apart from its amounts.
 *
 * @param hostname the name that frameworks reach the node by; tools expect the agent's HTTP port behind it
 * @param ip the node's address in text form
 * @param port the agent's HTTP port, 1 to 65535, as a rule 5051
 * @param node the Kubernetes node
 * @param pool the AgentPool that claims from the node
 * @param attributes in the order of the pool; several may share a name, then the first counts
 * @param version of the shim, dotted
 */
public record AgentSpec(
        String hostname,
        String ip,
        int port,
        String node,
        String pool,
        List<Attribute> attributes,
        Optional<FaultDomain> faultDomain,
        String version) {
    public AgentSpec {
        Objects.requireNonNull(hostname, "hostname");
        Objects.requireNonNull(ip, "ip");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(pool, "pool");
        attributes = List.copyOf(attributes);
        Objects.requireNonNull(faultDomain, "faultDomain");
        Objects.requireNonNull(version, "version");
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }
}
