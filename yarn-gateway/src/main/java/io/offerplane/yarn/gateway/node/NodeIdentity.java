package io.offerplane.yarn.gateway.node;

import io.grpc.Context;

/**
 * Who calls the head's node server: Kubernetes itself has said so of the caller's token.
 *
 * @param node the Kubernetes Node's name
 */
public record NodeIdentity(String node) {
    /** Set for every call that the node server has let in, and only for those. */
    public static final Context.Key<NodeIdentity> KEY = Context.key("offerplane-yarn-node");

    public NodeIdentity {
        if (node.isEmpty()) {
            throw new IllegalArgumentException("node: empty (expected: a Kubernetes Node's name)");
        }
    }
}
