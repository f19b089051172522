package io.offerplane.yarn.gateway.node;

/** Decides from a bearer token which node is calling. Blocks while it asks Kubernetes. */
public interface NodeTokens {
    /** @throws Refused when the token proves no node, or can't be checked now */
    NodeIdentity nodeOf(String token) throws Refused;

    /** The caller may not speak for any node. */
    final class Refused extends Exception {
        private final boolean transitory;

        /** @param transitory whether the same token may do later: Kubernetes could not be asked */
        public Refused(String message, boolean transitory) {
            super(message);
            this.transitory = transitory;
        }

        public boolean isTransitory() {
            return transitory;
        }
    }
}
