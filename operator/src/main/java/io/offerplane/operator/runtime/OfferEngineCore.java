package io.offerplane.operator.runtime;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.Optional;

/** The real engine as the loop takes it. */
public record OfferEngineCore(OfferEngine engine) implements EngineCore {
    @Override
    public Decision apply(Command command) {
        return engine.apply(command);
    }

    @Override
    public EngineView view(Instant at) {
        return engine.view(at);
    }

    @Override
    public WhatIf whatIf() {
        return engine.whatIf();
    }

    @Override
    public Optional<Instant> nextDue() {
        return engine.nextDue();
    }
}
