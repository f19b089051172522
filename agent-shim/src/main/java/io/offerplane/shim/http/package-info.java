/**
 * Mesos' agent endpoints for those who look: state, sandboxes, statistics, metrics. Read-only. Tools hard-code the port and the
 * prefix {@code /slave(1)}. Start at {@link io.offerplane.shim.http.AgentHttpServer}.
 */
@NullMarked
package io.offerplane.shim.http;

import org.jspecify.annotations.NullMarked;
