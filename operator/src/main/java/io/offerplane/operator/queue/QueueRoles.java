package io.offerplane.operator.queue;

import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.engine.role.RolePath;
import java.util.List;
import java.util.Optional;

/** One node of the tree, two names: queue {@code root.eng.ads} is role {@code eng/ads}. Pure. */
public final class QueueRoles {
    public static final String ROOT = "root";

    /** The queue of those who name no role, which Mesos writes {@code *}. */
    public static final String DEFAULT = "root.default";

    private QueueRoles() {}

    /** The role of a path by rule; empty for the root, which is nobody's role. */
    public static Optional<RolePath> ofPath(String path) {
        if (path.equals(ROOT)) {
            return Optional.empty();
        }
        if (path.equals(DEFAULT)) {
            return Optional.of(RolePath.DEFAULT);
        }
        return Optional.of(new RolePath(path.substring(ROOT.length() + 1).replace('.', '/')));
    }

    /** The role of a Queue object: what it names itself, else by rule. */
    public static Optional<RolePath> of(Queue queue) {
        String named = queue.getSpec().mesosRole();
        return named == null ? ofPath(queue.getSpec().path()) : Optional.of(new RolePath(named));
    }

    /** The role of a path, asking the objects first: one of them may name another role for it. */
    public static Optional<RolePath> ofPath(String path, List<Queue> queues) {
        return queues.stream()
                .filter(queue -> queue.getSpec().path().equals(path))
                .findFirst()
                .map(QueueRoles::of)
                .orElseGet(() -> ofPath(path));
    }

    /** The path of a role by rule, for people. */
    public static String pathOf(RolePath role) {
        return role.equals(RolePath.DEFAULT)
                ? DEFAULT
                : ROOT + "." + role.value().replace('/', '.');
    }

    /** The path above; empty for the root. */
    public static Optional<String> parentOf(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? Optional.empty() : Optional.of(path.substring(0, dot));
    }
}
