package io.offerplane.shim.container;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.ContainerID;

/**
 * A container's name as clients give it: its own id after those of the containers that it lies within. Source: mesos.v1.ContainerID.
 *
 * @param ids the outermost container's first; none empty
 */
public record ContainerName(List<String> ids) {
    public ContainerName {
        ids = List.copyOf(ids);
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("a container has at least its own id");
        }
    }

    public static ContainerName of(String... ids) {
        return new ContainerName(List.of(ids));
    }

    /** @param id with its parents */
    public static ContainerName of(ContainerID id) {
        Deque<String> ids = new ArrayDeque<>();
        ids.addFirst(id.getValue());
        for (ContainerID at = id; at.hasParent(); at = at.getParent()) {
            ids.addFirst(at.getParent().getValue());
        }
        return new ContainerName(List.copyOf(ids));
    }

    /** As Mesos' messages have it. */
    public ContainerID toId() {
        ContainerID.Builder id = ContainerID.newBuilder().setValue(ids.getLast());
        parent().ifPresent(parent -> id.setParent(parent.toId()));
        return id.build();
    }

    /** Of the container around it; empty for an outermost one. */
    public Optional<ContainerName> parent() {
        return ids.size() == 1 ? Optional.empty() : Optional.of(new ContainerName(ids.subList(0, ids.size() - 1)));
    }

    public ContainerName root() {
        return new ContainerName(ids.subList(0, 1));
    }

    /** Whether it lies in the other, at whatever depth. None lies in itself. */
    public boolean isWithin(ContainerName other) {
        return ids.size() > other.ids.size() && ids.subList(0, other.ids.size()).equals(other.ids);
    }

    /** Mesos' text of it. */
    @Override
    public String toString() {
        return String.join(".", ids);
    }
}
