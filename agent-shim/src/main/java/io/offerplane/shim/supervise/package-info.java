/**
 * Running containers so that they outlive the shim: conmon over crun, started by a small resident spawner that sits in the
 * claim pod's control group.
 *
 * <p>{@link io.offerplane.shim.supervise.ConmonRuntime} is the entry. The spawner exists because a process joining a control
 * group pays for a global lock, and because the shim's own group dies with the shim's pod.
 */
@NullMarked
package io.offerplane.shim.supervise;

import org.jspecify.annotations.NullMarked;
