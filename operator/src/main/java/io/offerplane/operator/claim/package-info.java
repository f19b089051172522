/**
 * The pod that books a node's share with Kubernetes: how large it should be, how it is made, and what was granted. Sizes are
 * decided by pure functions; nothing here talks to the API server.
 *
 * <p>Start at {@link io.offerplane.operator.claim.ClaimSizer}.
 */
@NullMarked
package io.offerplane.operator.claim;

import org.jspecify.annotations.NullMarked;
