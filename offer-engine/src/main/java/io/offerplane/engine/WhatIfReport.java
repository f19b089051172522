package io.offerplane.engine;

import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Rejection;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one cycle shares out as things are, and what it would with one change.
 *
 * @param answer whether the change is possible at all; when it is refused there are no differences but its own
 * @param differences of those who would be offered something else, in order of framework and role
 * @param gone rejections that would no longer be
 * @param added rejections that would be new
 */
public record WhatIfReport(
        Decision.Answer answer, List<Difference> differences, List<Rejection> gone, List<Rejection> added) {
    public WhatIfReport {
        differences = List.copyOf(differences);
        gone = List.copyOf(gone);
        added = List.copyOf(added);
    }

    /** One framework in one role. */
    public record Difference(FrameworkId framework, RolePath role, Share asItIs, Share changed) {}

    /** What one cycle did, and how things stood after it. */
    record Round(List<Effect> effects, EngineView view) {}

    /**
     * What is offered to somebody, or granted in containers.
     *
     * @param agents by their host names, in order
     */
    public record Share(Resources resources, List<String> agents) {
        private static final Share NOTHING = new Share(Resources.EMPTY, List.of());

        @Override
        public String toString() {
            return agents.isEmpty() ? "nothing" : resources + " on " + String.join(", ", agents);
        }
    }

    private record Who(FrameworkId framework, RolePath role) implements Comparable<Who> {
        @Override
        public int compareTo(Who other) {
            int byFramework = framework.compareTo(other.framework);
            return byFramework != 0 ? byFramework : role.compareTo(other.role);
        }
    }

    static WhatIfReport of(Decision.Answer answer, Round asItIs, Round changed) {
        Map<Who, Share> before = shares(asItIs);
        Map<Who, Share> after = shares(changed);
        Set<Who> all = new LinkedHashSet<>(before.keySet());
        all.addAll(after.keySet());
        List<Difference> differences = new ArrayList<>();
        for (Who who : all.stream().sorted().toList()) {
            Share was = before.getOrDefault(who, Share.NOTHING);
            Share is = after.getOrDefault(who, Share.NOTHING);
            if (!was.equals(is)) {
                differences.add(new Difference(who.framework, who.role, was, is));
            }
        }
        return new WhatIfReport(
                answer,
                differences,
                without(asItIs.view.rejections(), changed.view.rejections()),
                without(changed.view.rejections(), asItIs.view.rejections()));
    }

    /** Whoever is kept from an agent, by whatever reason, is the same rejection however much there is of it. */
    private static List<Rejection> without(List<Rejection> these, List<Rejection> those) {
        record Kept(FrameworkId framework, RolePath role, Object agent, Rejection.Reason reason) {
            static Kept of(Rejection rejection) {
                return new Kept(rejection.frameworkId(), rejection.role(), rejection.agentId(), rejection.reason());
            }
        }
        Set<Kept> kept = new LinkedHashSet<>();
        those.forEach(rejection -> kept.add(Kept.of(rejection)));
        return these.stream()
                .filter(rejection -> !kept.contains(Kept.of(rejection)))
                .toList();
    }

    private static Map<Who, Share> shares(Round round) {
        Map<Who, Share> shares = new TreeMap<>();
        for (Effect effect : round.effects) {
            if (effect instanceof Effect.SendOffers sent) {
                for (Offer offer : sent.offers()) {
                    add(
                            shares,
                            new Who(offer.frameworkId(), offer.role()),
                            offer.resources(),
                            offer.agent().hostname());
                }
            } else if (effect instanceof Effect.GrantContainers granted) {
                Who who = new Who(granted.frameworkId(), roleOf(granted.frameworkId(), round.view));
                for (Grant grant : granted.grants()) {
                    add(
                            shares,
                            who,
                            Resources.scalars(grant.size().amounts()),
                            grant.agent().hostname());
                }
            }
        }
        return shares;
    }

    /** An application is in one role. */
    private static RolePath roleOf(FrameworkId application, EngineView view) {
        return view.frameworks().stream()
                .filter(framework -> framework.id().equals(application))
                .flatMap(framework -> framework.spec().roles().stream())
                .findFirst()
                .orElseThrow();
    }

    private static void add(Map<Who, Share> shares, Who who, Resources resources, String host) {
        shares.merge(who, new Share(resources, List.of(host)), WhatIfReport::sum);
    }

    private static Share sum(Share left, Share right) {
        Set<String> agents = new TreeSet<>(left.agents);
        agents.addAll(right.agents);
        return new Share(left.resources.plus(right.resources), List.copyOf(agents));
    }

    /** For people: one line for each who is better or worse off. */
    public String text() {
        if (answer instanceof Decision.Answer.Refused refused) {
            return "The change is not possible: " + refused.message();
        }
        if (differences.isEmpty()) {
            return "Nobody would be offered anything else.";
        }
        StringJoiner lines = new StringJoiner("\n");
        for (Difference difference : differences) {
            lines.add(difference.framework() + " in role " + difference.role() + " would be offered "
                    + difference.changed() + " instead of " + difference.asItIs() + ".");
        }
        return lines.toString();
    }
}
