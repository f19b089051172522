package io.offerplane.operator.runtime;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The gate for those who outlive a term, such as the gateway: leads to the loop of the term that runs, and takes nothing while there
 * is none.
 */
public final class TermGate implements EngineGate {
    private final InstantSource clock;
    private volatile @Nullable EngineGate term;

    public TermGate(InstantSource clock) {
        this.clock = clock;
    }

    /** Lets commands through to the loop of this term. */
    public void open(EngineGate loop) {
        term = loop;
    }

    /** From now on every sender is told "busy". */
    public void shut() {
        term = null;
    }

    public boolean isOpen() {
        return term != null;
    }

    @Override
    public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
        EngineGate open = term;
        return open != null && open.submit(command, onAnswer);
    }

    @Override
    public boolean whatIf(Consumer<WhatIf> onTaken) {
        EngineGate open = term;
        return open != null && open.whatIf(onTaken);
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public EngineView view() {
        EngineGate open = term;
        return open == null
                ? new EngineView(clock.instant(), List.of(), List.of(), List.of(), List.of(), List.of())
                : open.view();
    }
}
