/**
 * The connection to the leader: gRPC over mutual TLS, one stream, made again for ever. What the messages mean is others' matter;
 * here they are only carried, and refused when they come from an older term. Start at {@link io.offerplane.shim.link.LinkSession}.
 */
@NullMarked
package io.offerplane.shim.link;

import org.jspecify.annotations.NullMarked;
