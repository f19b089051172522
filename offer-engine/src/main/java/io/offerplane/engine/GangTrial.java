package io.offerplane.engine;

import io.offerplane.engine.AskMatching.Match;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.TaskId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether all containers of a gang find a place at the same time. Nothing is granted by it. */
final class GangTrial {
    private final AskMatching matching;
    private final Application application;
    private final List<PendingAsk> asks = new ArrayList<>();

    /** What the trial has taken so far, by agents. Asked for single agents only. */
    private final Map<Agent, ResourceQuantities> taken = new HashMap<>();

    private Resources takenInAll = Resources.EMPTY;

    GangTrial(AskMatching matching, Application application) {
        this.matching = matching;
        this.application = application;
    }

    void add(PendingAsk ask) {
        asks.add(ask);
    }

    /**
     * A place for each, or nothing.
     *
     * @param offerable what of an agent the application may have by itself
     */
    List<Match> run(Collection<Agent> agents, Function<Agent, Resources> offerable) {
        List<Match> matches = new ArrayList<>();
        List<TaskId> imagined = new ArrayList<>();
        try {
            for (PendingAsk ask : asks) {
                for (int left = ask.left(); left > 0; left--) {
                    Match match = place(ask, agents, offerable);
                    if (match == null) {
                        return List.of();
                    }
                    matches.add(match);
                    imagine(match, imagined);
                }
            }
            return matches;
        } finally {
            imagined.forEach(application::remove);
        }
    }

    /** Later ones see the tags of earlier ones as if these ran already. */
    private void imagine(Match match, List<TaskId> imagined) {
        taken.merge(match.agent(), match.ask().ask.size(), ResourceQuantities::plus);
        takenInAll = takenInAll.plus(match.ask().size);
        TaskId id = new TaskId("gang-trial-" + imagined.size());
        imagined.add(id);
        matching.imagine(application, id, match);
    }

    private @Nullable Match place(PendingAsk ask, Collection<Agent> agents, Function<Agent, Resources> offerable) {
        Match best = null;
        for (Agent agent : agents) {
            if (!agent.isOfferable() || application.avoided.contains(agent.spec.hostname())) {
                continue;
            }
            ResourceQuantities room = offerable
                    .apply(agent)
                    .free()
                    .scalars()
                    .minusToZero(taken.getOrDefault(agent, ResourceQuantities.EMPTY));
            Match match = matching.match(application, ask, agent, room);
            if (match != null && (best == null || match.level().compareTo(best.level()) < 0)) {
                best = match;
            }
            if (best != null && best.level() == Locality.Level.HOST) {
                break;
            }
        }
        return best;
    }

    /** What the whole gang takes. */
    Resources takenInAll() {
        return takenInAll;
    }
}
