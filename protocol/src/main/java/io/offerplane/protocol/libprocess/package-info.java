/**
 * Mesos' v0 wire, libprocess: every message is an HTTP request on a connection of the sender's, and is answered, if at all, by a
 * message of the other side's own.
 *
 * <p>Framing and links only. {@link io.offerplane.protocol.libprocess.Upid} names a process, {@link
 * io.offerplane.protocol.libprocess.LibprocessMessage} is what is sent to one, {@link
 * io.offerplane.protocol.libprocess.LibprocessLink} carries it there, and {@link
 * io.offerplane.protocol.libprocess.LibprocessRequest} tells a receiver which requests are messages.
 */
@NullMarked
package io.offerplane.protocol.libprocess;

import org.jspecify.annotations.NullMarked;
