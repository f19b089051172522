package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
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
    private final Set<AgentId> changedAgents = new LinkedHashSet<>();

    void add(Effect effect) {
        effects.add(effect);
    }

    void changed(Framework framework) {
        changedFrameworks.add(framework.id);
    }

    void changed(Agent agent) {
        changedAgents.add(agent.id);
    }

    /** Agents that this command has changed so far. */
    Set<AgentId> changedAgents() {
        return Collections.unmodifiableSet(changedAgents);
    }

    List<Effect> drain() {
        changedAgents.forEach(id -> effects.add(new Effect.AgentChanged(id)));
        changedFrameworks.forEach(id -> effects.add(new Effect.FrameworkChanged(id)));
        changedAgents.clear();
        changedFrameworks.clear();
        List<Effect> drained = effects;
        effects = new ArrayList<>();
        return drained;
    }
}
