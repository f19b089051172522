/**
 * Looking into running tasks: their checks, which report, and their health checks, which judge.
 *
 * <p>{@link io.offerplane.shim.check.CheckRounds} goes on for as long as a task runs; {@link io.offerplane.shim.check.HealthJudge}
 * decides and knows no clock. Knows neither updates nor how containers are run.
 */
@NullMarked
package io.offerplane.shim.check;

import org.jspecify.annotations.NullMarked;
