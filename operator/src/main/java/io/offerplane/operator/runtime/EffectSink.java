package io.offerplane.operator.runtime;

import io.offerplane.engine.Effect;
import java.util.List;

/**
 * Where the loop hands the effects of each decision, in the order in which they are to happen. Called on the engine's thread
 * only; must not block.
 */
@FunctionalInterface
public interface EffectSink {
    void accept(List<Effect> effects);
}
