package io.offerplane.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Collects the effects of one command in order; news of changes is told once each, at the end. */
final class Outbox {
    private List<Effect> effects = new ArrayList<>();
    private final List<Framework> changedFrameworks = new ArrayList<>();
    private final List<Agent> changedAgents = new ArrayList<>();

    void add(Effect effect) {
        effects.add(effect);
    }

    void changed(Framework framework) {
        if (!framework.changed) {
            framework.changed = true;
            changedFrameworks.add(framework);
        }
    }

    void changed(Agent agent) {
        agent.unchecked = true;
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
        for (Framework framework : changedFrameworks) {
            framework.changed = false;
            effects.add(new Effect.FrameworkChanged(framework.id));
        }
        changedAgents.clear();
        changedFrameworks.clear();
        List<Effect> drained = effects;
        effects = new ArrayList<>();
        return drained;
    }
}
