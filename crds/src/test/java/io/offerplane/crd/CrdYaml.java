package io.offerplane.crd;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.agent.AgentSpec;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.common.ApiGroup;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.framework.FrameworkSpec;
import io.offerplane.crd.v1alpha1.framework.FrameworkStatus;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.crd.v1alpha1.pool.AgentPoolStatus;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import io.offerplane.crd.v1alpha1.queue.QueueStatus;
import io.offerplane.crd.v1alpha1.task.Task;
import io.offerplane.crd.v1alpha1.task.TaskSpec;
import io.offerplane.crd.v1alpha1.task.TaskStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The CRDs as they are checked in: fabric8's generator makes them from the records, then what it has no words for is added from
 * our own annotations and from conventions (strings and lists are always bounded, the category, one version).
 */
final class CrdYaml {
    /** A kind with the records behind it. */
    record KindModel(Class<? extends CustomResource<?, ?>> kind, Class<?> spec, Class<?> status) {}

    static final List<KindModel> KINDS = List.of(
            new KindModel(Framework.class, FrameworkSpec.class, FrameworkStatus.class),
            new KindModel(Task.class, TaskSpec.class, TaskStatus.class),
            new KindModel(Queue.class, QueueSpec.class, QueueStatus.class),
            new KindModel(AgentPool.class, AgentPoolSpec.class, AgentPoolStatus.class),
            new KindModel(Agent.class, AgentSpec.class, AgentStatus.class));

    /** Says what Kubernetes' own types, which bear no descriptions, mean where we use them. */
    private static final Map<String, String> FOREIGN_DESCRIPTIONS = Map.ofEntries(
            Map.entry("matchLabels", "Labels that a node must have with these values."),
            Map.entry("matchExpressions", "Rules on labels that a node must all meet."),
            Map.entry("key", "The key."),
            Map.entry("operator", "How it is compared."),
            Map.entry("values", "The values that it is compared with."),
            Map.entry("value", "The value that it is compared with."),
            Map.entry("effect", "The taint's effect; empty for every effect."),
            Map.entry("tolerationSeconds", "For how many seconds a NoExecute taint is tolerated; left out, for ever."));

    private static final long DEFAULT_STRING_LENGTH = 253;
    private static final long DEFAULT_FOREIGN_ENTRIES = 64;

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private CrdYaml() {}

    /** File name to definition, in the order of names. */
    static SortedMap<String, CustomResourceDefinition> definitions() {
        SortedMap<String, CustomResourceDefinition> found = new TreeMap<>();
        CRDPostProcessor collector = new CRDPostProcessor() {
            @Override
            public HasMetadata process(HasMetadata crd, String version) {
                CustomResourceDefinition definition = finished((CustomResourceDefinition) crd);
                found.put(definition.getMetadata().getName() + ".yaml", definition);
                return definition;
            }
        };
        List<Class<? extends HasMetadata>> kinds = new ArrayList<>();
        KINDS.forEach(model -> kinds.add(model.kind()));
        new CRDGenerator()
                .withOutput(new Discarded())
                .withParallelGenerationEnabled(false)
                .withPostProcessor(collector)
                .customResourceClasses(kinds)
                .forCRDVersions("v1")
                .generate();
        return found;
    }

    /** The text that is checked in. */
    static String yaml(CustomResourceDefinition definition) {
        String body = SERIALIZATION.asYaml(definition);
        String text = body.startsWith("---\n") ? body.substring(4) : body;
        return "# Generated from the records of io.offerplane.crd by GeneratedCrdsTest; run it with -Dcrds.update=true to renew.\n"
                + text;
    }

    private static CustomResourceDefinition finished(CustomResourceDefinition crd) {
        KindModel model = KINDS.stream()
                .filter(k ->
                        k.kind().getSimpleName().equals(crd.getSpec().getNames().getKind()))
                .findFirst()
                .orElseThrow();
        crd.getSpec().getNames().setCategories(List.of(ApiGroup.CATEGORY));
        crd.getMetadata()
                .setLabels(new TreeMap<>(
                        Map.of("app.kubernetes.io/name", "offerplane", "app.kubernetes.io/part-of", "offerplane")));
        for (CustomResourceDefinitionVersion version : crd.getSpec().getVersions()) {
            JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
            root.setDescription(description(model.kind()));
            complete(root.getProperties().get("spec"), model.spec(), "spec");
            complete(root.getProperties().get("status"), model.status(), "status");
            root.getProperties().get("spec").setDescription(description(model.spec()));
            root.getProperties().get("status").setDescription(description(model.status()));
            if (!(root.getRequired() != null && root.getRequired().contains("spec"))) {
                List<String> required = new ArrayList<>(List.of("spec"));
                root.setRequired(required);
            }
            NameRules.apply(root, model.kind());
            version.setAdditionalPrinterColumns(inOrderOf(model.kind(), version.getAdditionalPrinterColumns()));
        }
        return crd;
    }

    /** The generator sorts columns; people read them in the order of the annotations. */
    private static List<CustomResourceColumnDefinition> inOrderOf(
            Class<?> kind, List<CustomResourceColumnDefinition> columns) {
        List<CustomResourceColumnDefinition> ordered = new ArrayList<>();
        for (AdditionalPrinterColumn wanted : kind.getAnnotationsByType(AdditionalPrinterColumn.class)) {
            columns.stream().filter(c -> c.getName().equals(wanted.name())).forEach(ordered::add);
        }
        if (ordered.size() != columns.size()) {
            throw new IllegalStateException(kind.getSimpleName() + " has columns of one name");
        }
        return ordered;
    }

