package io.offerplane.e2e.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Writes JSON as lines of {@code path: value}, one for each leaf, in the order of the field names. What differs between any
 * two clusters (ids, times, addresses) becomes a symbol; all else stays as the server wrote it, so {@code 15.0} is not
 * {@code 15}.
 *
 * <p>Lists of named things (resources, attributes, labels) are ordered by name, as Mesos promises none there; all other lists
 * stay in their order.
 */
final class Canonical {
    private record Rule(Pattern path, String kind) {
        static Rule of(String path, String kind) {
            return new Rule(Pattern.compile("(?:^|.*\\.)(?:" + path + ")"), kind);
        }
    }

    private static final List<Rule> IDENTIFIERS = List.of(
            Rule.of("framework_id(\\.value)?|framework_info\\.id\\.value|frameworks\\.id|frameworkId", "framework"),
            Rule.of("offer_id(\\.value)?|offer\\.id\\.value|offers\\.id", "offer"),
            Rule.of("(agent_id|slave_id)(\\.value)?|slaves\\.id", "agent"),
            Rule.of("uuid(\\.value)?", "uuid"),
            Rule.of("container_id\\.value", "container"),
            Rule.of("master_info\\.id", "master"));

    private static final List<Rule> PLACEHOLDERS = List.of(
            Rule.of("timestamp|[a-z_]+_time", "time"),
            Rule.of("hostname", "host"),
            Rule.of("ip|ip_address", "ip"),
            Rule.of("port", "port"),
            Rule.of("pid|executor_pid", "pid"));

    private static final Pattern AGENT_PATH = Pattern.compile("/slave\\(\\d+\\)");

    /** How Mesos writes the resources of an offer, whose kinds, order and amounts are the cluster's. */
    private static final Pattern AVAILABLE = Pattern.compile(
            "(more than available )[a-z]+\\(allocated: [^)]+\\):[^;]+(; [a-z]+\\(allocated: [^)]+\\):[^;]+)*$");

