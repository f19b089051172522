/**
 * The local container API: programs on the node, such as YARN's node side, have containers started under the claim. They go the way of command
 * tasks, but their updates stay here: nobody upstream hears of them.
 */
@NullMarked
package io.offerplane.shim.local;

import org.jspecify.annotations.NullMarked;
