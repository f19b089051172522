package io.offerplane.operator.claim;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod could run on a node, were there room: node selector, required node affinity, taints and cordon. Rules between pods
 * and volumes are left out: at worst a node gives room that the pod then can't use.
 */
public final class NodeFit {
    private NodeFit() {}

    public static boolean fits(Pod pod, Node node) {
        if (Boolean.TRUE.equals(node.getSpec().getUnschedulable())) {
            return false;
        }
        Map<String, String> labels = labels(node);
        Map<String, String> selector = pod.getSpec().getNodeSelector();
        if (selector != null && !labels.entrySet().containsAll(selector.entrySet())) {
            return false;
        }
        return affinityFits(pod, node, labels) && tolerates(pod.getSpec().getTolerations(), node);
    }

    /** Whether all of the node's taints that keep pods away are tolerated, other than those that Kubernetes sets and lifts itself. */
    public static boolean tolerates(@Nullable List<Toleration> tolerations, Node node) {
        List<Taint> taints = Objects.requireNonNullElse(node.getSpec().getTaints(), List.<Taint>of());
        List<Toleration> given = Objects.requireNonNullElse(tolerations, List.<Toleration>of());
        return taints.stream()
                .filter(taint -> !"PreferNoSchedule".equals(taint.getEffect()))
                .filter(taint -> !taint.getKey().startsWith("node.kubernetes.io/"))
                .allMatch(taint -> given.stream().anyMatch(toleration -> tolerates(toleration, taint)));
    }

    private static boolean tolerates(Toleration toleration, Taint taint) {
        boolean effect =
                isEmpty(toleration.getEffect()) || toleration.getEffect().equals(taint.getEffect());
        boolean key = isEmpty(toleration.getKey())
                ? "Exists".equals(toleration.getOperator())
                : toleration.getKey().equals(taint.getKey());
        boolean value = "Exists".equals(toleration.getOperator())
                || Objects.requireNonNullElse(toleration.getValue(), "")
                        .equals(Objects.requireNonNullElse(taint.getValue(), ""));
        return effect && key && value;
    }

    private static boolean isEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }

    private static boolean affinityFits(Pod pod, Node node, Map<String, String> labels) {
        if (pod.getSpec().getAffinity() == null
                || pod.getSpec().getAffinity().getNodeAffinity() == null
                || pod.getSpec().getAffinity().getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution()
                        == null) {
            return true;
        }
        List<NodeSelectorTerm> terms = pod.getSpec()
                .getAffinity()
                .getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms();
        Map<String, String> fields = Map.of("metadata.name", node.getMetadata().getName());
        return terms.stream()
                .anyMatch(term -> allMatch(term.getMatchExpressions(), labels)
                        && allMatch(term.getMatchFields(), fields)
                        && !(isEmpty(term.getMatchExpressions()) && isEmpty(term.getMatchFields())));
    }

    private static boolean isEmpty(@Nullable List<?> list) {
        return list == null || list.isEmpty();
    }

    private static boolean allMatch(@Nullable List<NodeSelectorRequirement> rules, Map<String, String> facts) {
        return rules == null
                || rules.stream()
                        .allMatch(rule -> matches(rule.getOperator(), rule.getValues(), facts.get(rule.getKey())));
    }

    /**
     * One rule of a selector, as Kubernetes reads it.
     *
     * @param fact the label's value, null when the node lacks the label
     */
    public static boolean matches(String operator, @Nullable List<String> values, @Nullable String fact) {
        List<String> given = Objects.requireNonNullElse(values, List.<String>of());
        return switch (operator) {
            case "In" -> fact != null && given.contains(fact);
            case "NotIn" -> fact == null || !given.contains(fact);
            case "Exists" -> fact != null;
            case "DoesNotExist" -> fact == null;
            case "Gt" -> compares(fact, given, 1);
            case "Lt" -> compares(fact, given, -1);
            default -> false;
        };
    }

    private static boolean compares(@Nullable String fact, List<String> values, int sign) {
        if (fact == null || values.size() != 1) {
            return false;
        }
        try {
            return Long.compare(Long.parseLong(fact), Long.parseLong(values.getFirst())) == sign;
        } catch (NumberFormatException notANumber) {
            return false;
        }
    }

    private static Map<String, String> labels(Node node) {
        return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.<String, String>of());
    }
}
