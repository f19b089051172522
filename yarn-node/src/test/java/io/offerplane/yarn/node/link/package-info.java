/** The node's end of the link to the head. */
@NullMarked
package io.offerplane.yarn.node.link;

import org.jspecify.annotations.NullMarked;
