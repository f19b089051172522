/**
 * Commands, decisions and snapshots as bytes: the same bytes for the same values on any JVM, so that a run can be recorded, replayed
 * elsewhere and compared. The only place of the engine that reflects. Start at {@link io.offerplane.engine.recording.ValueCodec}.
 */
@NullMarked
package io.offerplane.engine.recording;

import org.jspecify.annotations.NullMarked;
