package io.offerplane.e2e.conformance;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives every identifier that one run made up a name that is the same in every run: the first framework id met is {@code
 * <framework-1>}, wherever it appears. An id that does not look as Mesos' ids do gets a name that says so, as clients parse
 * ids.
 */
final class Symbols {
    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    private static final Pattern ID = Pattern.compile(UUID + "(?:-(O)?(S)?([0-9]+))?(?![0-9A-Za-z])");
    private static final Map<String, Pattern> FORMS = Map.of(
            "framework", Pattern.compile(UUID + "-[0-9]{4,}"),
            "offer", Pattern.compile(UUID + "-O[0-9]+"),
            "agent", Pattern.compile(UUID + "-S[0-9]+"),
            "master", Pattern.compile(UUID),
            "stream", Pattern.compile(UUID),
            "container", Pattern.compile(UUID));

    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final Set<String> swappable = new HashSet<>();
    private final String authority;

    /** @param authority host and port of the system that runs the scenario, which its texts may mention */
    Symbols(String authority) {
        this.authority = authority;
    }

    /** The name of an identifier of the kind; a new one if it was not met before. */
    String of(String kind, String raw) {
        return names.computeIfAbsent(raw, unseen -> {
            String name = "<" + kind + "-" + counts.merge(kind, 1, Integer::sum);
            Pattern form = FORMS.get(kind);
            return name + (form == null || form.matcher(raw).matches() ? ">" : " of irregular form>");
        });
    }

    /** Names an identifier that the scenario chose itself, which may have any form. */
    String chosen(String kind, String raw) {
        return names.computeIfAbsent(raw, unseen -> "<" + kind + "-" + counts.merge(kind, 1, Integer::sum) + ">");
    }

    /** Makes a name one that may come in any order among its like: they are numbered as they appear. */
    void swappable(String raw) {
        swappable.add(raw);
    }

    /** A text with all identifiers in it replaced, known and unknown ones. */
    String in(String text) {
        String result = text.replace(authority, "<master>");
        swappable.stream()
                .filter(raw -> !names.containsKey(raw) && text.contains(raw))
                .sorted(Comparator.comparingInt(text::indexOf))
                .forEach(raw -> chosen("name", raw));
        Matcher ids = ID.matcher(result);
        StringBuilder replaced = new StringBuilder();
        while (ids.find()) {
            String kind = ids.group(1) != null
                    ? "offer"
                    : ids.group(2) != null ? "agent" : ids.group(3) != null ? "framework" : "uuid";
            ids.appendReplacement(replaced, Matcher.quoteReplacement(of(kind, ids.group())));
        }
        result = ids.appendTail(replaced).toString();
        for (Map.Entry<String, String> name : names.entrySet()) {
            if (!ID.matcher(name.getKey()).matches()) {
                result = result.replaceAll(
                        "(?<![0-9A-Za-z_-])" + Pattern.quote(name.getKey()) + "(?![0-9A-Za-z_-])",
                        Matcher.quoteReplacement(name.getValue()));
            }
        }
        return result;
    }
}
