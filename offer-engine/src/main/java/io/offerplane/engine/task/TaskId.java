package io.offerplane.engine.task;

import java.util.Objects;

/** A task's name, chosen by its framework and unique within it. May be any text: the engine judges it when it is launched. */
public record TaskId(String value) implements Comparable<TaskId> {
    public TaskId {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public int compareTo(TaskId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
