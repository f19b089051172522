/**
 * YARN's head: Hadoop's own ResourceManager with a scheduler that decides nothing. Applications' requests go to an
 * {@link io.offerplane.yarn.gateway.allocation.Allocator}, its grants become containers. Start at
 * {@link io.offerplane.yarn.gateway.YarnHead}.
 */
@NullMarked
package io.offerplane.yarn.gateway;

import org.jspecify.annotations.NullMarked;
