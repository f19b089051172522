package io.offerplane.shim.http;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.link.v1.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;

/**
 * What the node has, and what of it is taken, as the leader last said and the tasks here tell.
 *
 * @param total all that the leader offers of this node
 * @param allocated what executors and living tasks take
 * @param attributes of the node
 */
record AgentResources(List<Resource> total, List<Resource> allocated, List<Attribute> attributes) {

    private static final double BYTES_PER_MEGABYTE = 1 << 20;

    AgentResources {
        total = List.copyOf(total);
        allocated = List.copyOf(allocated);
        attributes = List.copyOf(attributes);
    }

    /**
     * Those of a claim and of what is held.
     *
     * @param lendable revocable ones that there are beside the claim's
     */
    static AgentResources of(Claim claim, List<Resource> lendable, HeldFrameworks held) {
        List<Resource> total = new ArrayList<>();
        List<Attribute> attributes = new ArrayList<>();
        try {
            for (ByteString resource : claim.getResourcesList()) {
                total.add(Resource.parseFrom(resource));
            }
            for (ByteString attribute : claim.getAttributesList()) {
                attributes.add(Attribute.parseFrom(attribute));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the claim holds a resource or attribute that is none", e);
        }
        if (total.isEmpty()) {
            // Of a leader that doesn't say so, what the claim alone tells.
            total.add(scalar("cpus", claim.getCpuMilli() / 1000.0));
            total.add(scalar("mem", claim.getMemoryBytes() / BYTES_PER_MEGABYTE));
        }
        total.addAll(lendable);
        return new AgentResources(
                total,
                held.executors().stream()
                        .flatMap(executor -> executor.allocated().stream())
                        .toList(),
                attributes);
    }

    private static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    /** Those that aren't reserved. */
    static List<Resource> unreserved(List<Resource> resources) {
        return resources.stream()
                .filter(resource -> resource.getReservationsCount() == 0)
                .toList();
    }

    /** Those that are, by the role that they are reserved for. */
    static Map<String, List<Resource>> reserved(List<Resource> resources) {
        Map<String, List<Resource>> byRole = new TreeMap<>();
        for (Resource resource : resources) {
            int last = resource.getReservationsCount() - 1;
            if (last >= 0) {
                byRole.computeIfAbsent(resource.getReservations(last).getRole(), role -> new ArrayList<>())
                        .add(resource);
            }
        }
        return byRole;
    }

    /** Mesos' endpoints name the role of unreserved resources, though no message needs to any more. */
    @SuppressWarnings("deprecation")
    static Resource inEndpointFormat(Resource resource) {
        int last = resource.getReservationsCount() - 1;
        String role = last < 0 ? "*" : resource.getReservations(last).getRole();
        return resource.toBuilder().setRole(role).build();
    }

    /** How much there is of one scalar, in Mesos' thousandths. */
    static double sum(Stream<Resource> resources, String name) {
        double sum = resources
                .filter(resource -> resource.getName().equals(name) && resource.getType() == Value.Type.SCALAR)
                .mapToDouble(resource -> resource.getScalar().getValue())
                .sum();
        return Math.round(sum * 1000) / 1000.0;
    }
}
