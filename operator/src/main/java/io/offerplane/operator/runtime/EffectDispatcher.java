package io.offerplane.operator.runtime;

import io.offerplane.engine.Effect;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands each effect to whom it concerns: a framework's stream, an agent's link, and everyone who watches.
 *
 * <p>One receiver that fails loses that effect only; it is logged, and the others still get theirs. A lost message to a framework or
 * an agent is made up for by reconciliation, as if the wire had lost it.
 */
public final class EffectDispatcher implements EffectSink {
    private static final Logger LOG = LoggerFactory.getLogger(EffectDispatcher.class);

    private final List<Predicate<Effect.ToFramework>> ownFrameworks = new CopyOnWriteArrayList<>();
    private final List<Consumer<Effect.Notice>> watchers = new CopyOnWriteArrayList<>();
    private final List<Consumer<Effect>> observers = new CopyOnWriteArrayList<>();
    private volatile Consumer<Effect.ToFramework> otherFrameworks = effect -> {};
    private volatile Consumer<Effect.ToAgent> agents = effect -> {};
    private volatile boolean open = true;

    /** Offers messages to frameworks to {@code taker} first, which answers whether it took them: a framework within the process. */
    public void routeOwnFramework(Predicate<Effect.ToFramework> taker) {
        ownFrameworks.add(taker);
    }

    /** Where messages to all other frameworks go. */
    public void routeOtherFrameworks(Consumer<Effect.ToFramework> streams) {
        otherFrameworks = streams;
    }

    public void routeAgents(Consumer<Effect.ToAgent> links) {
        agents = links;
    }

    public void watch(Consumer<Effect.Notice> watcher) {
        watchers.add(watcher);
    }

    /** Sees every effect after it went out; for counting. */
    public void observe(Consumer<Effect> observer) {
        observers.add(observer);
    }

    /** From now on nothing leaves: this process may not speak as the leader any more. Callable from any thread. */
    public void fence() {
        open = false;
    }

    @Override
    public void accept(List<Effect> effects) {
        for (Effect effect : effects) {
            if (!open) {
                return;
            }
            try {
                switch (effect) {
                    case Effect.ToFramework toFramework -> toFramework(toFramework);
                    case Effect.ToAgent toAgent -> agents.accept(toAgent);
                    case Effect.Notice notice -> watchers.forEach(watcher -> watcher.accept(notice));
                }
                observers.forEach(observer -> observer.accept(effect));
            } catch (RuntimeException failed) {
                LOG.atError()
                        .setCause(failed)
                        .addKeyValue("effect", effect.getClass().getSimpleName())
                        .log("An effect could not be handed on; whom it concerned learns of it by reconciliation");
            }
        }
    }

    private void toFramework(Effect.ToFramework effect) {
        for (Predicate<Effect.ToFramework> own : ownFrameworks) {
            if (own.test(effect)) {
                return;
            }
        }
        otherFrameworks.accept(effect);
    }
}
