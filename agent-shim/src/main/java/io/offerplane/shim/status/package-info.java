/**
 * Status updates on their way to frameworks: one first-in-first-out stream per task, durable before it is sent, the first
 * unacknowledged update alone in flight, repeated until the framework has acknowledged it. What an update says is decided in
 * {@code io.offerplane.shim.task}; how it travels, in {@code io.offerplane.shim.link}.
 */
@NullMarked
package io.offerplane.shim.status;

import org.jspecify.annotations.NullMarked;
