package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;

/** What terms and quotas let somebody have in the course of one cycle. */
interface Allowance {
    /** What of it the subscription may have. */
    Resources of(Subscription subscription, Resources available);

    /** It has got some. */
    void took(Subscription subscription, Resources resources);
}
