package io.offerplane.e2e.cluster;

/** There is no cluster to test on; the message says what is missing and what would put it right. */
public final class ClusterUnavailable extends RuntimeException {
    public ClusterUnavailable(String message) {
        super(message);
    }

    public ClusterUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
