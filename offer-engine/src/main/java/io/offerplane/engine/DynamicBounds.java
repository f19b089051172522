package io.offerplane.engine;

import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Label;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import java.util.Map;
import java.util.Optional;

/**
 * How much may be reserved in how many ways on one agent. Mesos sets no such bounds and keeps what it is given on the agent's disk; here
 * all of it is in one Kubernetes object, whose size is bounded, and what can't be kept there must not be promised. The schema of the
 * Agent kind has the same figures.
 */
final class DynamicBounds {
    static final int TERMS = 256;
    static final int LAYERS = 16;
    static final int LABELS = 64;
    static final int PIECES = 1024;
    static final int TEXT = 1024;

    /** Of all that is reserved on the agent, in characters of Mesos' text form. */
    static final int WHOLE_TEXT = 65_536;

    private DynamicBounds() {}

    /** What of the agent's dynamic resources would be too much after the change, or empty. What makes them fewer always passes. */
    static Optional<String> fault(Agent agent, ResourceChange change) {
        Resources after = agent.dynamicAfter(change);
        return fault(after)
                .filter(fault -> after.bound().size() > agent.dynamic.bound().size()
                        || textLength(after) > textLength(agent.dynamic));
    }

    private static Optional<String> fault(Resources dynamic) {
        if (dynamic.bound().size() > TERMS) {
            return Optional.of("The agent would have resources on "
                    + dynamic.bound().size() + " different reservations and volumes; it may have " + TERMS);
        }
        for (Map.Entry<Terms, Amounts> entry : dynamic.bound().entrySet()) {
            Optional<String> fault = fault(entry.getKey()).or(() -> fault(entry.getValue()));
            if (fault.isPresent()) {
                return fault;
            }
        }
        return textLength(dynamic) <= WHOLE_TEXT
                ? Optional.empty()
                : Optional.of("All reservations and volumes of the agent would be longer than " + WHOLE_TEXT
                        + " characters as text; shorter or fewer labels are needed");
    }

    private static Optional<String> fault(Terms terms) {
        if (terms.reservations().size() > LAYERS) {
            return Optional.of("A reservation is refined "
                    + (terms.reservations().size() - 1) + " times; it may be " + (LAYERS - 1) + " times");
        }
        for (Reservation layer : terms.reservations()) {
            if (layer.labels().size() > LABELS) {
                return Optional.of("A reservation has " + layer.labels().size() + " labels; it may have " + LABELS);
            }
            Optional<String> fault = textFault("role", Optional.of(layer.role()).map(RolePath::value))
                    .or(() -> textFault("principal", layer.principal()))
                    .or(() -> layer.labels().stream()
                            .map(DynamicBounds::fault)
                            .flatMap(Optional::stream)
                            .findFirst());
            if (fault.isPresent()) {
                return fault;
            }
        }
        return terms.volume().flatMap(DynamicBounds::fault);
    }

    private static Optional<String> fault(Label label) {
        return textFault("label's key", Optional.of(label.key())).or(() -> textFault("label's value", label.value()));
    }

    private static Optional<String> fault(Volume volume) {
        return textFault("persistence ID", Optional.of(volume.id()))
                .or(() -> textFault("principal", volume.principal()))
                .or(() -> textFault("container path", Optional.of(volume.containerPath())));
    }

    private static Optional<String> fault(Amounts amounts) {
        for (Ranges ranges : amounts.ranges().values()) {
            if (ranges.ranges().size() > PIECES) {
                return Optional.of("A reservation has " + ranges.ranges().size() + " ranges; it may have " + PIECES);
            }
        }
        for (ItemSet set : amounts.sets().values()) {
            if (set.items().size() > PIECES) {
                return Optional.of("A reservation has a set of " + set.items().size() + "; it may have " + PIECES);
            }
            Optional<String> fault = set.items().stream()
                    .map(item -> textFault("set's member", Optional.of(item)))
                    .flatMap(Optional::stream)
                    .findFirst();
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> textFault(String what, Optional<String> text) {
        return text.filter(given -> given.length() > TEXT)
                .map(given -> "A " + what + " has " + given.length() + " characters; it may have " + TEXT);
    }

    private static long textLength(Resources dynamic) {
        long principals = dynamic.bound().keySet().stream()
                .flatMap(terms -> terms.volume().flatMap(Volume::principal).stream())
                .mapToLong(String::length)
                .sum();
        return dynamic.toString().length() + principals;
    }
}
