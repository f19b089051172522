/**
 * The head's end of the link to the leader, whose engine decides. No type of Hadoop's stands here. Start at
 * {@link io.offerplane.yarn.gateway.link.LinkedAllocator}.
 */
@NullMarked
package io.offerplane.yarn.gateway.link;

import org.jspecify.annotations.NullMarked;
