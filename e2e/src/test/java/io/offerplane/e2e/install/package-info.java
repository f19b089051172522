/**
 * Offerplane as a user has it: the chart on a cluster, seen through kubectl, the Mesos port and the nodes' kernels.
 *
 * <p>Nothing here knows a client or a test. Start at {@link io.offerplane.e2e.install.OfferplaneInstallation}.
 */
@NullMarked
package io.offerplane.e2e.install;

import org.jspecify.annotations.NullMarked;
