/** RecordIO: Mesos' framing of event streams, a decimal length, a line feed and that many bytes. */
@NullMarked
package io.offerplane.protocol.recordio;

import org.jspecify.annotations.NullMarked;
