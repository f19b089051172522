package io.offerplane.operator.agent;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.agent.FaultDomain;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.status.KubernetesAmounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What frameworks are told of a node: from the Node object, the pool, and for a node that can't be seen from the Agent's status. */
final class AgentSpecs {
    /** Where the shim serves HTTP on each node. */
    static final int SHIM_PORT = 5051;

    private static final Quantity DEFAULT_DISK = new Quantity("10Gi");

    private AgentSpecs() {}

    /** @param version of the shim that the operator deploys; the shim itself says better when it registers */
    static AgentSpec of(Agent agent, @Nullable AgentPool pool, @Nullable Node node, String version) {
        String name = agent.getSpec().nodeName();
        AgentStatus status = agent.getStatus();
        String known = status == null ? null : status.address();
        String address = node == null
                ? Objects.requireNonNullElse(known, name)
                : internalAddress(node).orElse(name);
        boolean byAddress = pool != null && pool.getSpec().hostname() == AgentPoolSpec.HostnameSource.INTERNAL_ADDRESS;
        return new AgentSpec(
                byAddress ? address : name,
                address,
                SHIM_PORT,
                name,
                agent.getSpec().pool(),
                pool == null || node == null ? List.of() : attributes(pool.getSpec(), node),
                pool == null || node == null ? Optional.empty() : faultDomain(pool.getSpec(), node),
                version);
    }

    static Optional<String> internalAddress(Node node) {
        if (node.getStatus() == null || node.getStatus().getAddresses() == null) {
            return Optional.empty();
        }
        return node.getStatus().getAddresses().stream()
                .filter(address -> "InternalIP".equals(address.getType()))
                .map(NodeAddress::getAddress)
                .findFirst();
    }

    private static List<Attribute> attributes(AgentPoolSpec pool, Node node) {
        List<Attribute> attributes = new ArrayList<>();
        for (AgentPoolSpec.NodeAttribute wanted : pool.attributes()) {
            String text =
                    wanted.fromLabel() == null ? wanted.value() : labels(node).get(wanted.fromLabel());
            if (text != null) {
                value(wanted, text).ifPresent(value -> attributes.add(new Attribute(wanted.name(), value)));
            }
        }
        return attributes;
    }

    /** A scalar whose text is no number is left out: a wrong attribute is worse than none. */
    private static Optional<Attribute.Value> value(AgentPoolSpec.NodeAttribute wanted, String text) {
        if (wanted.type() != AgentPoolSpec.ValueType.SCALAR) {
            return Optional.of(new Attribute.Value.Text(text));
        }
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? Optional.of(new Attribute.Value.Scalar(number)) : Optional.empty();
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    private static Optional<FaultDomain> faultDomain(AgentPoolSpec pool, Node node) {
        AgentPoolSpec.@Nullable FaultDomainLabels labels = pool.faultDomain();
        String regionLabel = labels == null ? null : labels.regionLabel();
        String zoneLabel = labels == null ? null : labels.zoneLabel();
        String region = labels(node).get(Objects.requireNonNullElse(regionLabel, "topology.kubernetes.io/region"));
        String zone = labels(node).get(Objects.requireNonNullElse(zoneLabel, "topology.kubernetes.io/zone"));
        return region == null || zone == null ? Optional.empty() : Optional.of(new FaultDomain(region, zone));
    }

    private static Map<String, String> labels(Node node) {
        return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.<String, String>of());
    }

    /** All that may be offered on a claim of this size: cpus and mem from the claim, disk and ports from the pool. */
    static Resources offered(Amount claim, AgentPoolSpec pool, @Nullable Node node) {
        Map<String, io.offerplane.engine.resource.Quantity> scalars = new TreeMap<>();
        scalars.put("cpus", io.offerplane.engine.resource.Quantity.ofMilli(claim.cpuMilli()));
        scalars.put("mem", io.offerplane.engine.resource.Quantity.ofMilli((claim.memoryBytes() >> 20) * 1000));
        scalars.put("disk", io.offerplane.engine.resource.Quantity.ofMilli((diskBytes(pool, node) >> 20) * 1000));
        TreeMap<String, Ranges> ranges = new TreeMap<>();
        ranges.put("ports", ports(pool));
        return new Resources(ResourceQuantities.of(scalars), ranges, new TreeMap<>());
    }

    private static long diskBytes(AgentPoolSpec pool, @Nullable Node node) {
        Quantity wanted = pool.claim() == null || pool.claim().disk() == null
                ? DEFAULT_DISK
                : pool.claim().disk();
        long bytes = KubernetesAmounts.bytesOf(wanted);
        Quantity has =
                node == null || node.getStatus() == null || node.getStatus().getAllocatable() == null
                        ? null
                        : node.getStatus().getAllocatable().get(KubernetesAmounts.STORAGE);
        return has == null ? bytes : Math.min(bytes, KubernetesAmounts.bytesOf(has));
    }

    private static Ranges ports(AgentPoolSpec pool) {
        List<String> texts = pool.ports().isEmpty() ? List.of("31000-32000") : pool.ports();
        List<Ranges.Range> ranges = new ArrayList<>();
        for (String text : texts) {
            int dash = text.indexOf('-');
            long first = Long.parseLong(dash < 0 ? text : text.substring(0, dash));
            long last = dash < 0 ? first : Long.parseLong(text.substring(dash + 1));
            ranges.add(new Ranges.Range(first, last));
        }
        return new Ranges(ranges);
    }
}
