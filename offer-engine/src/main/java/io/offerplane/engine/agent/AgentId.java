package io.offerplane.engine.agent;

import java.util.Objects;

/** Names an agent for as long as its node's disk keeps it: {@code <master id>-S<n>} on the Mesos wire. */
public record AgentId(String value) implements Comparable<AgentId> {
    public AgentId {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public int compareTo(AgentId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
