package io.offerplane.engine.theorem;

import java.util.ArrayList;
import java.util.List;

/**
 * What there is, and who wants it.
 *
 * @param agents what each has, in whole units of {@link #NAMES}
 * @param root the roles of the first level are its children; its own weight and path mean nothing
 */
record Pool(List<List<Long>> agents, Claimant root) {
    static final List<String> NAMES = List.of("cpus", "mem", "disk");

    List<Long> totals() {
        List<Long> totals = new ArrayList<>();
        for (int resource = 0; resource < NAMES.size(); resource++) {
            long sum = 0;
            for (List<Long> agent : agents) {
                sum += agent.get(resource);
            }
            totals.add(sum);
        }
        return totals;
    }

    List<Claimant> frameworks() {
        return root.frameworks();
    }

    Pool withRoles(List<Claimant> roles) {
        return new Pool(agents, Claimant.role("", 2, roles));
    }

    /** The dominant share of one task: the step in which a framework's share grows. */
    Fraction step(Claimant framework) {
        return step(framework.demand());
    }

    Fraction step(List<Long> demand) {
        Fraction largest = Fraction.ZERO;
        for (int resource = 0; resource < NAMES.size(); resource++) {
            largest = Fraction.max(largest, Fraction.of(demand.get(resource), totals().get(resource)));
        }
        return largest;
    }

    /** {@code cpus:4;mem:16;}: amounts as tests write them. */
    static String text(List<Long> amounts) {
        StringBuilder text = new StringBuilder();
        for (int resource = 0; resource < NAMES.size(); resource++) {
            if (amounts.get(resource) > 0) {
                text.append(NAMES.get(resource))
                        .append(':')
                        .append(amounts.get(resource))
                        .append(';');
            }
        }
        return text.toString();
    }
}
