/**
 * How controllers tell people what they see: conditions, amounts in Kubernetes' words, throttled status writes, events. Decides
 * nothing about any kind.
 *
 * <p>Start at {@link io.offerplane.operator.status.StatusWriter}.
 */
@NullMarked
package io.offerplane.operator.status;

import org.jspecify.annotations.NullMarked;
