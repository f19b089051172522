package io.offerplane.operator.task;

import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.v1alpha1.task.TaskSpec;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.operator.status.KubernetesAmounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Whether an instance fits what an offer has left, and with which ports. Pure. */
final class OfferMatch {
    private OfferMatch() {}

    /** What came of looking at an offer. */
    sealed interface Result {
        /**
         * @param resources what the instance takes of the offer
         * @param ports in the order of the spec
         */
        record Fits(Resources resources, List<Integer> ports) implements Result {}

        /**
         * @param reason one word for conditions
         * @param message with numbers, for people
         */
        record Misfit(String reason, String message) implements Result {}
    }

    static Result of(TaskSpec task, Resources left, AgentSpec agent) {
        Optional<String> placement = placementFault(task, agent);
        if (placement.isPresent()) {
            return new Result.Misfit("AttributeMismatch", placement.get());
        }
        ResourceQuantities asked = KubernetesAmounts.toEngine(task.resources());
        if (!left.free().scalars().contains(asked)) {
            return new Result.Misfit(
                    "ResourcesShort", shortage(task.resources(), left.free().scalars(), agent));
        }
        Optional<List<Integer>> ports = ports(task, left.free().ranges().getOrDefault("ports", Ranges.EMPTY));
        if (ports.isEmpty()) {
            return new Result.Misfit("PortsTaken", "the ports that it wants aren't free on " + agent.node());
        }
        TreeMap<String, Ranges> ranges = new TreeMap<>();
        List<Ranges.Range> taken =
                ports.get().stream().map(port -> new Ranges.Range(port, port)).toList();
        ranges.put("ports", new Ranges(taken));
        return new Result.Fits(new Resources(asked, ranges, new TreeMap<>()), ports.get());
    }

    private static String shortage(Map<String, Quantity> asked, ResourceQuantities left, AgentSpec agent) {
        return "needs " + asked.get(KubernetesAmounts.CPU) + " cpu and " + asked.get(KubernetesAmounts.MEMORY)
                + " memory on one agent; the last offer, of " + agent.node() + ", had " + left.get("cpus") + " cpu and "
                + left.get("mem") + "Mi left";
    }

    private static Optional<List<Integer>> ports(TaskSpec task, Ranges free) {
        List<Integer> taken = new ArrayList<>();
        Ranges left = free;
        for (TaskSpec.Port port : task.ports()) {
            int wanted = Objects.requireNonNullElse(port.number(), 0);
            if (left.isEmpty()) {
                return Optional.empty();
            }
            long number = wanted > 0 ? wanted : left.ranges().getFirst().begin();
            Ranges one = Ranges.of(number, number);
            if (!left.contains(one)) {
                return Optional.empty();
            }
            left = left.minus(one);
            taken.add((int) number);
        }
        return Optional.of(taken);
    }

    private static Optional<String> placementFault(TaskSpec task, AgentSpec agent) {
        TaskSpec.Placement placement = task.placement();
        if (placement == null) {
            return Optional.empty();
        }
        if (!placement.pools().isEmpty() && !placement.pools().contains(agent.pool())) {
            return Optional.of("pool " + agent.pool() + " is none of " + String.join(", ", placement.pools()));
        }
        for (TaskSpec.AttributeRule rule : placement.attributes()) {
            Optional<String> value = agent.attributes().stream()
                    .filter(attribute -> attribute.name().equals(rule.name()))
                    .map(attribute -> text(attribute.value()))
                    .findFirst();
            boolean holds =
                    switch (rule.operator()) {
                        case IN -> value.filter(rule.values()::contains).isPresent();
                        case NOT_IN -> value.filter(rule.values()::contains).isEmpty();
                        case EXISTS -> value.isPresent();
                        case DOES_NOT_EXIST -> value.isEmpty();
                    };
            if (!holds) {
                return Optional.of(
                        "attribute " + rule.name() + " of " + agent.node() + " is " + value.orElse("absent"));
            }
        }
        return Optional.empty();
    }

    private static String text(Attribute.Value value) {
        return switch (value) {
            case Attribute.Value.Text(String text) -> text;
            case Attribute.Value.Scalar(double number) ->
                number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
            case Attribute.Value.RangeList(Ranges ranges) -> ranges.toString();
            case Attribute.Value.Items(var items) -> items.toString();
        };
    }
}
