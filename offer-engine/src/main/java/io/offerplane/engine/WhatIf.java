package io.offerplane.engine;

import java.util.Objects;

/**
 * What an engine knew at one moment, to try changes on: the engine itself never changes by it, and need not wait for it. For use by one
 * thread at a time, which may be any.
 */
public final class WhatIf {
    private final EngineConfig config;
    private final EngineSnapshot snapshot;

    public WhatIf(EngineConfig config, EngineSnapshot snapshot) {
        this.config = Objects.requireNonNull(config, "config");
        this.snapshot = Objects.requireNonNull(snapshot, "snapshot");
    }

    /**
     * What a cycle would share out otherwise if one thing were different. Two copies are made, on both of which all that is on offer comes
     * back, on one of which the change is made, and on both of which one cycle runs.
     *
     * @param change any command that could be applied now
     */
    public WhatIfReport report(Command change) {
        OfferEngine changed = OfferEngine.restore(config, snapshot);
        Decision.Answer answer = changed.apply(change).answer();
        WhatIfReport.Round asItIs = OfferEngine.restore(config, snapshot).shareAfresh(change.at());
        return answer instanceof Decision.Answer.Refused
                ? WhatIfReport.of(answer, asItIs, asItIs)
                : WhatIfReport.of(answer, asItIs, changed.shareAfresh(change.at()));
    }
}
