package io.offerplane.engine.ask;

import io.offerplane.engine.framework.AttributeConstraint;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a place must be like, whatever is wanted: an agent's attributes, and what else of the application runs there. YARN's node labels, node
 * attributes and placement constraints.
 *
 * @param attributes all must hold of the agent
 * @param neighbours all must hold of what runs near it
 * @param tags that containers of this ask carry, for others to refer to
 */
public record Placement(List<AttributeConstraint> attributes, List<Neighbours> neighbours, Set<String> tags) {
    public static final Placement ANY = new Placement(List.of(), List.of(), Set.of());

    public Placement {
        attributes = List.copyOf(attributes);
        neighbours = List.copyOf(neighbours);
        tags = Collections.unmodifiableSet(new TreeSet<>(tags));
    }

    public boolean isAny() {
        return attributes.isEmpty() && neighbours.isEmpty();
    }

    /**
     * How many of the application's containers that carry a tag must be there and may be there before another one is put there: at least
     * one is affinity, at most none anti-affinity, anything between cardinality.
     *
     * @param least 0 or more
     * @param most not below {@code least}
     */
    public record Neighbours(Scope scope, String tag, int least, int most) {
        public Neighbours {
            if (least < 0 || most < least) {
                throw new IllegalArgumentException(
                        "cardinality: " + least + " to " + most + " (expected: from 0 or more to no less than that)");
            }
        }

        public static Neighbours affinity(Scope scope, String tag) {
            return new Neighbours(scope, tag, 1, Integer.MAX_VALUE);
        }

        public static Neighbours antiAffinity(Scope scope, String tag) {
            return new Neighbours(scope, tag, 0, 0);
        }

        /** Where neighbours are counted. */
        public enum Scope {
            HOST,
            RACK
        }
    }
}
