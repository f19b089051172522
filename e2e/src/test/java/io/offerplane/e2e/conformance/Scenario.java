package io.offerplane.e2e.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One scenario: what a framework or a tool does, step by step. What it should see is nowhere written by hand; the oracle says
 * it, and {@code <id>.mesos.txt} beside the scenario holds what it said.
 *
 * @param id the file's name without its ending, as {@code 07-decline-without-filter}
 * @param title what it is about, in one line
 * @param covers numbers of the rows of the conformance checklist in docs/conformance.md
 * @param agents on how many agents it plays; offers of further agents are declined unseen
 * @param swappable names (of roles, say) of which either may come first: they are numbered in the order of their appearance
 * @param steps the steps, in their order
 */
record Scenario(String id, String title, List<Integer> covers, int agents, List<String> swappable, List<Step> steps) {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** The verbs, and what each takes: a name that is not listed is a mistake in the scenario, not ignored. */
    private static final Map<String, Set<String>> VERBS = Map.ofEntries(
            Map.entry(
                    "subscribe",
                    Set.of(
                            "as",
                            "framework",
                            "id",
                            "fields",
                            "wire",
                            "headers",
                            "detail",
                            "acknowledge",
                            "path",
                            "within")),
            Map.entry("call", Set.of("on", "type", "body", "framework_id", "stream_id", "headers", "raw", "path")),
            Map.entry("launch", Set.of("on", "offers", "tasks", "filters", "operations")),
            Map.entry("await", Set.of("on", "event", "where", "bind", "count", "within", "detail", "role", "each")),
            Map.entry("quiet", Set.of("on", "lane", "for")),
            Map.entry("acknowledge", Set.of("on", "update")),
            Map.entry("close", Set.of("stream")),
            Map.entry("ended", Set.of("stream", "within")),
            Map.entry(
                    "http",
                    Set.of(
                            "method",
                            "path",
                            "headers",
                            "body",
                            "json",
                            "protobuf",
                            "repeat",
                            "brief",
                            "headers_only",
                            "chunked")),
            Map.entry("get", Set.of("path", "shape", "values", "maps", "select", "names")),
            Map.entry("until", Set.of("get", "where", "within")));

    /**
     * One step.
     *
     * @param verb what to do
     * @param with its arguments
     */
    record Step(String verb, JsonNode with) {}

    static Scenario read(Path file) throws IOException {
        JsonNode root = YAML.readTree(file.toFile());
        String id = file.getFileName().toString().replaceFirst("\\.yaml$", "");
        checkNames(id, root, Set.of("title", "covers", "agents", "swappable", "steps"));
        List<Integer> covers = new ArrayList<>();
        root.path("covers").forEach(number -> covers.add(number.asInt()));
        List<String> swappable = new ArrayList<>();
        root.path("swappable").forEach(name -> swappable.add(name.asText()));
        List<Step> steps = new ArrayList<>();
        for (JsonNode step : root.path("steps")) {
            if (step.size() != 1) {
                throw new IllegalArgumentException(id + ": a step is one verb with its arguments, not " + step);
            }
            String verb = step.fieldNames().next();
            Set<String> names = VERBS.get(verb);
            if (names == null) {
                throw new IllegalArgumentException(id + ": no verb " + verb + " among " + VERBS.keySet());
            }
            checkNames(id + ": " + verb, step.get(verb), names);
            steps.add(new Step(verb, step.get(verb)));
        }
        if (root.path("title").asText().isEmpty() || steps.isEmpty()) {
            throw new IllegalArgumentException(id + ": a scenario needs a title and steps");
        }
        return new Scenario(
                id,
                root.get("title").asText(),
                List.copyOf(covers),
                root.path("agents").asInt(1),
                List.copyOf(swappable),
                List.copyOf(steps));
    }

    /** Every text that the scenario itself brings in, and that is no identifier of the master's making therefore. */
    Set<String> words() {
        Set<String> words = new HashSet<>();
        steps.forEach(step -> words(step.with(), words));
        return words;
    }

    private static void words(JsonNode node, Set<String> words) {
        if (node.isTextual()) {
            words.add(node.asText());
        }
        node.forEach(child -> words(child, words));
    }

    /** All scenarios of a folder, in the order of their numbers. */
    static List<Scenario> readAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Scenario> scenarios = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                scenarios.add(read(file));
            }
            return List.copyOf(scenarios);
        }
    }

    private static void checkNames(String where, JsonNode object, Set<String> names) {
        object.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(where + ": no argument " + name + " among " + names);
            }
        });
    }
}
