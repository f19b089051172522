package io.offerplane.shim.cgroup;

/**
 * The least that tells how busy a group is, with all groups below it: read often, so of few files.
 *
 * @param cpuNanos CPU time since the group began
 * @param workingSetBytes memory less the page cache that the kernel could drop at once, as the kubelet counts it
 */
public record GroupLoad(long cpuNanos, long workingSetBytes) {}
