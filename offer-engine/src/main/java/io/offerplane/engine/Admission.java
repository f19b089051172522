package io.offerplane.engine;

import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which applications of a role may hold containers, and whether one more may come. */
final class Admission {
    private final Cluster cluster;
    private final AskBook asks;

    Admission(Cluster cluster, AskBook asks) {
        this.cluster = cluster;
        this.asks = asks;
    }

    void set(RolePath role, Optional<QueuePolicy> policy) {
        cluster.policies.set(role, policy);
        cluster.roles.orderBy(role, cluster.policies.of(role).ordering());
        admit(role);
        cluster.agenda.visitAllAtOnce();
        cluster.agenda.quotasMoved();
    }

    /** What is wrong with one more application there, in the words of YARN's LeafQueue. */
    Optional<String> fault(RolePath role, String application) {
        int there = applications(role).size();
        return cluster.policies
                .of(role)
                .maxApplications()
                .filter(most -> there >= most)
                .map(most -> "Queue " + role + " already has " + there
                        + " applications, cannot accept submission of application: " + application
                        + " (expected: at most " + most + ")");
    }

    /** Lets as many applications of the role begin as may. Those that have begun go on, even where fewer may by now. */
    void admit(RolePath role) {
        List<Framework> applications = applications(role);
        int most = cluster.policies.of(role).maxRunningApplications().orElse(Integer.MAX_VALUE);
        int running = 0;
        List<Framework> waiting = new ArrayList<>();
        for (Framework framework : applications) {
            Application application = framework.application;
            if (application != null && application.admitted) {
                running++;
            } else {
                waiting.add(framework);
            }
        }
        waiting.sort(Comparator.comparingInt((Framework framework) -> -framework.priority())
                .thenComparing(f -> f.registered));
        for (Framework framework : waiting) {
            Application application = framework.application;
            if (running >= most) {
                return;
            }
            if (application != null) {
                running++;
                application.admitted = true;
                application.fresh = application.hasDemand();
                asks.refresh(framework, application);
            }
        }
    }

    private List<Framework> applications(RolePath role) {
        return cluster.frameworks.all().stream()
                .filter(framework -> framework.application != null)
                .filter(framework -> framework.spec.roles().contains(role))
                .toList();
    }
}
