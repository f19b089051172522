/** Values as bytes: round trips, damage, and the types that every codec must know. */
@NullMarked
package io.offerplane.engine.recording;

import org.jspecify.annotations.NullMarked;
