package io.offerplane.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.offerplane.crd.apiserver.ApiServer;
import io.offerplane.crd.apiserver.ApiServerExtension;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.framework.FrameworkSpec;
import io.offerplane.crd.v1alpha1.framework.FrameworkStatus;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import io.offerplane.crd.v1alpha1.task.Task;
import io.offerplane.crd.v1alpha1.task.TaskSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The definitions as a real API server takes them: what it fills in, what it refuses and in which words. */
@Tag("apiserver")
@ExtendWith(ApiServerExtension.class)
class CrdRulesApiServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final ApiServer server;

    CrdRulesApiServerTest(KubernetesClient client, ApiServer server) {
        this.client = client;
        this.server = server;
    }

    @BeforeEach
    @AfterEach
    void noObjects() {
        client.resources(Framework.class).inNamespace("default").delete();
        client.resources(Task.class).inNamespace("default").delete();
        client.resources(Queue.class).delete();
        client.resources(AgentPool.class).delete();
        client.resources(Agent.class).delete();
    }

    private HasMetadata apply(String yaml) {
        return client.resource(client.getKubernetesSerialization()
                        .<GenericKubernetesResource>unmarshal(yaml, GenericKubernetesResource.class))
                .inNamespace("default")
                .fieldManager("crd-test")
                .serverSideApply();
    }

    private static String object(String kind, String name, String spec) {
        return "apiVersion: offerplane.io/v1alpha1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + spec
                + "\n";
    }

    static Stream<Arguments> refusals() {
        String pool = "claim.";
        return Stream.of(
                // Framework
                refused("Framework", "{match: {}}", "match needs principal, name or both"),
                refused(
                        "Framework",
                        "{match: {name: f}, credentialsSecretRef: {name: s}}",
                        "credentials belong to a principal"),
                refused("Framework", "{}", "match: Required"),
                refused("Framework", "{match: {name: f}, protocol: Yarn}", "supported values: \"Mesos\""),
                refused("Framework", "{match: {name: f}, capabilities: [Telepathy]}", "Unsupported value"),
                refused("Framework", "{match: {name: f}, queues: [{path: a.b}]}", "should match"),
                refused("Framework", "{match: {name: f}, failoverTimeoutSeconds: -1}", "greater than or equal to 0"),
                refused(
                        "Framework",
                        "{match: {name: f}, offers: {starvationAfterSeconds: 0}}",
                        "greater than or equal to 1"),
                // Task
                refused("Task", "{command: {}}", "command needs exactly one of shell and argv"),
                refused("Task", "{command: {shell: a, argv: [b]}}", "command needs exactly one of shell and argv"),
                refused("Task", "{}", "command: Required"),
                refused("Task", "{command: {shell: a}, queue: root}", "the root queue has no role"),
                refused("Task", "{command: {shell: a}, queue: eng}", "should match"),
                refused("Task", "{command: {shell: a}, resources: {cpu: 1}}", "resources needs both cpu and memory"),
                refused(
                        "Task",
                        "{command: {shell: a}, resources: {cpu: none, memory: 1Gi}}",
                        "resources must be quantities above 0"),
                refused(
                        "Task",
                        "{command: {shell: a}, resources: {cpu: 0, memory: 1Gi}}",
                        "resources must be quantities above 0"),
                refused(
                        "Task",
                        "{command: {shell: a}, resources: {cpu: \"-1\", memory: 1Gi}}",
                        "resources must be quantities above 0"),
                refused("Task", "{command: {shell: a}, instances: 1001}", "less than or equal to 1000"),
                refused("Task", "{command: {shell: a}, ports: [{name: http, number: 70000}]}", "less than or equal to"),
                refused(
                        "Task",
                        "{command: {shell: a}, placement: {attributes: [{name: rack, operator: In}]}}",
                        "In and NotIn need values"),
                refused(
                        "Task",
                        "{command: {shell: a}, placement: {attributes: [{name: rack, operator: Exists, values: [a]}]}}",
                        "Exists and DoesNotExist take none"),
                refused(
                        "Task",
                        "{command: {shell: a}, restart: {backoffSeconds: 10, backoffMaxSeconds: 5}}",
                        "restart.backoffSeconds must not be above restart.backoffMaxSeconds"),
                refused(
                        "Task",
                        "{command: {shell: a}, restart: {policy: Always}, ttlAfterFinishedSeconds: 5}",
                        "never finishes"),
                refused("Task", "{command: {shell: a}, env: [{name: \"1A\", value: b}]}", "should match"),
                // Queue
                refused("Queue", "{path: eng}", "should match"),
                refused("Queue", "{path: root.}", "should match"),
                refused("Queue", "{path: root.eng, weight: \"0\"}", "weight must be above 0"),
                refused("Queue", "{path: root.eng, weight: \"0.000\"}", "weight must be above 0"),
                refused("Queue", "{path: root.eng, weight: heavy}", "should match"),
                refused("Queue", "{path: root.eng, mesosRole: a//b}", "should match"),
                refused("Queue", "{path: root.eng, mesosRole: -a}", "should match"),
                refused("Queue", "{path: root, mesosRole: a}", "the root queue has no role of its own"),
                refused("Queue", "{path: root, limits: {cpu: 1}}", "the root queue is the whole cluster"),
                refused("Queue", "{path: root, guarantees: {cpu: 1}}", "the root queue is the whole cluster"),
                refused("Queue", "{path: root.a, guarantees: {cpu: 0}}", "guarantees must be quantities above 0"),
                refused("Queue", "{path: root.a, guarantees: {cpu: many}}", "guarantees must be quantities above 0"),
                refused(
                        "Queue",
                        "{path: root.a, limits: {memory: \"-1Gi\"}}",
                        "limits must be quantities of 0 or more"),
                refused("Queue", "{path: root.a, limits: {cpu: 2T}}", "below 1T"),
                refused("Queue", "{path: root.a, limits: {mem: 1Gi}}", "limits takes Kubernetes' names"),
                refused("Queue", "{path: root.a, guarantees: {ports: 5}}", "ports can't be counted"),
                refused(
                        "Queue",
                        "{path: root.a, guarantees: {cpu: 2500m, gold: 1}, limits: {cpu: 2, memory: 1Gi}}",
                        "guarantees must not be above limits"),
                refused(
                        "Queue",
                        "{path: root.a, limits: {"
                                + IntStream.range(0, 17)
                                        .mapToObj(i -> "r" + i + ": 1")
                                        .collect(Collectors.joining(", "))
                                + "}}",
                        "must have at most 16"),
                // AgentPool
                refused("AgentPool", "{ports: [\"32000-31000\"]}", "ports must be ranges of 1 to 65535"),
                refused("AgentPool", "{ports: [\"0-10\"]}", "ports must be ranges of 1 to 65535"),
                refused("AgentPool", "{ports: [\"1-70000\"]}", "ports must be ranges of 1 to 65535"),
                refused("AgentPool", "{ports: [many]}", "should match"),
                refused("AgentPool", "{ports: []}", "should have at least 1 items"),
                refused("AgentPool", "{claim: {min: {gold: 1}}}", pool + "min takes cpu and memory only"),
                refused("AgentPool", "{claim: {max: {gold: 1}}}", pool + "max takes cpu and memory only"),
                refused("AgentPool", "{claim: {keepFree: {gold: 1}}}", pool + "keepFree takes cpu and memory only"),
                refused("AgentPool", "{claim: {min: {cpu: 0}}}", pool + "min amounts must be quantities above 0"),
                refused("AgentPool", "{claim: {max: {cpu: x}}}", pool + "max amounts must be quantities above 0"),
                refused(
                        "AgentPool",
                        "{claim: {keepFree: {cpu: \"-1\"}}}",
                        pool + "keepFree amounts must be quantities of 0 or more"),
                refused(
                        "AgentPool",
                        "{claim: {min: {cpu: 2}, max: {cpu: 1500m}}}",
                        "claim.min must not be above claim.max"),
                refused("AgentPool", "{attributes: [{name: a}]}", "exactly one of fromLabel and value"),
                refused(
                        "AgentPool",
                        "{attributes: [{name: a, value: b, fromLabel: c}]}",
                        "exactly one of fromLabel and value"),
                refused("AgentPool", "{updateStrategy: {maxUnavailable: 0%}}", "should match"),
                refused("AgentPool", "{containers: {volumeFolders: [data]}}", "should match"),
                refused("AgentPool", "{containers: {volumeFolders: [/srv/../etc]}}", "name a folder of data"),
                refused("AgentPool", "{containers: {volumeFolders: [/etc]}}", "name a folder of data"),
                refused("AgentPool", "{containers: {volumeFolders: [/srv, /srv]}}", "duplicate entries"),
                refused("AgentPool", "{containers: {capabilities: [net_admin]}}", "should match"),
                refused("AgentPool", "{containers: {pidsLimit: -1}}", "greater than or equal to 0"),
                refused("AgentPool", "{containers: {diskQuota: Warn}}", "Unsupported value"),
                refused("AgentPool", "{fetch: {folders: [/var/lib/kubelet/pods]}}", "name a folder of data"),
                refused("AgentPool", "{images: {registry: 'https://registry'}}", "should match"),
                refused("AgentPool", "{fetch: {maxSize: 0}}", "fetch.maxSize must be a quantity above 0"),
                refused("AgentPool", "{fetch: {cacheSize: much}}", "fetch.cacheSize must be a quantity of 0 or more"),
                refused("AgentPool", "{fetch: {s3: {endpoint: minio}}}", "should match"),
                refused("AgentPool", "{fetch: {s3: {credentials: {name: s3}}}}", "key: Required"),
                refused("AgentPool", "{fetch: {hdfs: {nameNodes: [{name: a, addresses: []}]}}}", "at least 1 items"),
                // Agent
                refused("Agent", "{nodeName: other, pool: p}", "an Agent is named as its node"));
    }

    private static Arguments refused(String kind, String spec, String words) {
        return Arguments.of(kind, spec, words);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("refusals")
    void refusesWithWordsThatSayWhatToDo(String kind, String spec, String words) {
        assertThatThrownBy(() -> apply(object(kind, "sample", spec)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(words);
    }

    static Stream<Arguments> forbiddenChanges() {
        return Stream.of(
                Arguments.of("Queue", "{path: root.a}", "{path: root.b}", "path can't be changed"),
                Arguments.of(
                        "Queue",
                        "{path: root.a, mesosRole: b}",
                        "{path: root.a, mesosRole: c}",
                        "mesosRole can't be changed"),
                Arguments.of(
                        "Queue",
                        "{path: root.a}",
                        "{path: root.a, mesosRole: c}",
                        "mesosRole can't be added or removed later"),
                Arguments.of(
                        "Task",
                        "{command: {shell: a}, queue: root.a}",
                        "{command: {shell: a}, queue: root.b}",
                        "queue can't be changed"),
                Arguments.of(
                        "Task",
                        "{command: {shell: a}, desired: Killed}",
                        "{command: {shell: a}, desired: Running}",
                        "desired: Killed is for good"));
    }

    @ParameterizedTest(name = "{0} {1} to {2}")
    @MethodSource("forbiddenChanges")
    void refusesToChangeWhatCannotChange(String kind, String before, String after, String words) {
        apply(object(kind, "sample", before));
        assertThatThrownBy(() -> apply(object(kind, "sample", after)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(words);
    }

    @Test
    void refusesToMoveAnAgentToAnotherNode() {
        apply(object("Agent", "node-1", "{nodeName: node-1, pool: a}"));
        assertThatThrownBy(() -> apply(object("Agent", "node-1", "{nodeName: node-2, pool: a}")))
                .hasMessageContaining("nodeName can't be changed");
    }

    @Test
    void refusesAPoolNameThatNoLabelCanHold() {
        assertThatThrownBy(() -> apply(object("AgentPool", "a.b", "{}"))).hasMessageContaining("must be a DNS label");
        assertThatThrownBy(() -> apply(object("AgentPool", "x".repeat(41), "{}")))
                .hasMessageContaining("must be a DNS label");
    }

    @Test
    void fillsInWhatAPoolLeavesOut() {
        apply(object("AgentPool", "sample", "{}"));
        AgentPoolSpec spec =
                client.resources(AgentPool.class).withName("sample").get().getSpec();
        assertThat(spec.ports()).containsExactly("31000-32000");
        assertThat(spec.hostname()).isEqualTo(AgentPoolSpec.HostnameSource.NODE_NAME);
        assertThat(spec.claim()).isNotNull().satisfies(claim -> {
            assertThat(claim.min().get("cpu").toString()).isEqualTo("100m");
            assertThat(claim.keepFree().get("memory").toString()).isEqualTo("384Mi");
            assertThat(claim.max()).isEmpty();
            assertThat(String.valueOf(claim.disk())).isEqualTo("10Gi");
            assertThat(claim.giveBack()).isEqualTo(AgentPoolSpec.GiveBack.WHEN_PODS_WAIT);
        });
        assertThat(spec.faultDomain()).isNotNull().satisfies(f -> assertThat(f.zoneLabel())
                .isEqualTo("topology.kubernetes.io/zone"));
        assertThat(spec.maintenance()).isNotNull().satisfies(m -> assertThat(m.onCordon())
                .isEqualTo(AgentPoolSpec.OnCordon.STOP_OFFERS));
        assertThat(spec.updateStrategy()).isNotNull().satisfies(u -> assertThat(u.maxUnavailable())
                .isEqualTo("10%"));
    }

    @Test
    void fillsInWhatATaskLeavesOut() {
        apply(object("Task", "sample", "{command: {argv: [sleep, \"1\"]}}"));
        TaskSpec spec = client.resources(Task.class)
                .inNamespace("default")
                .withName("sample")
                .get()
                .getSpec();
        assertThat(spec.queue()).isEqualTo("root.default");
        assertThat(spec.instances()).isEqualTo(1);
        assertThat(spec.desired()).isEqualTo(TaskSpec.Desired.RUNNING);
        assertThat(spec.resources()).containsOnlyKeys("cpu", "memory");
        assertThat(spec.restart()).isNotNull().satisfies(r -> {
            assertThat(r.policy()).isEqualTo(TaskSpec.RestartPolicy.ON_FAILURE);
            assertThat(r.maxRestarts()).isEqualTo(5);
        });
        assertThat(spec.kill()).isNotNull().satisfies(k -> assertThat(k.graceSeconds())
                .isEqualTo(3));
    }

    @Test
    void keepsWhatAQueueIsSureOfAndMayHaveAtMost() {
        apply(
                object(
                        "Queue",
                        "sample",
                        "{path: root.a, guarantees: {cpu: 1500m, gold: 2}, limits: {cpu: \"1.5\", memory: 2Ti, nvidia.com/gpu: 0}}"));
        QueueSpec spec = client.resources(Queue.class).withName("sample").get().getSpec();
        assertThat(spec.guarantees()).containsOnlyKeys("cpu", "gold");
        assertThat(spec.limits()).containsOnlyKeys("cpu", "memory", "nvidia.com/gpu");
    }

    @Test
    void fillsInWhatAFrameworkAndAQueueLeaveOut() {
        apply(object("Framework", "sample", "{match: {name: f}}"));
        apply(object("Queue", "sample", "{path: root.a}"));
        FrameworkSpec framework = client.resources(Framework.class)
                .inNamespace("default")
                .withName("sample")
                .get()
                .getSpec();
        assertThat(framework.protocol()).isEqualTo(FrameworkSpec.Protocol.MESOS);
        assertThat(framework.onDelete()).isEqualTo(FrameworkSpec.OnDelete.RELEASE);
        assertThat(framework.offers()).isNotNull().satisfies(o -> assertThat(o.starvationAfterSeconds())
                .isEqualTo(120));
        assertThat(client.resources(Queue.class)
                        .withName("sample")
                        .get()
                        .getSpec()
                        .weight())
                .isEqualTo("1");
    }

    @Test
    void prunesFieldsThatNoSchemaKnows() {
        GenericKubernetesResource raw = client.getKubernetesSerialization()
                .unmarshal(object("Queue", "sample", "{path: root.a, surprise: 1}"), GenericKubernetesResource.class);
        client.resource(raw).create();
        GenericKubernetesResource stored = client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup("offerplane.io")
                        .withVersion("v1alpha1")
                        .withKind("Queue")
                        .withPlural("queues")
                        .withNamespaced(false)
                        .build())
                .withName("sample")
                .get();
        assertThat(stored.<Object>get("spec", "surprise")).isNull();
        assertThat(stored.<String>get("spec", "path")).isEqualTo("root.a");
    }

    @Test
    void readsAnObjectOfALaterVersionThatHasMoreFields() {
        String json = "{\"apiVersion\":\"offerplane.io/v1alpha1\",\"kind\":\"Queue\",\"metadata\":{\"name\":\"a\"},"
                + "\"spec\":{\"path\":\"root.a\",\"fromTheFuture\":{\"x\":1}},\"status\":{\"alsoNew\":[1]},\"more\":true}";
        Queue queue = client.getKubernetesSerialization().unmarshal(json, Queue.class);
        assertThat(queue.getSpec().path()).isEqualTo("root.a");
    }

    @Test
    void mergesListsByKeyWhenTwoManagersApply() {
        apply(object("Framework", "sample", "{match: {name: f}, queues: [{path: root.a}]}"));
        client.resource(client.getKubernetesSerialization()
                        .<GenericKubernetesResource>unmarshal(
                                object("Framework", "sample", "{match: {name: f}, queues: [{path: root.b}]}"),
                                GenericKubernetesResource.class))
                .inNamespace("default")
                .fieldManager("someone-else")
                .serverSideApply();
        assertThat(client.resources(Framework.class)
                        .inNamespace("default")
                        .withName("sample")
                        .get()
                        .getSpec()
                        .queues())
                .extracting(FrameworkSpec.QueueReference::path)
                .containsExactlyInAnyOrder("root.a", "root.b");
    }

    @Test
    void scalesATaskThroughItsSubresource() {
        apply(object("Task", "sample", "{command: {shell: a}}"));
        Scale scale = client.resources(Task.class)
                .inNamespace("default")
                .withName("sample")
                .scale();
        assertThat(scale.getSpec().getReplicas()).isEqualTo(1);
        client.resources(Task.class).inNamespace("default").withName("sample").scale(3);
        assertThat(client.resources(Task.class)
                        .inNamespace("default")
                        .withName("sample")
                        .get()
                        .getSpec()
                        .instances())
                .isEqualTo(3);
    }

    @Test
    void keepsStatusApartFromSpec() {
        apply(object("Framework", "sample", "{match: {name: f}}"));
        Framework framework = client.resources(Framework.class)
                .inNamespace("default")
                .withName("sample")
                .get();
        framework.setStatus(
                new FrameworkStatus(1L, "id-1", null, null, 0, null, Map.of(), null, null, List.of(), null, List.of()));
        client.resource(framework).update();
        assertThat(client.resources(Framework.class)
                        .inNamespace("default")
                        .withName("sample")
                        .get()
                        .getStatus())
                .isNull();
        framework.getMetadata().setResourceVersion(null);
        client.resource(framework).updateStatus();
        assertThat(client.resources(Framework.class)
                        .inNamespace("default")
                        .withName("sample")
                        .get()
                        .getStatus()
                        .frameworkId())
                .isEqualTo("id-1");
    }

    @Test
    void printsTheColumnsThatPeopleLookFor() throws Exception {
        assertThat(columns("frameworks", true))
                .containsExactly("Name", "Protocol", "Queues", "Connected", "Offered", "Tasks", "CPU", "Memory", "Age");
        assertThat(columns("frameworks", false))
                .endsWith("Framework-ID", "Client", "Offers", "Failovers", "Reason", "Waiting");
        assertThat(columns("queues", true))
                .containsExactly(
                        "Name", "Path", "Weight", "Used", "Share", "Fair", "Frameworks", "Tasks", "Ready", "Age");
        assertThat(columns("tasks", true))
                .containsExactly("Name", "Queue", "Phase", "Running", "Instances", "Node", "Exit", "Age");
        assertThat(columns("agentpools", true))
                .containsExactly("Name", "Agents", "Ready", "CPU", "Memory", "Offering", "Age");
        assertThat(columns("agents", true))
                .containsExactly("Name", "Pool", "Phase", "CPU", "Memory", "Tasks", "Ready", "Age");
    }

    private List<String> columns(String plural, boolean narrow) throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
        try (HttpClient http = HttpClient.newBuilder().sslContext(trusting).build()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(server.config().getMasterUrl() + "apis/offerplane.io/v1alpha1/" + plural))
                    .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                    .header("Authorization", "Bearer " + server.config().getOauthToken())
                    .build();
            JsonNode table = JSON.readTree(
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body());
            List<String> names = new ArrayList<>();
            table.get("columnDefinitions").forEach(column -> {
                if (!narrow || column.get("priority").asInt() == 0) {
                    names.add(column.get("name").asText());
                }
            });
            return names;
        }
    }

    /** The server of the test makes its own certificate. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void takesEveryExample() throws IOException {
        List<Path> examples;
        try (Stream<Path> files = Files.list(Path.of("../examples"))) {
            examples =
                    files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
        }
        assertThat(examples).isNotEmpty();
        for (Path example : examples) {
            for (String document : Files.readString(example).split("(?m)^---$")) {
                if (document.contains("offerplane.io/v1alpha1")) {
                    assertThat(apply(document)).as(example + ": " + document).isNotNull();
                }
            }
        }
    }
}
