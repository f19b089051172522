/**
 * What a container is started with: environment, script, and the one interface behind which processes are started. Nothing here knows
 * YARN's protocols.
 */
@NullMarked
package io.offerplane.yarn.node.launch;

import org.jspecify.annotations.NullMarked;
