package io.offerplane.operator;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The values of settings: what the environment says, else the file, else the default. A key that nobody knows is refused, as it
 * is most often a misspelt one that would silently do nothing.
 */
final class SettingsSource {
    private final Map<String, String> file;
    private final Map<String, String> environment;

    private SettingsSource(Map<String, String> file, Map<String, String> environment) {
        this.file = file;
        this.environment = environment;
    }

    /**
     * @param yaml the configuration file's text; may be empty
     * @throws InvalidSetting when it is not YAML, or has a key that isn't among {@code known}
     */
    static SettingsSource of(String yaml, Map<String, String> environment, Collection<Setting<?>> known) {
        Map<String, String> file = new TreeMap<>();
        try {
            JsonNode root = new YAMLMapper().readTree(yaml);
            if (root != null && !root.isNull() && !root.isMissingNode()) {
                if (!root.isObject()) {
                    throw new InvalidSetting(
                            "the configuration is not a mapping of keys (expected: such as \"mesos:\")");
                }
                flatten("", root, file);
            }
        } catch (JacksonException wrong) {
            throw new InvalidSetting("the configuration is not YAML: " + wrong.getOriginalMessage(), wrong);
        }
        List<String> keys = new ArrayList<>();
        known.forEach(setting -> keys.add(setting.key()));
        file.keySet().forEach(key -> requireKnown(key, keys));
        for (String variable : environment.keySet()) {
            if (variable.startsWith("OFFERPLANE_SET_")) {
                List<String> variables = known.stream().map(Setting::variable).toList();
                requireKnown(variable, variables);
            }
        }
        return new SettingsSource(file, environment);
    }

    <T> T get(Setting<T> setting) {
        String overriding = environment.get(setting.variable());
        if (overriding != null) {
            return setting.parse(overriding);
        }
        return setting.parse(file.getOrDefault(setting.key(), setting.standard()));
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> into) {
        node.properties().forEach(property -> {
            String key = prefix.isEmpty() ? property.getKey() : prefix + "." + property.getKey();
            JsonNode value = property.getValue();
            if (value.isObject()) {
                flatten(key, value, into);
            } else if (value.isArray()) {
                List<String> items = new ArrayList<>();
                value.forEach(item -> items.add(item.asText()));
                into.put(key, String.join(",", items));
            } else {
                into.put(key, value.isNull() ? "" : value.asText());
            }
        });
    }

    private static void requireKnown(String key, List<String> known) {
        if (!known.contains(key)) {
            String nearest = known.stream()
                    .min(Comparator.comparingInt((String candidate) -> distance(key, candidate))
                            .thenComparing(Comparator.naturalOrder()))
                    .orElse("");
            throw new InvalidSetting(key + ": no such setting (did you mean " + nearest + "?)");
        }
    }

    /** Levenshtein's distance: how many letters to insert, drop or change. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int substituted = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
