package io.offerplane.engine.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One line of a script: a verb, words, and options of the form {@code name=value}. */
record Line(String verb, List<String> words, Map<String, String> options) {
    static Line parse(String text) {
        List<String> words = new ArrayList<>();
        Map<String, String> options = new LinkedHashMap<>();
        String[] parts = text.strip().split("\\s+");
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals > 0) {
                options.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
            } else {
                words.add(parts[i]);
            }
        }
        return new Line(parts[0], words, options);
    }

    String word(int index) {
        return words.get(index);
    }

    List<String> wordsFrom(int index) {
        return words.subList(index, words.size());
    }

    Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    List<String> list(String name) {
        return option(name).map(value -> List.of(value.split(","))).orElse(List.of());
    }
}
