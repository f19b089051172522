package io.offerplane.crd;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.Collection;
import java.util.List;

/** The reference page of all kinds, made from the definitions. */
final class CrdReference {
    private CrdReference() {}

    static String page(Collection<CustomResourceDefinition> definitions) {
        StringBuilder page = new StringBuilder();
        page.append("# The objects\n\n");
        page.append(
                "Generated from the Java model in `crds/`; run `GeneratedCrdsTest` with `-Dcrds.update=true` to renew it.\n\n");
        page.append("Group `offerplane.io`, version `v1alpha1`. `kubectl get offerplane -A` lists every kind. ");
        page.append(
                "`tasks` and `queues` are names that other projects use too: the full names below always reach these kinds.\n\n");
        for (CustomResourceDefinition crd : definitions) {
            kind(page, crd);
        }
        return page.toString();
    }

    private static void kind(StringBuilder page, CustomResourceDefinition crd) {
        CustomResourceDefinitionVersion version = crd.getSpec().getVersions().getFirst();
        JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
        page.append("## ").append(crd.getSpec().getNames().getKind()).append("\n\n");
        page.append(root.getDescription()).append("\n\n");
        page.append("`").append(crd.getMetadata().getName()).append("`, short name `");
        page.append(crd.getSpec().getNames().getShortNames().getFirst()).append("`, ");
        page.append(crd.getSpec().getScope().toLowerCase(java.util.Locale.ROOT)).append("-scoped.");
        if (version.getSubresources().getScale() != null) {
            page.append(" Can be scaled: `kubectl scale --replicas=N`.");
        }
        page.append("\n\nColumns: ");
        List<CustomResourceColumnDefinition> columns = version.getAdditionalPrinterColumns();
        page.append(String.join(
                ", ",
                columns.stream()
                        .map(c -> c.getName() + (c.getPriority() != null && c.getPriority() > 0 ? " (wide)" : ""))
                        .toList()));
        page.append(".\n\n");
        rules(page, root, "the object");
        for (String part : List.of("spec", "status")) {
            page.append("### ")
                    .append(crd.getSpec().getNames().getKind())
                    .append(".")
                    .append(part)
                    .append("\n\n");
            page.append("| field | type | means |\n|---|---|---|\n");
            rows(page, root.getProperties().get(part), "");
            page.append("\n");
            if (part.equals("spec")) {
                StringBuilder rules = new StringBuilder();
                collectRules(rules, root.getProperties().get(part), "spec");
                if (!rules.isEmpty()) {
                    page.append("Refused with these words:\n\n").append(rules).append("\n");
                }
            }
        }
    }

    private static void rules(StringBuilder page, JSONSchemaProps schema, String of) {
        if (schema.getXKubernetesValidations() != null
                && !schema.getXKubernetesValidations().isEmpty()) {
            schema.getXKubernetesValidations().forEach(r -> page.append("Rule for ")
                    .append(of)
                    .append(": ")
                    .append(r.getMessage())
                    .append(".\n\n"));
        }
    }

    private static void collectRules(StringBuilder out, JSONSchemaProps schema, String path) {
        if (schema.getXKubernetesValidations() != null) {
            schema.getXKubernetesValidations().forEach(r -> out.append("- `")
                    .append(path)
                    .append("`: ")
                    .append(r.getMessage())
                    .append("\n"));
        }
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, child) -> collectRules(out, child, path + "." + name));
        }
        if (schema.getItems() != null) {
            collectRules(out, schema.getItems().getSchema(), path + "[]");
        }
    }

    private static void rows(StringBuilder page, JSONSchemaProps schema, String prefix) {
        if (schema.getProperties() == null) {
            return;
        }
        schema.getProperties().forEach((name, child) -> {
            boolean required =
                    schema.getRequired() != null && schema.getRequired().contains(name);
            page.append("| `").append(prefix).append(name).append("` | ").append(type(child));
            page.append(required ? ", required" : "")
                    .append(" | ")
                    .append(text(child))
                    .append(" |\n");
            if (child.getItems() != null) {
                rows(page, child.getItems().getSchema(), prefix + name + "[].");
            }
            rows(page, child, prefix + name + ".");
        });
    }

    private static String type(JSONSchemaProps schema) {
        if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
            return "quantity";
        }
        if (schema.getItems() != null) {
            return "list of " + type(schema.getItems().getSchema());
        }
        if (schema.getAdditionalProperties() != null) {
            return "map to " + type(schema.getAdditionalProperties().getSchema());
        }
        return schema.getFormat() != null && schema.getFormat().equals("date-time") ? "time" : schema.getType();
    }

    private static String text(JSONSchemaProps schema) {
        StringBuilder text = new StringBuilder(schema.getDescription() == null ? "" : schema.getDescription());
        if (schema.getEnum() != null && !schema.getEnum().isEmpty()) {
            text.append(" One of ");
            text.append(String.join(
                    ", ",
                    schema.getEnum().stream().map(e -> "`" + e.asText() + "`").toList()));
            text.append(".");
        }
        if (schema.getDefault() != null
                && !schema.getDefault().isNull()
                && !schema.getDefault().toString().equals("{}")) {
            text.append(" Default `")
                    .append(
                            schema.getDefault().isTextual()
                                    ? schema.getDefault().asText()
                                    : schema.getDefault().toString())
                    .append("`.");
        }
        return text.toString().replace("|", "\\|");
    }
}
