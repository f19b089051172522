/** Tests of {@code io.offerplane.shim.cgroup}. */
package io.offerplane.shim.cgroup;
