/** Tests of metrics, probes and log lines. */
package io.offerplane.operator.telemetry;
