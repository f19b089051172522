/**
 * Control groups of the node: finding the claim pod's group, and reading and ending what runs below it.
 *
 * <p>Creating a task's own group and writing its limits is the OCI runtime's work; this package prepares the group above
 * it, moves supervisors out of the shim's reach, and reads the kernel's figures. Everything is a path below a root that is
 * handed in, so that both versions are tested on temporary folders. Start at {@link io.offerplane.shim.cgroup.CgroupHierarchy}.
 */
@NullMarked
package io.offerplane.shim.cgroup;

import org.jspecify.annotations.NullMarked;
