package io.offerplane.engine;

import io.offerplane.engine.ask.AskRules;
import io.offerplane.engine.resource.ResourceQuantities;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of one term of leadership.
 *
 * @param termId what ids given out start with: Mesos' master id, new for every term
 * @param allocationInterval how long returned resources wait for the next cycle, and the least time a filter holds; Mesos'
 *     {@code --allocation_interval}
 * @param offerTimeout after which an unanswered offer is rescinded; empty for never
 * @param agentReregisterTimeout how long a disconnected or recovered agent may stay away before it is unreachable
 * @param minAllocatable an offer must hold at least one of these; Mesos' {@code --min_allocatable_resources}
 * @param region the region of the leader, which frameworks without REGION_AWARE are kept to; empty for no such rule
 * @param filterGpuAgents whether agents with gpus are hidden from frameworks without GPU_RESOURCES
 * @param completedTasksPerFramework how many ended tasks are remembered, newest first
 * @param completedFrameworks how many ended frameworks are remembered for state endpoints
 * @param askRules how asks are served
 * @param setAside how agents are set aside for those with big tasks
 * @param seed of the one random source, which shuffles agents
 * @param fairSharingExcluded names of scalars that count in nobody's share; Mesos' {@code --fair_sharing_excluded_resource_names}
 */
public record EngineConfig(
        String termId,
        Duration allocationInterval,
        Optional<Duration> offerTimeout,
        Duration agentReregisterTimeout,
        List<ResourceQuantities> minAllocatable,
        Optional<String> region,
        boolean filterGpuAgents,
        int completedTasksPerFramework,
        int completedFrameworks,
        AskRules askRules,
        SetAsideRules setAside,
        long seed,
        Set<String> fairSharingExcluded) {
    /** With asks and those with big tasks served as by default, and all resources in everybody's share. */
    public EngineConfig(
            String termId,
            Duration allocationInterval,
            Optional<Duration> offerTimeout,
            Duration agentReregisterTimeout,
            List<ResourceQuantities> minAllocatable,
            Optional<String> region,
            boolean filterGpuAgents,
            int completedTasksPerFramework,
            int completedFrameworks,
            long seed) {
        this(
                termId,
                allocationInterval,
                offerTimeout,
                agentReregisterTimeout,
                minAllocatable,
                region,
                filterGpuAgents,
                completedTasksPerFramework,
                completedFrameworks,
                AskRules.DEFAULT,
                SetAsideRules.DEFAULT,
                seed,
                Set.of());
    }

    public EngineConfig {
        Objects.requireNonNull(termId, "termId");
        Objects.requireNonNull(allocationInterval, "allocationInterval");
        Objects.requireNonNull(offerTimeout, "offerTimeout");
        Objects.requireNonNull(agentReregisterTimeout, "agentReregisterTimeout");
        minAllocatable = List.copyOf(minAllocatable);
        Objects.requireNonNull(region, "region");
        Objects.requireNonNull(askRules, "askRules");
        Objects.requireNonNull(setAside, "setAside");
        fairSharingExcluded = Set.copyOf(fairSharingExcluded);
    }
}
