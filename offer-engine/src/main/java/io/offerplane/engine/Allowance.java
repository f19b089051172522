package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;

/** What terms and quotas let somebody have in the course of one cycle. */
interface Allowance {
    /** What of it the subscription may have, wherever it is. */
    Resources of(Subscription subscription, Resources available);

    /** What the subscription may have of what is available on the agent. */
    Resources of(Subscription subscription, Agent agent);

    /** It came first and there was nothing for it. */
    void passedOver(Subscription subscription);

    /** What it asks for is nowhere to be had, for now or as limits stand. */
    void unserved(Framework framework);

    /** It has got some. */
    void took(Subscription subscription, Agent agent, Resources resources);
}
