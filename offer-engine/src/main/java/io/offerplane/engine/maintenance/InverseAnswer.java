package io.offerplane.engine.maintenance;

import io.offerplane.engine.framework.FrameworkId;
import java.time.Instant;

/**
 * What a framework last answered to the inverse offers of an agent; Mesos {@code InverseOfferStatus}.
 *
 * @param accepted whether it will have left by then, as far as it can
 */
public record InverseAnswer(FrameworkId frameworkId, boolean accepted, Instant at) {}
