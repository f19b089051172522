package io.offerplane.e2e.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The differences that are meant, from docs/differences.md. Each has a heading {@code ## D7: ...}, a reason, and one or more
 * {@code diff} blocks; a block names its scenario in its first line and has below, letter for letter, the lines that it
 * explains. Lines that follow one another in the block must do so in the difference.
 */
final class Differences {
    /** One block. */
    private record Excuse(String id, String scenario, List<String> lines) {}

    private static final Pattern HEADING = Pattern.compile("## (D[0-9]+): \\S.*");
    private static final Pattern SCENARIOS = Pattern.compile("# scenarios?: (.+)");

    private final List<Excuse> excuses;

    private Differences(List<Excuse> excuses) {
        this.excuses = List.copyOf(excuses);
    }

    static Differences read(Path file) throws IOException {
        return parse(Files.readAllLines(file));
    }

    static Differences parse(List<String> text) {
        List<Excuse> excuses = new ArrayList<>();
        String id = "";
        boolean reasoned = false;
        List<String> scenarios = List.of();
        List<String> block = null;
        for (String line : text) {
            Matcher heading = HEADING.matcher(line);
            Matcher names = SCENARIOS.matcher(line);
            if (block != null) {
                if (line.equals("```")) {
                    for (String scenario : scenarios) {
                        excuses.add(new Excuse(id, scenario, List.copyOf(block)));
                    }
                    if (scenarios.isEmpty() || block.isEmpty()) {
                        throw new IllegalArgumentException(id + ": a diff block names its scenario and has lines");
                    }
                    block = null;
                } else if (names.matches()) {
                    scenarios = Arrays.stream(names.group(1).split(","))
                            .map(String::strip)
                            .toList();
                } else {
                    block.add(line);
                }
            } else if (heading.matches()) {
                id = heading.group(1);
                reasoned = false;
            } else if (line.equals("```diff")) {
                if (id.isEmpty() || !reasoned) {
                    throw new IllegalArgumentException("a diff block stands below a heading with an id, and a reason");
                }
                block = new ArrayList<>();
                scenarios = List.of();
            } else if (!line.isBlank()) {
                reasoned = true;
            }
        }
        if (block != null) {
            throw new IllegalArgumentException(id + ": a diff block does not end");
        }
        return new Differences(excuses);
    }

    /** The scenarios that are named, to tell a name that no scenario has. */
    List<String> scenarios() {
        return excuses.stream().map(Excuse::scenario).distinct().toList();
    }

    /** Judges the difference between two histories of a scenario. */
    Verdict judge(Scenario scenario, List<String> diff, long millis) {
        List<String> left = new ArrayList<>(diff);
        List<String> explainedBy = new ArrayList<>();
        List<String> stale = new ArrayList<>();
        for (Excuse excuse : excuses) {
            if (!excuse.scenario().equals(scenario.id())) {
                continue;
            }
            int at = Collections.indexOfSubList(left, excuse.lines());
            if (at < 0) {
                stale.add(excuse.id());
            } else {
                left.subList(at, at + excuse.lines().size()).clear();
                if (!explainedBy.contains(excuse.id())) {
                    explainedBy.add(excuse.id());
                }
            }
        }
        return new Verdict(
                scenario.id(),
                scenario.title(),
                List.copyOf(explainedBy),
                List.copyOf(left),
                List.copyOf(stale),
                millis);
    }
}
