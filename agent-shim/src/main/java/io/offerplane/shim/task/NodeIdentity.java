package io.offerplane.shim.task;

import io.offerplane.shim.image.ContainerBases;
import io.offerplane.shim.isolator.Isolators;
import java.util.OptionalLong;

/**
 * What this node is, to its tasks.
 *
 * @param agentId given by the leader
 * @param ip address that frameworks reach the node by
 * @param httpPort of the shim's HTTP server
 * @param bases what containers stand on
 * @param hardCpu whether a task's cpus are also a ceiling
 * @param pids how many processes and threads a task may have; absent means no limit
 * @param isolators what it does for what tasks ask of their containers
 */
public record NodeIdentity(
        String agentId,
        String ip,
        int httpPort,
        ContainerBases bases,
        boolean hardCpu,
        OptionalLong pids,
        Isolators isolators) {}
