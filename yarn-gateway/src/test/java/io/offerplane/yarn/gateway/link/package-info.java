/** The head's end of the link to the leader. */
@NullMarked
package io.offerplane.yarn.gateway.link;

import org.jspecify.annotations.NullMarked;
