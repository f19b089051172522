/**
 * Mesos' own JSON form of its protobuf messages, which is not protobuf's: names as in the proto, defaults printed, 64-bit
 * integers as numbers, lenient reading.
 *
 * <p>Driven by descriptors, so it serves every message of {@code org.apache.mesos}; nothing here knows what a message means.
 * Start at {@link io.offerplane.protocol.mesos.MesosJsonReader} and {@link io.offerplane.protocol.mesos.MesosJsonWriter}.
 */
@NullMarked
package io.offerplane.protocol.mesos;

import org.jspecify.annotations.NullMarked;
