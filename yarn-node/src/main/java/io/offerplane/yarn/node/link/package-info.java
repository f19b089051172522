/**
 * How the node reaches the head: Hadoop's own messages over gRPC, with mutual TLS and a token. Start at
 * {@link io.offerplane.yarn.node.link.RemoteHead}.
 */
@NullMarked
package io.offerplane.yarn.node.link;

import org.jspecify.annotations.NullMarked;
