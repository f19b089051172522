/**
 * Images of tasks and executors: their names, how they are pulled, where their layers lie, and what their configuration makes of a
 * command. It knows no tasks, and runs no containers.
 */
@NullMarked
package io.offerplane.shim.image;

import org.jspecify.annotations.NullMarked;
