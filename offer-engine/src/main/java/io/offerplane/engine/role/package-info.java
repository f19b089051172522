/** Role paths: the names of the nodes of the queue tree. */
@NullMarked
package io.offerplane.engine.role;

import org.jspecify.annotations.NullMarked;
