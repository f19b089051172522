/**
 * The client's end of the shim's local container API, and its framing, which both ends have. Free of gRPC and Netty, as a client may live beside
 * another version of them.
 */
@NullMarked
package io.offerplane.protocol.container;

import org.jspecify.annotations.NullMarked;
