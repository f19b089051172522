package io.offerplane.yarn.gateway.process;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One setting of the head, declared once: its variable, default, range and meaning. Only variables with {@link #PREFIX} are the head's.
 *
 * @param variable the environment variable's name without the prefix
 * @param standard what an unset or empty variable means; null where it must be set
 * @param range what may stand there, for people
 * @param meaning one sentence
 * @param read makes the value of its text, or throws {@link IllegalArgumentException}
 */
record HeadSetting<T>(
        String variable, @Nullable String standard, String range, String meaning, Function<String, T> read) {

    /** No Service's, for which Kubernetes sets variables of its own. */
    static final String PREFIX = "OFFERPLANE_SET_";

    static HeadSetting<Integer> port(String variable, int standard, String meaning) {
        return new HeadSetting<>(
                variable, Integer.toString(standard), "TCP port, 0 to 65535; 0 takes any free one", meaning, text -> {
                    int port = Integer.parseInt(text);
                    if (port < 0 || port > 65_535) {
                        throw new IllegalArgumentException("out of range");
                    }
                    return port;
                });
    }

    static HeadSetting<Path> path(String variable, String standard, String meaning) {
        return new HeadSetting<>(variable, standard, "an absolute path", meaning, text -> {
            Path path = Path.of(text);
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException("relative");
            }
            return path;
        });
    }

    static HeadSetting<String> name(String variable, @Nullable String standard, String range, String meaning) {
        return new HeadSetting<>(variable, standard, range, meaning, text -> {
            if (!text.matches("[A-Za-z0-9][-A-Za-z0-9._:]{0,252}")) {
                throw new IllegalArgumentException("not a name");
            }
            return text;
        });
    }

    static <E extends Enum<E>> HeadSetting<E> choice(String variable, Class<E> type, String meaning) {
        String names = String.join(
                ", ", Arrays.stream(type.getEnumConstants()).map(Enum::name).toList());
        return new HeadSetting<>(variable, null, "one of: " + names, meaning, text -> Enum.valueOf(type, text));
    }

    /** @throws IllegalArgumentException naming the variable, what it has and what would be right */
    T of(Map<String, String> environment) {
        String text = environment.getOrDefault(PREFIX + variable, "").strip();
        if (text.isEmpty()) {
            text = standard;
        }
        if (text == null) {
            throw new IllegalArgumentException(PREFIX + variable + " is not set (expected: " + range + "). " + meaning);
        }
        try {
            return read.apply(text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(PREFIX + variable + ": " + text + " (expected: " + range + ")", wrong);
        }
    }

    /** @throws IllegalArgumentException naming a variable with our prefix that is no setting, and the nearest one that is */
    static void requireKnown(List<HeadSetting<?>> settings, Map<String, String> environment) {
        for (String name : environment.keySet()) {
            if (name.startsWith(PREFIX)
                    && settings.stream().noneMatch(setting -> name.equals(PREFIX + setting.variable()))) {
                String nearest = settings.stream()
                        .map(setting -> PREFIX + setting.variable())
                        .min(Comparator.comparingInt(known -> distance(known, name)))
                        .orElse("none");
                throw new IllegalArgumentException(name + " is no setting of the head (nearest: " + nearest + ")");
            }
        }
    }

    /** Levenshtein's. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int i = 0; i <= other.length(); i++) {
            row[i] = i;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
