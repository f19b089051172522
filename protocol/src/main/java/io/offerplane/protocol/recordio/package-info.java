/**
 * RecordIO, the framing of every Mesos event stream: decimal length, line feed, that many bytes.
 *
 * <p>Framing only: what the bytes mean is the business of {@link io.offerplane.protocol.mesos}. Start at {@link
 * io.offerplane.protocol.recordio.RecordIoDecoder}.
 */
@NullMarked
package io.offerplane.protocol.recordio;

import org.jspecify.annotations.NullMarked;
