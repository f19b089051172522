package io.offerplane.shim.oversubscription;

import io.offerplane.shim.cgroup.GroupLoad;

/**
 * One running container at one moment.
 *
 * @param containerId its id
 * @param acceptedAtMillis when its latest task was accepted, in milliseconds of the epoch
 * @param kept what it was given for good
 * @param lent what it was given until it is needed
 * @param load what the kernel has counted
 */
record Sample(String containerId, long acceptedAtMillis, Amount kept, Amount lent, GroupLoad load) {}
