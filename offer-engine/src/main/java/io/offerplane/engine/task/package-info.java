/** Tasks: what was asked for, the states that they pass, and the updates that tell of them. */
@NullMarked
package io.offerplane.engine.task;

import org.jspecify.annotations.NullMarked;
