package io.offerplane.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Collects the effects of one command in order; news of changes is told once each, at the end.
 *
 * <p>A cycle may change every agent. Nothing here comes back to an agent that has been changed, as that would be another way through all of
 * memory.
 */
final class Outbox {
    private List<Effect> effects = new ArrayList<>();
    private final List<Effect> changedAgents = new ArrayList<>();
    private final List<Effect> changedFrameworks = new ArrayList<>();
    private final List<Agent> unchecked = new ArrayList<>();

    /** Counts commands, so that who was changed in an earlier one need not be told that it is over. */
    private long command = 1;

    void add(Effect effect) {
        effects.add(effect);
    }

    void changed(Framework framework) {
        if (framework.changedIn != command) {
            framework.changedIn = command;
            changedFrameworks.add(new Effect.FrameworkChanged(framework.id));
        }
    }

    void changed(Agent agent) {
        if (agent.changedIn != command) {
            agent.changedIn = command;
            changedAgents.add(new Effect.AgentChanged(agent.id));
        }
        if (!agent.unchecked) {
            agent.unchecked = true;
            unchecked.add(agent);
        }
    }

    /** Agents that this command has changed since they were looked at last. */
    List<Agent> unchecked() {
        return Collections.unmodifiableList(unchecked);
    }

    /** The agent has been looked at. Costs nothing right after it was changed. */
    void checked(Agent agent) {
        agent.unchecked = false;
        if (!unchecked.isEmpty() && unchecked.getLast() == agent) {
            unchecked.removeLast();
        } else {
            unchecked.remove(agent);
        }
    }

    /** All have been looked at. */
    void checkedAll() {
        unchecked.forEach(agent -> agent.unchecked = false);
        unchecked.clear();
    }

    /** The effects, which are the caller's from here on. */
    List<Effect> drain() {
        // One by one: to add all of them at once would copy them twice.
        for (Effect changed : changedAgents) {
            effects.add(changed);
        }
        for (Effect changed : changedFrameworks) {
            effects.add(changed);
        }
        changedAgents.clear();
        changedFrameworks.clear();
        command++;
        List<Effect> drained = effects;
        effects = new ArrayList<>();
        return drained;
    }
}
