package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.Diagnosis;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Folds what frameworks wait for into what their roles, and those above, wait for. */
final class RoleDiagnostics {
    private final Cluster cluster;

    /** By role, with those below it; the first diagnosis of each framework. */
    private final Map<RolePath, Map<FrameworkId, Diagnosis>> waiting = new TreeMap<>();

    RoleDiagnostics(Cluster cluster) {
        this.cluster = cluster;
    }

    List<Diagnosis.OfRole> build(List<Diagnosis> diagnoses) {
        for (Diagnosis diagnosis : diagnoses) {
            for (RolePath role = diagnosis.role(); ; role = role.parent()) {
                waiting.computeIfAbsent(role, r -> new LinkedHashMap<>())
                        .putIfAbsent(diagnosis.frameworkId(), diagnosis);
                if (!role.isNested()) {
                    break;
                }
            }
        }
        Map<RolePath, Set<FrameworkId>> wanting = wanting();
        List<Diagnosis.OfRole> folded = new ArrayList<>();
        waiting.forEach((role, those) -> folded.add(fold(
                role,
                List.copyOf(those.values()),
                wanting.getOrDefault(role, Set.of()).size())));
        return folded;
    }

    /** Who wants something in the roles that somebody waits in. */
    private Map<RolePath, Set<FrameworkId>> wanting() {
        Map<RolePath, Set<FrameworkId>> wanting = new TreeMap<>();
        for (Framework framework : cluster.frameworks.all()) {
            for (Subscription subscription : framework.subscriptions.values()) {
                for (RolePath role = subscription.role; Diagnostics.wants(subscription); role = role.parent()) {
                    if (waiting.containsKey(role)) {
                        wanting.computeIfAbsent(role, r -> new HashSet<>()).add(framework.id);
                    }
                    if (!role.isNested()) {
                        break;
                    }
                }
            }
        }
        return wanting;
    }

    private Diagnosis.OfRole fold(RolePath role, List<Diagnosis> those, int wanting) {
        Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
        for (Diagnosis diagnosis : those) {
            diagnosis.reason().ifPresent(reason -> counts.merge(reason, 1, Integer::sum));
        }
        Diagnosis foremost = those.getFirst();
        for (Diagnosis diagnosis : those) {
            if (frequency(diagnosis, counts) > frequency(foremost, counts)) {
                foremost = diagnosis;
            }
        }
        return new Diagnosis.OfRole(
                role, those.size(), wanting, counts, foremost, sentence(role, those.size(), wanting, foremost));
    }

    private static int frequency(Diagnosis diagnosis, Map<Reason, Integer> counts) {
        return diagnosis.reason().map(counts::get).orElse(0);
    }

    private String sentence(RolePath role, int count, int wanting, Diagnosis foremost) {
        String who = count < wanting
                ? count + " of " + wanting + " frameworks " + (count == 1 ? "waits" : "wait")
                : count == 1 ? "its only framework waits" : "all " + count + " frameworks wait";
        Optional<RolePath> limited = foremost.limitedBy();
        if (foremost.reason().filter(Reason.QUOTA_LIMIT::equals).isPresent()
                && limited.filter(role::equals).isPresent()) {
            Limit limit = Limit.first(cluster.quotas, role, foremost.needed());
            if (limit.role().equals(role)) {
                return DiagnosisText.text(limit) + "; " + who;
            }
        }
        Framework framework = cluster.frameworks.find(foremost.frameworkId());
        String name = framework == null ? "" : framework.spec.name() + ", ";
        return who + "; " + name + foremost.frameworkId() + ": " + foremost.sentence();
    }
}
