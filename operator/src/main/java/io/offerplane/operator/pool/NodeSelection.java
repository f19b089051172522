package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.Node;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.operator.claim.NodeFit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which pool each node belongs to. A pool that selects a node of an older one is out of effect as a whole until that is put right:
 * half a pool would be harder to understand than none. Pure.
 */
public final class NodeSelection {
    private final Map<String, String> poolByNode = new TreeMap<>();
    private final Map<String, Overlap> overlaps = new TreeMap<>();

    /** Why a pool is out of effect: the first node that it shares, the pool that has it, and how many nodes are shared. */
    public record Overlap(String node, String olderPool, int nodes) {}

    private NodeSelection() {}

    /** Works out the selection; older pools come first, by name where two are of the same second. */
    public static NodeSelection of(List<AgentPool> pools, List<Node> nodes) {
        NodeSelection selection = new NodeSelection();
        List<AgentPool> oldestFirst = new ArrayList<>(pools);
        oldestFirst.removeIf(pool -> pool.getMetadata().getDeletionTimestamp() != null);
        oldestFirst.sort(Comparator.<AgentPool, String>comparing(
                        pool -> Objects.requireNonNullElse(pool.getMetadata().getCreationTimestamp(), "9999"))
                .thenComparing(pool -> pool.getMetadata().getName()));
        for (AgentPool pool : oldestFirst) {
            selection.add(pool, nodes);
        }
        return selection;
    }

    private void add(AgentPool pool, List<Node> nodes) {
        List<String> selected = new ArrayList<>();
        List<String> shared = new ArrayList<>();
        for (Node node : nodes) {
            if (selects(pool, node)) {
                String name = node.getMetadata().getName();
                (poolByNode.containsKey(name) ? shared : selected).add(name);
            }
        }
        String name = pool.getMetadata().getName();
        if (shared.isEmpty()) {
            selected.forEach(node -> poolByNode.put(node, name));
        } else {
            String first = shared.getFirst();
            overlaps.put(name, new Overlap(first, Objects.requireNonNull(poolByNode.get(first)), shared.size()));
        }
    }

    /** Whether the pool's selector and tolerations fit the node, other pools aside. */
    static boolean selects(AgentPool pool, Node node) {
        return matches(pool.getSpec().nodeSelector(), node)
                && NodeFit.tolerates(pool.getSpec().tolerations(), node);
    }

    private static boolean matches(@org.jspecify.annotations.Nullable LabelSelector selector, Node node) {
        if (selector == null) {
            return true;
        }
        Map<String, String> labels =
                Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.<String, String>of());
        if (selector.getMatchLabels() != null
                && !labels.entrySet().containsAll(selector.getMatchLabels().entrySet())) {
            return false;
        }
        for (LabelSelectorRequirement rule :
                Objects.requireNonNullElse(selector.getMatchExpressions(), List.<LabelSelectorRequirement>of())) {
            if (!NodeFit.matches(rule.getOperator(), rule.getValues(), labels.get(rule.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /** The pool that keeps the node. */
    public Optional<String> poolOf(String node) {
        return Optional.ofNullable(poolByNode.get(node));
    }

    /** By name. */
    public List<String> nodesOf(String pool) {
        return poolByNode.entrySet().stream()
                .filter(entry -> entry.getValue().equals(pool))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Why the pool is out of effect, if it is. */
    public Optional<Overlap> overlapOf(String pool) {
        return Optional.ofNullable(overlaps.get(pool));
    }
}
