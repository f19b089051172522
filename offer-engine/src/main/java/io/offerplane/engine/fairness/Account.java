package io.offerplane.engine.fairness;

import io.offerplane.engine.resource.ResourceQuantities;

/**
 * What a client holds, and how often it was chosen.
 *
 * @param allocations decides among equal shares
 */
public record Account(ResourceQuantities held, long allocations) {}
