/**
 * The kind AgentPool: which nodes are offered, and what runs on each so that they can be: an Agent object, and the shim's DaemonSet.
 * Claims and registration are the agents' own business.
 *
 * <p>Start at {@link io.offerplane.operator.pool.AgentPoolReconciler}.
 */
@NullMarked
package io.offerplane.operator.pool;

import org.jspecify.annotations.NullMarked;
