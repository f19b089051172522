/**
 * The leader's end of the link to the agents' shims: a gRPC server with mutual TLS, the certificates for it, the check that a caller
 * is the shim of the node it names, and one session per agent.
 *
 * <p>Start at {@link io.offerplane.operator.link.AgentSessions}. Turns the link's messages into commands and effects into
 * messages; what follows from them is the engine's business. Kubernetes is reached through small ports only.
 */
@NullMarked
package io.offerplane.operator.link;

import org.jspecify.annotations.NullMarked;
