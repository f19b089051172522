package io.offerplane.engine.task;

import java.util.Objects;

/** An executor's name, unique within its framework and agent. A command task's executor has the task's own name. */
public record ExecutorId(String value) implements Comparable<ExecutorId> {
    public ExecutorId {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public int compareTo(ExecutorId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