    /** Why a fetch failed: Mesos has but its helper's exit status, anybody else may know more. */
    private static final Pattern FETCH_FAILURE =
            Pattern.compile("(Failed to fetch all URIs for container '<[a-z]+-[0-9]+>': ).+", Pattern.DOTALL);

    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9._<>-]+");

    private final Symbols symbols;
    private final Set<String> words;

    /** @param words texts of the scenario's own, which are no identifiers even where one is expected */
    Canonical(Symbols symbols, Set<String> words) {
        this.symbols = symbols;
        this.words = words;
    }

    /** Every leaf below the node as one line, each path starting with the prefix. */
    List<String> lines(String prefix, JsonNode node) {
        List<String> lines = new ArrayList<>();
        write(prefix, node, lines);
        return lines;
    }

    /** One value on one line. */
    String value(String path, JsonNode node) {
        if (node.isContainerNode() && !node.isEmpty()) {
            return String.join(", ", lines("", node));
        }
        String plain = path.replaceAll("\\[[^\\]]*\\]", "");
        for (Rule rule : IDENTIFIERS) {
            if (rule.path().matcher(plain).matches()
                    && node.isTextual()
                    && !node.asText().isEmpty()
                    && !words.contains(node.asText())) {
                return symbols.of(rule.kind(), node.asText());
            }
        }
        for (Rule rule : PLACEHOLDERS) {
            if (rule.path().matcher(plain).matches() && !node.asText().isEmpty()) {
                return "<" + rule.kind() + " as " + type(node) + ">";
            }
        }
        if (node.isTextual()) {
            String text = AGENT_PATH.matcher(symbols.in(node.asText())).replaceAll("/slave(<n>)");
            text = FETCH_FAILURE.matcher(text).replaceFirst("$1<why>");
            return '"' + escape(AVAILABLE.matcher(text).replaceFirst("$1<the resources offered>")) + '"';
        }
        return node.toString();
    }

    private void write(String path, JsonNode node, List<String> lines) {
        if (node.isObject() && !node.isEmpty()) {
            Map<String, JsonNode> sorted = new TreeMap<>();
            properties(node).forEach(property -> sorted.put(property.getKey(), property.getValue()));
            sorted.forEach((name, value) -> write(path.isEmpty() ? name : path + "." + name, value, lines));
        } else if (node.isArray() && !node.isEmpty()) {
            List<JsonNode> items =
                    StreamSupport.stream(node.spliterator(), false).toList();
            boolean named = items.stream().allMatch(item -> item.path("name").isTextual());
            if (named) {
                items = items.stream()
                        .sorted(Comparator.comparing(
                                        (JsonNode item) -> item.path("name").asText())
                                .thenComparing(JsonNode::toString))
                        .toList();
            }
            for (int i = 0; i < items.size(); i++) {
                String index = named ? items.get(i).path("name").asText() : String.valueOf(i);
                write(path + "[" + index + "]", items.get(i), lines);
            }
        } else {
            lines.add(path + ": " + value(path, node));
        }
    }

    /**
     * All but what an agent has or hasn't by where it stands and what it has been through: its place, and the time of its return,
     * which one that was never away doesn't have.
     */
    private static Stream<Map.Entry<String, JsonNode>> properties(JsonNode node) {
        return node.properties().stream().filter(property -> switch (property.getKey()) {
            case "domain" -> !property.getValue().has("fault_domain");
            case "reregistered_time" -> !node.has("hostname") || node.has("failover_timeout");
            default -> true;
        });
    }

    /** One line for texts that have several. */
    static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t")
                .replace("\"", "\\\"");
    }

    /** A text that stands without quotes if it can. */
    static String word(String text) {
        return WORD.matcher(text).matches() ? text : '"' + escape(text) + '"';
    }

    static String type(JsonNode node) {
        return switch (node.getNodeType()) {
            case NUMBER -> "number";
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NULL -> "null";
            case OBJECT -> "object";
            case ARRAY -> "list";
            default -> node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
        };
    }

    /**
     * What is left of an answer when its values go: names and types. The elements of a list are merged into one, so that a
     * cluster of three nodes has the shape of a cluster of one.
     *
     * @param maps paths of objects whose names and values are data (roles, attributes), which are not looked into
     */
    static List<String> shape(String prefix, JsonNode node, List<String> maps) {
        TreeMap<String, String> types = new TreeMap<>();
        shape(prefix, node, maps, types);
        return types.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
    }

    private static void shape(String path, JsonNode node, List<String> maps, Map<String, String> types) {
        if (node.isObject() && maps.contains(path)) {
            types.merge(path, "map", Canonical::either);
        } else if (node.isContainerNode() && node.isEmpty()) {
            types.merge(path.isEmpty() ? "." : path, "empty " + type(node), Canonical::either);
        } else if (node.isObject()) {
            properties(node)
                    .forEach(property -> shape(
                            path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
                            property.getValue(),
                            maps,
                            types));
        } else if (node.isArray()) {
            node.forEach(item -> shape(path + "[]", item, maps, types));
        } else {
            types.merge(path, type(node), Canonical::either);
        }
    }

    private static String either(String left, String right) {
        return left.equals(right) || left.contains(right) ? left : left + " or " + right;
    }

    /** Finds what a path such as {@code frameworks[0].tasks[id=t1].state} names; a missing node if there is none. */
    static JsonNode at(JsonNode root, String path) {
        JsonNode node = root;
        for (String part : path.split("\\.(?![^\\[]*\\])")) {
            int bracket = part.indexOf('[');
            String name = bracket < 0 ? part : part.substring(0, bracket);
            if (!name.isEmpty()) {
                node = node.path(name);
            }
            while (bracket >= 0) {
                int end = part.indexOf(']', bracket);
                String selector = part.substring(bracket + 1, end);
                int equals = selector.indexOf('=');
                if (selector.equals("*")) {
                    ArrayNode all = JsonNodeFactory.instance.arrayNode();
                    String rest = end + 1 < part.length() ? part.substring(end + 1) : "";
                    String after = path.substring(Math.min(path.length(), path.indexOf("[*]") + 3));
                    for (JsonNode item : node) {
                        all.add(after.isEmpty() ? item : at(item, after.startsWith(".") ? after.substring(1) : rest));
                    }
                    return all;
                }
                if (equals < 0) {
                    node = node.path(Integer.parseInt(selector));
                } else {
                    JsonNode found = com.fasterxml.jackson.databind.node.MissingNode.getInstance();
                    for (JsonNode item : node) {
                        if (at(item, selector.substring(0, equals)).asText().equals(selector.substring(equals + 1))) {
                            found = item;
                            break;
                        }
                    }
                    node = found;
                }
                bracket = part.indexOf('[', end);
            }
        }
        return node;
    }

    /** Lays one object over another; a null removes. */
    static ObjectNode overlay(ObjectNode base, JsonNode over) {
        over.properties().forEach(property -> {
            if (property.getValue().isNull()) {
                base.remove(property.getKey());
            } else if (property.getValue().isObject()
                    && base.path(property.getKey()).isObject()) {
                overlay((ObjectNode) base.get(property.getKey()), property.getValue());
            } else {
                base.set(property.getKey(), property.getValue());
            }
        });
        return base;
    }
}
