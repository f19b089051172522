package io.offerplane.operator.runtime;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.Optional;

/**
 * What the loop needs of an engine. Only the loop's thread calls it.
 *
 * <p>An unchecked exception out of any method means that the engine's state can't be trusted any more: the term ends.
 */
public interface EngineCore {
    /** Applies the command and says what follows from it. */
    Decision apply(Command command);

    /** The whole state as a picture that others may keep. */
    EngineView view(Instant at);

    /** A copy of the state to try changes on; others may keep and use it. */
    WhatIf whatIf();

    /** When a {@link Command.Tick} next matters; in the past when one is waited for; empty when nothing is due. */
    Optional<Instant> nextDue();
}
