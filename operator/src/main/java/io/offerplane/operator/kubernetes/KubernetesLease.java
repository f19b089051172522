package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.offerplane.operator.runtime.LeaseStore;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@link LeaseStore} in a {@code coordination.k8s.io/v1} Lease. The term is {@code leaseTransitions}: what every tool shows, raised
 * with every holder, and written in the same request that takes the lease, so that no two holders can have the same.
 *
 * <p>Written by update with the resource version, not by server-side apply: here a conflict is the answer that is asked for.
 */
public final class KubernetesLease implements LeaseStore {
    static final String ADDRESS = "offerplane.io/leader-address";
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final Map<String, String> labels;
    private final List<OwnerReference> owners;
    // As it was last seen, with what others have written on it; only the electing thread asks.
    private volatile @Nullable Lease latest;

    /**
     * @param client whose request timeout is well below the time that a leader has for a renewal
     * @param owners of a lease that is made here
     */
    public KubernetesLease(
            KubernetesClient client,
            String namespace,
            String name,
            Map<String, String> labels,
            List<OwnerReference> owners) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
        this.labels = Map.copyOf(labels);
        this.owners = List.copyOf(owners);
    }

    @Override
    public Optional<LeaseRecord> read() throws LeaseUnavailable {
        try {
            Lease lease = client.leases().inNamespace(namespace).withName(name).get();
            latest = lease;
            return Optional.ofNullable(lease).map(KubernetesLease::leaseOf);
        } catch (KubernetesClientException failed) {
            throw new LeaseUnavailable("lease " + namespace + "/" + name + ": " + failed.getMessage(), failed);
        }
    }

    @Override
    public LeaseRecord write(LeaseRecord lease) throws LeaseUnavailable, LeaseTaken {
        try {
            if (lease.version().isEmpty()) {
                return seen(client.leases()
                        .inNamespace(namespace)
                        .resource(objectOf(lease, null))
                        .create());
            }
            Lease present = latest;
            if (present == null || !present.getMetadata().getResourceVersion().equals(lease.version())) {
                throw new LeaseTaken("the lease has changed");
            }
            return seen(client.leases()
                    .inNamespace(namespace)
                    .resource(objectOf(lease, present))
                    .update());
        } catch (KubernetesClientException failed) {
            if (failed.getCode() == CONFLICT || failed.getCode() == NOT_FOUND) {
                throw new LeaseTaken("the lease has changed");
            }
            throw new LeaseUnavailable("lease " + namespace + "/" + name + ": " + failed.getMessage(), failed);
        }
    }

    private LeaseRecord seen(Lease written) {
        latest = written;
        return leaseOf(written);
    }

    private Lease objectOf(LeaseRecord lease, @Nullable Lease present) {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        Map<String, String> annotations = new TreeMap<>();
        if (present != null && present.getMetadata().getAnnotations() != null) {
            annotations.putAll(present.getMetadata().getAnnotations());
        }
        annotations.put(ADDRESS, lease.address());
        boolean newHolder = present == null || !Objects.equals(present.getSpec().getHolderIdentity(), lease.holder());
        LeaseBuilder builder = present == null
                ? new LeaseBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withLabels(labels)
                        .withOwnerReferences(owners)
                        .endMetadata()
                : new LeaseBuilder(present);
        return builder.editMetadata()
                .withAnnotations(annotations)
                .endMetadata()
                .editOrNewSpec()
                .withHolderIdentity(lease.holder())
                .withLeaseTransitions(Math.toIntExact(lease.term()))
                .withLeaseDurationSeconds(
                        Math.toIntExact(Math.max(1, lease.duration().toSeconds())))
                .withRenewTime(now)
                .withAcquireTime(
                        newHolder || present == null ? now : present.getSpec().getAcquireTime())
                .endSpec()
                .build();
    }

    private static LeaseRecord leaseOf(Lease lease) {
        LeaseSpec spec = lease.getSpec();
        Map<String, String> annotations = lease.getMetadata().getAnnotations();
        return new LeaseRecord(
                Objects.requireNonNullElse(spec.getHolderIdentity(), ""),
                annotations == null ? "" : annotations.getOrDefault(ADDRESS, ""),
                Objects.requireNonNullElse(spec.getLeaseTransitions(), 0),
                String.valueOf(spec.getRenewTime()),
                Duration.ofSeconds(Objects.requireNonNullElse(spec.getLeaseDurationSeconds(), 1)),
                lease.getMetadata().getResourceVersion());
    }
}
