/**
 * What tools read of a master: state, agents, frameworks, tasks, roles, metrics, in Mesos' old JSON shapes, and the operator API.
 *
 * <p>Made from the engine's view alone. Start at {@link io.offerplane.mesos.master.MasterEndpoints}.
 */
@NullMarked
package io.offerplane.mesos.master;

import org.jspecify.annotations.NullMarked;
