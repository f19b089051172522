package io.offerplane.e2e.conformance;

import java.util.List;

/**
 * How one scenario came out.
 *
 * @param scenario the scenario
 * @param explainedBy ids in docs/differences.md of the differences that showed
 * @param unexplained lines of the difference that nothing there explains, with their marks
 * @param stale ids there that explain differences in this scenario which did not show: they must go
 * @param millis how long it took
 */
public record Verdict(
        String scenario,
        String title,
        List<String> explainedBy,
        List<String> unexplained,
        List<String> stale,
        long millis) {

    /** Whether it is as Mesos does it, but for what is explained. */
    public boolean passes() {
        return unexplained.isEmpty() && stale.isEmpty();
    }

    /** What the table says of Offerplane. */
    String word() {
        if (!unexplained.isEmpty()) {
            return "DIFFERENT";
        }
        if (!stale.isEmpty()) {
            return "same, though " + String.join(", ", stale) + " says otherwise";
        }
        return explainedBy.isEmpty() ? "same" : "explained (" + String.join(", ", explainedBy) + ")";
    }

    /** What to print for whoever must mend it. */
    public String complaint() {
        return unexplained.isEmpty()
                ? scenario + ": docs/differences.md explains differences that are not there: " + stale
                : scenario + " (" + title
                        + "): Mesos 1.11.0 alone does \"-\", the system under test alone does \"+\":\n  "
                        + String.join("\n  ", unexplained);
    }
}
