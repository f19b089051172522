/**
 * Containers that are started within running ones, by executors and operators through the agent's v1 API: nested containers, and sessions
 * that join a container. HTTP stays outside. Start reading at {@link io.offerplane.shim.nested.NestedContainers}.
 */
@NullMarked
package io.offerplane.shim.nested;

import org.jspecify.annotations.NullMarked;
