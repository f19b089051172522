/**
 * The master's side of Mesos, so that frameworks stay unmodified: HTTP in, engine commands out, and effects back as events.
 *
 * <p>Keeps no state that decides anything: streams and counters only. Start at {@link io.offerplane.mesos.MesosGateway}.
 */
@NullMarked
package io.offerplane.mesos;

import org.jspecify.annotations.NullMarked;
