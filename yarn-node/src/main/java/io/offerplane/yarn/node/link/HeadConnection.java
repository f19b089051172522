package io.offerplane.yarn.node.link;

import io.grpc.Channel;
import java.io.IOException;

/** A way to the head. Thread-safe. */
public interface HeadConnection {
    /**
     * What the next call goes over, with all that proves who calls.
     *
     * @throws IOException when the proofs can't be read
     */
    Channel channel() throws IOException;

    /** A call did not get through: the next one is to try anew. */
    void broken();
}
