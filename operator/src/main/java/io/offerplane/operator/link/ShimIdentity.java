package io.offerplane.operator.link;

/** Decides from a bearer token which node's shim is calling. Blocks while it asks Kubernetes. */
public interface ShimIdentity {
    /** @throws NotAShim when the token proves no shim, or can't be checked now */
    String nodeOf(String token) throws NotAShim;

    /** The caller may not speak for any node. */
    final class NotAShim extends Exception {
        private final boolean transitory;

        /** @param transitory whether the same token may do later: Kubernetes could not be asked */
        public NotAShim(String message, boolean transitory) {
            super(message);
            this.transitory = transitory;
        }

        public boolean isTransitory() {
            return transitory;
        }
    }
}
