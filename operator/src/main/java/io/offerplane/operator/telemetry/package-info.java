/**
 * What the operator tells of itself: metrics in Prometheus' text form, probes for the kubelet, one JSON object per log line.
 *
 * <p>Start at {@link io.offerplane.operator.telemetry.TelemetryServer}. Reads what others hand it; decides nothing.
 */
@NullMarked
package io.offerplane.operator.telemetry;

import org.jspecify.annotations.NullMarked;