    /** The generator reads a record's field and its accessor, and so finds each rule twice. */
    private static void distinctRules(JSONSchemaProps schema) {
        if (schema.getXKubernetesValidations() != null) {
            Map<String, ValidationRule> byRule = new LinkedHashMap<>();
            schema.getXKubernetesValidations().forEach(rule -> byRule.putIfAbsent(rule.getRule(), rule));
            schema.setXKubernetesValidations(List.copyOf(byRule.values()));
        }
    }

    private static String description(Class<?> type) {
        return KindTexts.of(type);
    }

    private static void complete(JSONSchemaProps schema, Class<?> type, String path) {
        if (!type.isRecord()) {
            bounded(schema, null, path);
            return;
        }
        for (RecordComponent component : type.getRecordComponents()) {
            JSONSchemaProps property = schema.getProperties().get(component.getName());
            String at = path + "." + component.getName();
            if (property == null) {
                throw new IllegalStateException(at + " is missing from the generated schema");
            }
            complete(property, component, at);
        }
        // The generator sorts; the order of the record is the order in which people read.
        Map<String, JSONSchemaProps> ordered = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            ordered.put(component.getName(), schema.getProperties().get(component.getName()));
        }
        schema.setProperties(ordered);
    }

    private static void complete(JSONSchemaProps property, RecordComponent component, String at) {
        Entries entries = component.getAnnotation(Entries.class);
        Class<?> raw = component.getType();
        distinctRules(property);
        if (List.class.isAssignableFrom(raw)) {
            if (entries == null) {
                throw new IllegalStateException(at + " is a list without @Entries");
            }
            property.setMaxItems((long) entries.max());
            if (entries.min() > 0) {
                property.setMinItems((long) entries.min());
            }
            ListMap map = component.getAnnotation(ListMap.class);
            if (map != null) {
                property.setXKubernetesListType("map");
                property.setXKubernetesListMapKeys(List.of(map.value()));
            } else {
                property.setXKubernetesListType(component.isAnnotationPresent(ListSet.class) ? "set" : "atomic");
            }
            JSONSchemaProps items = property.getItems().getSchema();
            Class<?> element = argument(component, 0);
            distinctRules(items);
            if (element.isRecord()) {
                complete(items, element, at + "[]");
                if (map != null) {
                    required(items, map.value());
                }
            } else {
                bounded(items, entries, at + "[]");
            }
        } else if (Map.class.isAssignableFrom(raw)) {
            if (entries == null) {
                throw new IllegalStateException(at + " is a map without @Entries");
            }
            property.setMaxProperties((long) entries.max());
            bounded(property.getAdditionalProperties().getSchema(), entries, at + "{}");
        } else if (raw.isRecord()) {
            complete(property, raw, at);
        } else {
            bounded(property, entries, at);
        }
        if (component.getName().endsWith("Time") && raw == String.class) {
            property.setFormat("date-time");
        }
    }

    /** Keys of a list-map must be there: the API server insists unless they have a default. */
    private static void required(JSONSchemaProps items, String[] keys) {
        List<String> required = new ArrayList<>(items.getRequired() == null ? List.of() : items.getRequired());
        for (String key : keys) {
            if (!required.contains(key)) {
                required.add(key);
            }
        }
        items.setRequired(required);
    }

    private static void bounded(JSONSchemaProps schema, Entries entries, String at) {
        long length = entries == null ? DEFAULT_STRING_LENGTH : entries.maxLength();
        if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
            schema.setMaxLength(Math.min(length, 32L));
            return;
        }
        if (schema.getType() == null) {
            throw new IllegalStateException(at + " has no type in the generated schema");
        }
        switch (schema.getType()) {
            case "string" -> {
                if (schema.getEnum() == null || schema.getEnum().isEmpty()) {
                    if (schema.getMaxLength() == null) {
                        schema.setMaxLength(length);
                    }
                    if (entries != null && !entries.pattern().isEmpty()) {
                        schema.setPattern(entries.pattern());
                    }
                }
            }
            case "array" -> {
                if (schema.getMaxItems() == null) {
                    schema.setMaxItems(DEFAULT_FOREIGN_ENTRIES);
                }
                bounded(schema.getItems().getSchema(), null, at + "[]");
            }
            case "object" -> {
                if (schema.getAdditionalProperties() != null) {
                    schema.setMaxProperties(DEFAULT_FOREIGN_ENTRIES);
                    bounded(schema.getAdditionalProperties().getSchema(), null, at + "{}");
                }
                if (schema.getProperties() != null) {
                    schema.getProperties().forEach((name, child) -> {
                        bounded(child, null, at + "." + name);
                        if (child.getDescription() == null) {
                            child.setDescription(FOREIGN_DESCRIPTIONS.get(name));
                        }
                    });
                }
            }
            default -> {
                // Numbers and booleans are bounded by their own annotations or by nature.
            }
        }
    }

    private static Class<?> argument(RecordComponent component, int index) {
        Type type = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[index];
        return (Class<?>) type;
    }

    /** Takes the generator's files, which nobody reads: the definitions are taken from the post-processor. */
    private static final class Discarded extends CRDGenerator.AbstractCRDOutput<ByteArrayOutputStream> {
        @Override
        protected ByteArrayOutputStream createStreamFor(String crdName) {
            return new ByteArrayOutputStream();
        }

        @Override
        public void close() {
            try {
                super.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static byte[] bytes(CustomResourceDefinition definition) {
        return yaml(definition).getBytes(StandardCharsets.UTF_8);
    }
}
