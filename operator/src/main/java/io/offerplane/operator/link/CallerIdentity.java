package io.offerplane.operator.link;

/** Decides from a bearer token whether its bearer may call, and on which node it is. Blocks while it asks Kubernetes. */
public interface CallerIdentity {
    /** @throws Refused when the token does not prove a caller of this kind, or can't be checked now */
    String nodeOf(String token) throws Refused;

    /** The caller is not let in. */
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
