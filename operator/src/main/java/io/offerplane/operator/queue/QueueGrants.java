package io.offerplane.operator.queue;

import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The roles that a list of queues stands for: each queue with all below it, so that a grant of the root is one of everything. An
 * empty list grants everything too. Decided by roles, not by paths, as a role may have dots that its path can't tell from levels.
 */
public final class QueueGrants {
    private static final int SHOWN = 8;

    private final boolean everything;

    /** Path by role, in the order in which they were granted. */
    private final Map<String, String> roles;

    private QueueGrants(boolean everything, Map<String, String> roles) {
        this.everything = everything;
        this.roles = roles;
    }

    /**
     * @param paths what is granted
     * @param queues the objects that there are: they may give a path, or one below it, a role of another name
     */
    public static QueueGrants of(List<String> paths, List<Queue> queues) {
        Map<String, String> roles = new LinkedHashMap<>();
        for (String path : paths) {
            QueueRoles.ofPath(path, queues).ifPresent(role -> roles.putIfAbsent(role.value(), path));
            for (Queue queue : queues) {
                String below = queue.getSpec().path();
                if (below.startsWith(path + ".") && queue.getSpec().mesosRole() != null) {
                    QueueRoles.of(queue).ifPresent(role -> roles.putIfAbsent(role.value(), below));
                }
            }
        }
        return new QueueGrants(paths.isEmpty() || paths.contains(QueueRoles.ROOT), roles);
    }

    public boolean allows(RolePath role) {
        return everything
                || roles.keySet().stream()
                        .anyMatch(granted ->
                                role.value().equals(granted) || role.value().startsWith(granted + "/"));
    }

    /** Those of the roles that are not granted. */
    public List<RolePath> refused(List<RolePath> wanted) {
        return wanted.stream().filter(role -> !allows(role)).toList();
    }

    /** The granted roles with their queues, for people. */
    @Override
    public String toString() {
        if (everything) {
            return "every role";
        }
        List<String> shown = new ArrayList<>(roles.entrySet().stream()
                .limit(SHOWN)
                .map(entry -> entry.getKey() + " (queue " + entry.getValue() + ")")
                .toList());
        if (roles.size() > SHOWN) {
            shown.add((roles.size() - SHOWN) + " more");
        }
        return shown.stream().collect(Collectors.joining(", "));
    }
}
