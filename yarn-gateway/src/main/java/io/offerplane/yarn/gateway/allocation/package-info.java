/**
 * What the head asks of whoever decides, and what it gets back, in words of its own: no type of Hadoop's stands here, so that a link
 * can carry it to another process. Start at {@link io.offerplane.yarn.gateway.allocation.Allocator}.
 */
@NullMarked
package io.offerplane.yarn.gateway.allocation;

import org.jspecify.annotations.NullMarked;
