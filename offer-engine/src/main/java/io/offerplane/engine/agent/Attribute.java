package io.offerplane.engine.agent;

import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Ranges;

/** A fact about an agent that frameworks choose by; Mesos {@code Attribute}. */
public record Attribute(String name, Value value) {
    /** An attribute's value; the four kinds of Mesos. */
    public sealed interface Value {
        record Text(String text) implements Value {}

        record Scalar(double number) implements Value {}

        record RangeList(Ranges ranges) implements Value {}

        record Items(ItemSet items) implements Value {}
    }

    public static Attribute text(String name, String text) {
        return new Attribute(name, new Value.Text(text));
    }
}
