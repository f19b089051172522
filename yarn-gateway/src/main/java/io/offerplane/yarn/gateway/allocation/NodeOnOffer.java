package io.offerplane.yarn.gateway.allocation;

/**
 * A node that can run containers.
 *
 * @param id host and port of its container protocol, {@code host:port}
 * @param host the name or address by which asks wish for it
 * @param agent the hostname of the agent on it, which may be another name for the host
 * @param rack the rack's path, {@code /default-rack}
 * @param total what it has in all
 */
public record NodeOnOffer(String id, String host, String agent, String rack, Amount total) {}
