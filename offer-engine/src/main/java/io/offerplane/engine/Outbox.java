package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects the effects of one command in order; news of changes is told once each, at the end. */
final class Outbox {
    private List<Effect> effects = new ArrayList<>();
    private final Set<FrameworkId> changedFrameworks = new LinkedHashSet<>();
    private final List<Agent> changedAgents = new ArrayList<>();

    void add(Effect effect) {
        effects.add(effect);
    }

    void changed(Framework framework) {
        changedFrameworks.add(framework.id);
    }

    void changed(Agent agent) {
        if (!agent.changed) {
            agent.changed = true;
            changedAgents.add(agent);
        }
    }

    /** Agents that this command has changed so far. */
    List<Agent> changedAgents() {
        return Collections.unmodifiableList(changedAgents);
    }

    /** The effects, which are the caller's from here on. */
    List<Effect> drain() {
        for (Agent agent : changedAgents) {
            agent.changed = false;
            effects.add(new Effect.AgentChanged(agent.id));
        }
        changedFrameworks.forEach(id -> effects.add(new Effect.FrameworkChanged(id)));
        changedAgents.clear();
        changedFrameworks.clear();
        List<Effect> drained = effects;
        effects = new ArrayList<>();
        return drained;
    }
}
