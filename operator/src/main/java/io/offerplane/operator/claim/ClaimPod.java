package io.offerplane.operator.claim;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerResizePolicyBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.common.ApiGroup;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The claim as a pod: how it is made, and how what Kubernetes granted is read from it.
 *
 * <p>Its one container does nothing: tasks run beside it in the pod's cgroup, whose limits are the sum that kube-scheduler admitted
 * and kubelet enforces. Requests equal limits, so that it is of class Guaranteed and evicted last.
 */
public final class ClaimPod {
    public static final String CONTAINER = "claim";
    public static final String COMPONENT = "agent-claim";

    /** Ends at once when told to, which {@code sleep} as a container's first process doesn't. */
    private static final List<String> PAUSE =
            List.of("/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done");

    private ClaimPod() {}

    /** What all claim pods have in common. */
    public record Template(String namespace, String instance, String version, String image, String pullPolicy) {}

    public static String nameFor(String node) {
        return "offerplane-claim-" + node;
    }

    /** The pod to create. */
    public static Pod create(Template template, Agent agent, AgentPoolSpec pool, Amount size) {
        String node = agent.getSpec().nodeName();
        Map<String, String> labels = new TreeMap<>(Map.of(
                "app.kubernetes.io/name",
                "offerplane",
                "app.kubernetes.io/instance",
                template.instance(),
                "app.kubernetes.io/version",
                template.version(),
                "app.kubernetes.io/component",
                COMPONENT,
                "app.kubernetes.io/part-of",
                "offerplane",
                "app.kubernetes.io/managed-by",
                "offerplane-operator",
                ApiGroup.LABEL_POOL,
                agent.getSpec().pool()));
        PodBuilder builder = new PodBuilder()
                .withNewMetadata()
                .withName(nameFor(node))
                .withNamespace(template.namespace())
                .withLabels(labels)
                .addToAnnotations(ApiGroup.LABEL_NODE, node)
                .addNewOwnerReference()
                .withApiVersion(agent.getApiVersion())
                .withKind(agent.getKind())
                .withName(agent.getMetadata().getName())
                .withUid(agent.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(false)
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Always")
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(5L)
                .withTolerations(tolerations(pool))
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65534L)
                .withRunAsGroup(65534L)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withNewAffinity()
                .withNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .addNewMatchField()
                .withKey("metadata.name")
                .withOperator("In")
                .withValues(node)
                .endMatchField()
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .endAffinity()
                .addNewContainer()
                .withName(CONTAINER)
                .withImage(template.image())
                .withImagePullPolicy(template.pullPolicy())
                .withCommand(PAUSE)
                .withNewResources()
                .withRequests(size.toQuantities())
                .withLimits(size.toQuantities())
                .endResources()
                .withResizePolicy(
                        new ContainerResizePolicyBuilder()
                                .withResourceName("cpu")
                                .withRestartPolicy("NotRequired")
                                .build(),
                        new ContainerResizePolicyBuilder()
                                .withResourceName("memory")
                                .withRestartPolicy("NotRequired")
                                .build())
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .endSpec();
        AgentPoolSpec.AgentTemplate agentTemplate = pool.agentTemplate();
        if (agentTemplate != null && agentTemplate.priorityClassName() != null) {
            builder.editSpec()
                    .withPriorityClassName(agentTemplate.priorityClassName())
                    .endSpec();
        }
        return builder.build();
    }

    /**
     * The pool's, and those that keep the claim and its tasks where they are while the node can't be reached: it is Offerplane that
     * tells frameworks of lost agents, and a node may come back with its tasks.
     */
    private static List<Toleration> tolerations(AgentPoolSpec pool) {
        List<Toleration> all = new ArrayList<>(pool.tolerations());
        for (String key : List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
            all.add(new TolerationBuilder()
                    .withKey(key)
                    .withOperator("Exists")
                    .withEffect("NoExecute")
                    .build());
        }
        return all;
    }

    /** The patch that resizes it, for the {@code resize} subresource. */
    public static Pod resized(Pod pod, Amount size) {
        return new PodBuilder(pod)
                .editSpec()
                .editMatchingContainer(container -> CONTAINER.equals(container.getName()))
                .withNewResources()
                .withRequests(size.toQuantities())
                .withLimits(size.toQuantities())
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }

    /** What the pod asks for. */
    public static Amount requested(Pod pod) {
        for (Container container : pod.getSpec().getContainers()) {
            if (CONTAINER.equals(container.getName())
                    && container.getResources() != null
                    && container.getResources().getRequests() != null) {
                return Amount.of(container.getResources().getRequests());
            }
        }
        return Amount.ZERO;
    }

    /**
     * What kubelet has granted and put into effect: the smaller of what it allocated and what the container's limits are. Empty until
     * the container runs.
     */
    public static Optional<Amount> granted(Pod pod) {
        if (!isRunning(pod)) {
            return Optional.empty();
        }
        ContainerStatus status = containerStatus(pod);
        if (status == null) {
            return Optional.empty();
        }
        Amount asked = requested(pod);
        Amount granted = asked;
        if (status.getAllocatedResources() != null) {
            granted = granted.min(Amount.of(status.getAllocatedResources(), asked));
        }
        if (status.getResources() != null && status.getResources().getLimits() != null) {
            granted = granted.min(Amount.of(status.getResources().getLimits(), asked));
        }
        return Optional.of(granted);
    }

    /** Whether it is bound to its node, its container runs, and it isn't being deleted. */
    public static boolean isRunning(Pod pod) {
        ContainerStatus status = containerStatus(pod);
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getSpec().getNodeName() != null
                && pod.getStatus() != null
                && "Running".equals(pod.getStatus().getPhase())
                && status != null
                && status.getState() != null
                && status.getState().getRunning() != null;
    }

    /** Whether it has ended and must be made anew, such as after an eviction. */
    public static boolean hasEnded(Pod pod) {
        return !PodRequests.holdsResources(pod);
    }

    /** A resize that isn't through. */
    public enum Resize {
        NONE,
        IN_PROGRESS,
        /** The node has no room for it at the moment; kubelet tries again. */
        DEFERRED,
        /** The node will never have room for it. */
        INFEASIBLE
    }

    public static Resize resize(Pod pod) {
        if (pod.getStatus() == null || pod.getStatus().getConditions() == null) {
            return Resize.NONE;
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if ("PodResizePending".equals(condition.getType()) && "True".equals(condition.getStatus())) {
                return "Infeasible".equals(condition.getReason()) ? Resize.INFEASIBLE : Resize.DEFERRED;
            }
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if ("PodResizeInProgress".equals(condition.getType()) && "True".equals(condition.getStatus())) {
                return Resize.IN_PROGRESS;
            }
        }
        return Resize.NONE;
    }

    private static @Nullable ContainerStatus containerStatus(Pod pod) {
        if (pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null) {
            return null;
        }
        return pod.getStatus().getContainerStatuses().stream()
                .filter(status -> Objects.equals(status.getName(), CONTAINER))
                .findFirst()
                .orElse(null);
    }
}
