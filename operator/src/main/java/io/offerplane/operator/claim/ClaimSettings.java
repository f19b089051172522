package io.offerplane.operator.claim;

import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import org.jspecify.annotations.Nullable;

/** A pool's claim settings as amounts. The schema's defaults are repeated for objects that were never through the API server. */
public final class ClaimSettings {
    private static final Amount DEFAULT_MIN = new Amount(100, 128L << 20);
    /** As in the schema: what an operator's pod requests by the chart's default. */
    private static final Amount DEFAULT_KEEP_FREE = new Amount(250, 384L << 20);

    private static final Amount WITHOUT_BOUND = new Amount(Long.MAX_VALUE / 4, Long.MAX_VALUE / 4);

    private ClaimSettings() {}

    public static ClaimSizer.Settings of(AgentPoolSpec pool) {
        AgentPoolSpec.@Nullable ClaimSettings claim = pool.claim();
        if (claim == null) {
            return new ClaimSizer.Settings(DEFAULT_MIN, WITHOUT_BOUND, DEFAULT_KEEP_FREE);
        }
        return new ClaimSizer.Settings(
                Amount.of(claim.min(), DEFAULT_MIN),
                Amount.of(claim.max(), WITHOUT_BOUND),
                Amount.of(claim.keepFree(), DEFAULT_KEEP_FREE));
    }

    /** Whether idle claim goes back while pods wait for room. */
    public static boolean givesBack(AgentPoolSpec pool) {
        return pool.claim() == null || pool.claim().giveBack() != AgentPoolSpec.GiveBack.NEVER;
    }
}
