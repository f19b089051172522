package io.offerplane.crd.apiserver;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one {@link ApiServer} with our CRDs in it, shared by all classes of a JVM, and clients to it. A parameter of type
 * {@link KubernetesClient} or {@link ApiServer} is filled in.
 *
 * <p>Without the binaries the tests are left out, with the reason; with {@code OFFERPLANE_REQUIRE_APISERVER} set, which {@code make
 * test} does, they fail instead.
 */
public final class ApiServerExtension implements ExecutionCondition, ParameterResolver {
    public static final List<String> DEFINITIONS = List.of(
            "agentpools.offerplane.io.yaml",
            "agents.offerplane.io.yaml",
            "frameworks.offerplane.io.yaml",
            "queues.offerplane.io.yaml",
            "tasks.offerplane.io.yaml");

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(ApiServerExtension.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (ApiServer.isInstalled()) {
            return ConditionEvaluationResult.enabled("kube-apiserver and etcd are there");
        }
        String missing = "no etcd and kube-apiserver in " + ApiServer.binaries() + ": make them with dev/cluster build";
        if (System.getenv("OFFERPLANE_REQUIRE_APISERVER") != null) {
            throw new IllegalStateException(missing);
        }
        return ConditionEvaluationResult.disabled(missing);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == KubernetesClient.class || type == ApiServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Shared shared = context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Shared.class, key -> Shared.start(), Shared.class);
        return parameter.getParameter().getType() == ApiServer.class ? shared.server : shared.client;
    }

    private record Shared(ApiServer server, KubernetesClient client) implements AutoCloseable {
        static Shared start() {
            try {
                ApiServer server = ApiServer.start();
                KubernetesClient client = server.client();
                installDefinitions(client);
                return new Shared(server, client);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }

    private static void installDefinitions(KubernetesClient client) throws IOException {
        List<HasMetadata> definitions = new ArrayList<>();
        for (String file : DEFINITIONS) {
            try (InputStream yaml = ApiServerExtension.class.getResourceAsStream("/META-INF/offerplane/crds/" + file)) {
                if (yaml == null) {
                    throw new IOException(file + " is not on the class path");
                }
                definitions.add(client.resource(yaml).item());
            }
        }
        definitions.forEach(definition -> client.resource(definition).serverSideApply());
        Instant limit = Instant.now().plus(Duration.ofSeconds(30));
        for (String file : DEFINITIONS) {
            String name = file.substring(0, file.length() - ".yaml".length());
            while (!established(client, name)) {
                if (Instant.now().isAfter(limit)) {
                    throw new IOException(name + " is not established: "
                            + client.apiextensions()
                                    .v1()
                                    .customResourceDefinitions()
                                    .withName(name)
                                    .get()
                                    .getStatus());
                }
                try {
                    Thread.sleep(50);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
        }
    }

    private static boolean established(KubernetesClient client, String name) {
        var definition = client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(name)
                .get();
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"))
                && isServed(client, definition);
    }

    /** Established comes a moment before the storage behind it answers. */
    private static boolean isServed(KubernetesClient client, CustomResourceDefinition definition) {
        try {
            ResourceDefinitionContext kind = new ResourceDefinitionContext.Builder()
                    .withGroup(definition.getSpec().getGroup())
                    .withVersion(definition.getSpec().getVersions().getFirst().getName())
                    .withKind(definition.getSpec().getNames().getKind())
                    .withPlural(definition.getSpec().getNames().getPlural())
                    .withNamespaced("Namespaced".equals(definition.getSpec().getScope()))
                    .build();
            client.genericKubernetesResources(kind).list();
            return true;
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }
}
