package io.offerplane.engine.agent;

/** Where an agent stands: Mesos {@code DomainInfo.FaultDomain}, taken from the node's topology labels. */
public record FaultDomain(String region, String zone) {}
