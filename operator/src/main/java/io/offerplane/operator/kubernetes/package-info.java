/**
 * Kubernetes behind the ports of the runtime: the lease, the leader's label. Blocking calls through the client, and nothing that
 * decides.
 */
@NullMarked
package io.offerplane.operator.kubernetes;

import org.jspecify.annotations.NullMarked;
