package io.offerplane.operator.claim;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a pod takes of a node in kube-scheduler's eyes: requests of its containers and sidecars or, where larger, of an init
 * container beside the sidecars started before it; plus overhead. While a resize is under way the larger of asked and allocated
 * counts (KEP-1287).
 */
public final class PodRequests {
    private PodRequests() {}

    public static Amount of(Pod pod) {
        Amount running = Amount.ZERO;
        for (Container container : pod.getSpec().getContainers()) {
            running = running.plus(requested(container).max(allocated(pod, container.getName())));
        }
        Amount sidecars = Amount.ZERO;
        Amount starting = Amount.ZERO;
        for (Container container :
                Objects.requireNonNullElse(pod.getSpec().getInitContainers(), List.<Container>of())) {
            Amount request = requested(container);
            if ("Always".equals(container.getRestartPolicy())) {
                sidecars = sidecars.plus(request);
                starting = starting.max(sidecars);
            } else {
                starting = starting.max(sidecars.plus(request));
            }
        }
        Amount sum = running.plus(sidecars).max(starting);
        Map<String, Quantity> overhead = pod.getSpec().getOverhead();
        return overhead == null ? sum : sum.plus(Amount.of(overhead));
    }

    /** What each pod of this template will take. */
    public static Amount of(PodTemplateSpec template) {
        return of(new PodBuilder().withSpec(template.getSpec()).build());
    }

    /** Whether it still takes anything of its node. */
    public static boolean holdsResources(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return !"Succeeded".equals(phase) && !"Failed".equals(phase);
    }

    /** Whether kube-scheduler found no node for it for want of cpu or memory. */
    public static boolean waitsForRoom(Pod pod) {
        if (pod.getSpec().getNodeName() != null
                || pod.getStatus() == null
                || pod.getStatus().getConditions() == null
                || pod.getMetadata().getDeletionTimestamp() != null) {
            return false;
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if ("PodScheduled".equals(condition.getType())
                    && "False".equals(condition.getStatus())
                    && "Unschedulable".equals(condition.getReason())) {
                String message = Objects.requireNonNullElse(condition.getMessage(), "");
                return message.contains("Insufficient cpu") || message.contains("Insufficient memory");
            }
        }
        return false;
    }

    private static Amount requested(Container container) {
        ResourceRequirements resources = container.getResources();
        return resources == null || resources.getRequests() == null ? Amount.ZERO : Amount.of(resources.getRequests());
    }

    private static Amount allocated(Pod pod, String container) {
        if (pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null) {
            return Amount.ZERO;
        }
        for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
            if (status.getName().equals(container) && status.getAllocatedResources() != null) {
                return Amount.of(status.getAllocatedResources());
            }
        }
        return Amount.ZERO;
    }
}
