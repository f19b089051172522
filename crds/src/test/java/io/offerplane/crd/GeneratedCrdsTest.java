package io.offerplane.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is checked in is what the records say, and every field keeps the rules that hold for all. */
class GeneratedCrdsTest {
    private static final Path CHECKED_IN = Path.of("src/main/resources/META-INF/offerplane/crds");
    private static final Path CHART = Path.of("../helm/offerplane/crds-generated");
    private static final Path REFERENCE = Path.of("../docs/reference/crds.md");
    private static final boolean UPDATE = Boolean.getBoolean("crds.update");

    private final SortedMap<String, CustomResourceDefinition> definitions = CrdYaml.definitions();

    @Test
    void checkedInYamlIsWhatTheRecordsSay() throws IOException {
        // The chart has a copy, because Helm packs nothing from outside its folder.
        for (Path folder : List.of(CHECKED_IN, CHART)) {
            if (UPDATE) {
                Files.createDirectories(folder);
                for (Map.Entry<String, CustomResourceDefinition> entry : definitions.entrySet()) {
                    Files.write(folder.resolve(entry.getKey()), CrdYaml.bytes(entry.getValue()));
                }
            }
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(f -> f.getFileName().toString()).sorted().toList())
                        .containsExactlyElementsOf(definitions.keySet());
            }
            for (Map.Entry<String, CustomResourceDefinition> entry : definitions.entrySet()) {
                assertThat(folder.resolve(entry.getKey()))
                        .as("generated again with -Dcrds.update=true?")
                        .hasContent(CrdYaml.yaml(entry.getValue()));
            }
        }
    }

    @Test
    void referencePageIsWhatTheRecordsSay() throws IOException {
        String page = CrdReference.page(definitions.values());
        if (UPDATE) {
            Files.createDirectories(REFERENCE.getParent());
            Files.writeString(REFERENCE, page);
        }
        assertThat(REFERENCE).as("generated again with -Dcrds.update=true?").hasContent(page);
    }

    @Test
    void everyDefinitionStaysSmallEnoughToBeAppliedClientSide() {
        definitions.forEach(
                (name, crd) -> assertThat(CrdYaml.bytes(crd).length).as(name).isLessThan(262_144));
    }

    @Test
    void everyFieldIsDescribedAndBounded() {
        List<String> faults = new ArrayList<>();
        definitions.forEach((name, crd) -> {
            JSONSchemaProps root =
                    crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
            root.getProperties()
                    .forEach(
                            (part, schema) -> inspect(crd.getSpec().getNames().getKind() + "." + part, schema, faults));
        });
        assertThat(faults).isEmpty();
    }

    private static void inspect(String path, JSONSchemaProps schema, List<String> faults) {
        if (schema.getDescription() == null || schema.getDescription().isBlank()) {
            faults.add(path + " has no description");
        }
        bounds(path, schema, faults);
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, child) -> inspect(path + "." + name, child, faults));
        }
        if (schema.getItems() != null) {
            JSONSchemaProps items = schema.getItems().getSchema();
            bounds(path + "[]", items, faults);
            if (items.getProperties() != null) {
                items.getProperties().forEach((name, child) -> inspect(path + "[]." + name, child, faults));
            }
        }
    }

    private static void bounds(String path, JSONSchemaProps schema, List<String> faults) {
        if ("number".equals(schema.getType())) {
            faults.add(path + " is a float");
        }
        boolean enumerated = schema.getEnum() != null && !schema.getEnum().isEmpty();
        if ("string".equals(schema.getType()) && !enumerated && schema.getMaxLength() == null) {
            faults.add(path + " has no maxLength");
        }
        if ("array".equals(schema.getType()) && schema.getMaxItems() == null) {
            faults.add(path + " has no maxItems");
        }
        if (schema.getAdditionalProperties() != null && schema.getMaxProperties() == null) {
            faults.add(path + " has no maxProperties");
        }
        if (schema.getXKubernetesValidations() != null) {
            schema.getXKubernetesValidations().forEach(rule -> {
                if (rule.getMessage() == null || rule.getMessage().length() < 20) {
                    faults.add(path + " has a rule without a helpful message: " + rule.getRule());
                }
            });
        }
    }

    @Test
    void everyKindHasItsCategoryStatusAndOneStoredVersion() {
        definitions.forEach((name, crd) -> {
            assertThat(crd.getSpec().getNames().getCategories()).as(name).containsExactly("offerplane");
            assertThat(crd.getSpec().getNames().getShortNames()).as(name).hasSize(1);
            assertThat(crd.getSpec().getVersions()).as(name).singleElement().satisfies(version -> {
                assertThat(version.getName()).isEqualTo("v1alpha1");
                assertThat(version.getServed()).isTrue();
                assertThat(version.getStorage()).isTrue();
                assertThat(version.getSubresources().getStatus()).isNotNull();
            });
        });
    }
}
