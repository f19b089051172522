/**
 * Where nodes reach the head: a gRPC server that lets a node's sidecar in by certificate and token, and says to the services behind it
 * which node calls. Nothing here decides who gets what. Start with {@link NodeIdentity}.
 */
@NullMarked
package io.offerplane.yarn.gateway.node;

import org.jspecify.annotations.NullMarked;
