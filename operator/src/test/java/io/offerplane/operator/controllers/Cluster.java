package io.offerplane.operator.controllers;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** The parts of a cluster that a bare API server lacks, played by hand: nodes, kube-scheduler's binding, kubelet's status. */
final class Cluster {
    static final String NAMESPACE = "offerplane";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final KubernetesClient client;

    Cluster(KubernetesClient client) {
        this.client = client;
    }

    /** Leaves nothing of an earlier test. */
    void clear() throws Exception {
        client.resources(Framework.class).inAnyNamespace().delete();
        client.resources(Task.class).inAnyNamespace().delete();
        client.resources(Queue.class).delete();
        client.resources(AgentPool.class).delete();
        client.resources(Agent.class).delete();
        client.resources(DaemonSet.class).inAnyNamespace().delete();
        client.pods().inAnyNamespace().withGracePeriod(0).delete();
        client.nodes().delete();
        if (client.namespaces().withName(NAMESPACE).get() == null) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
        }
        await(
                "a clean cluster",
                () -> client.pods().inAnyNamespace().list().getItems().isEmpty()
                        && client.resources(Task.class)
                                .inAnyNamespace()
                                .list()
                                .getItems()
                                .isEmpty()
                        && client.resources(Agent.class).list().getItems().isEmpty());
    }

    Node node(String name, String cpu, String memory, Map<String, String> labels) {
        Node node = client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build())
                .create();
        Map<String, Quantity> amounts = new HashMap<>();
        amounts.put("cpu", new Quantity(cpu));
        amounts.put("memory", new Quantity(memory));
        amounts.put("pods", new Quantity("110"));
        amounts.put("ephemeral-storage", new Quantity("20Gi"));
        node.setStatus(new NodeBuilder(node)
                .editOrNewStatus()
                .withCapacity(amounts)
                .withAllocatable(amounts)
                .addNewAddress("10.0.0." + Math.floorMod(name.hashCode(), 250), "InternalIP")
                .endStatus()
                .build()
                .getStatus());
        // The API server taints new nodes as not ready; a kubelet would soon lift that.
        return client.resource(node).updateStatus();
    }

    void cordon(String node, boolean cordoned) {
        client.nodes().withName(node).edit(n -> new NodeBuilder(n)
                .editSpec()
                .withUnschedulable(cordoned)
                .endSpec()
                .build());
    }

    Pod pod(String name, String cpu, String memory) {
        return client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("main")
                        .withImage("example/none:1")
                        .withNewResources()
                        .withRequests(Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory)))
                        .endResources()
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    Pod label(Pod pod, Map<String, String> labels) {
        return client.resource(pod).edit(now -> {
            now.getMetadata().setLabels(labels);
            return now;
        });
    }

    /** As kube-scheduler says it. */
    void unschedulable(Pod pod, String message) {
        client.resource(new PodBuilder(client.resource(pod).get())
                        .editOrNewStatus()
                        .withPhase("Pending")
                        .addNewCondition()
                        .withType("PodScheduled")
                        .withStatus("False")
                        .withReason("Unschedulable")
                        .withMessage(message)
                        .endCondition()
                        .endStatus()
                        .build())
                .updateStatus();
    }

    void bind(Pod pod, String node) {
        client.raw(
                "/api/v1/namespaces/" + pod.getMetadata().getNamespace() + "/pods/"
                        + pod.getMetadata().getName() + "/binding",
                "POST",
                new BindingBuilder()
                        .withNewMetadata()
                        .withName(pod.getMetadata().getName())
                        .endMetadata()
                        .withNewTarget()
                        .withKind("Node")
                        .withName(node)
                        .endTarget()
                        .build());
    }

    Pod claim(String node) throws Exception {
        return awaitPresent("the claim of " + node, () -> client.pods()
                .inNamespace(NAMESPACE)
                .withName("offerplane-claim-" + node)
                .get());
    }

    /** Kubelet runs the pod with what its spec asks for at this moment. */
    void run(Pod pod) {
        Pod seen = client.resource(pod).get();
        Map<String, Quantity> asked =
                seen.getSpec().getContainers().getFirst().getResources().getRequests();
        client.resource(new PodBuilder(seen)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .withConditions()
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName(seen.getSpec()
                                        .getContainers()
                                        .getFirst()
                                        .getName())
                                .withReady(true)
                                .withImage("x")
                                .withImageID("x")
                                .withRestartCount(0)
                                .withAllocatedResources(asked)
                                .withNewResources()
                                .withRequests(asked)
                                .withLimits(asked)
                                .endResources()
                                .withNewState()
                                .withNewRunning()
                                .endRunning()
                                .endState()
                                .build())
                        .endStatus()
                        .build())
                .updateStatus();
    }

    /** Kubelet has put a resize off, or refused it. */
    void refuseResize(Pod pod, String reason) {
        client.resource(new PodBuilder(client.resource(pod).get())
                        .editStatus()
                        .addNewCondition()
                        .withType("PodResizePending")
                        .withStatus("True")
                        .withReason(reason)
                        .endCondition()
                        .endStatus()
                        .build())
                .updateStatus();
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        awaitPresent(what, () -> condition.call() ? Boolean.TRUE : null);
    }

    /** Polls until there is an answer; fails with what was awaited. */
    static <T> T awaitPresent(String what, Callable<T> question) throws Exception {
        Instant limit = Instant.now().plus(PATIENCE);
        Throwable last = null;
        while (Instant.now().isBefore(limit)) {
            try {
                T answer = question.call();
                if (answer != null) {
                    return answer;
                }
            } catch (RuntimeException | AssertionError e) {
                last = e;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not within " + PATIENCE + ": " + what, last);
    }
}
