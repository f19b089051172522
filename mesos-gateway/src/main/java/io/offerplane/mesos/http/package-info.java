/**
 * HTTP/1.1 as libprocess speaks it, on Netty: routing by longest prefix with the master as the default process, limits on
 * everything that a client sends, pipelined answers in order, and streams of RecordIO records with bounded buffers.
 *
 * <p>Knows nothing of Mesos' calls. Handlers run on the connection's event loop and must not block. Start at {@link
 * io.offerplane.mesos.http.ConnectionHandler} and {@link io.offerplane.mesos.http.Exchange}.
 */
@NullMarked
package io.offerplane.mesos.http;

import org.jspecify.annotations.NullMarked;
