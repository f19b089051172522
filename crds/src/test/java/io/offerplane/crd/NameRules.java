package io.offerplane.crd;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import java.util.ArrayList;
import java.util.List;

/** Rules on an object's own name, which stand at the root of a schema where no record reaches. */
final class NameRules {
    private NameRules() {}

    static void apply(JSONSchemaProps root, Class<?> kind) {
        if (kind == AgentPool.class) {
            add(
                    root,
                    "self.metadata.name.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$') && self.metadata.name.size() <= 40",
                    "an AgentPool's name must be a DNS label of at most 40 characters: it becomes part of a DaemonSet's name and a label's value");
        }
        if (kind == Agent.class) {
            add(
                    root,
                    "self.metadata.name == self.spec.nodeName",
                    "an Agent is named as its node: the operator makes it, one for each node of a pool");
        }
    }

    private static void add(JSONSchemaProps root, String rule, String message) {
        List<io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule> rules = new ArrayList<>(
                root.getXKubernetesValidations() == null ? List.of() : root.getXKubernetesValidations());
        rules.add(
                new ValidationRuleBuilder().withRule(rule).withMessage(message).build());
        root.setXKubernetesValidations(rules);
    }
}
