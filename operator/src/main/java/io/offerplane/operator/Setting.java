package io.offerplane.operator;

import io.offerplane.engine.resource.Quantity;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One setting: its key, what it means, and which values it takes. Settings are read from text, whether that stands in the
 * configuration file or in the environment.
 *
 * @param key dotted, as in the file: {@code engine.allocationInterval}
 * @param standard the default, in the form in which it would be written; empty text stands for "not set"
 * @param unit what a value counts, for people; empty where the value is no amount
 * @param range which values are taken, for people
 * @param meaning one sentence
 * @param read makes the value of its text, or throws {@link IllegalArgumentException}
 */
record Setting<T>(String key, String standard, String unit, String range, String meaning, Function<String, T> read) {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,12})(Ki|Mi|Gi)?");

    /** Of any resource; more than any cluster has. */
    private static final double MOST = 1e12;

    /** The variable that overrides the file: {@code OFFERPLANE_SET_ENGINE_ALLOCATION_INTERVAL}. */
    String variable() {
        return "OFFERPLANE_SET_"
                + key.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** @throws InvalidSetting with the key, the value and what would be right */
    T parse(String text) {
        try {
            return read.apply(text.strip());
        } catch (IllegalArgumentException wrong) {
            throw new InvalidSetting(key + ": " + text + " (expected: " + range + ")", wrong);
        }
    }

    static Setting<Integer> integer(String key, int standard, int least, int most, String unit, String meaning) {
        return new Setting<>(key, Integer.toString(standard), unit, least + " to " + most, meaning, text -> {
            int value = Integer.parseInt(text);
            return require(value, value >= least && value <= most);
        });
    }

    static Setting<Long> bytes(String key, String standard, String least, String most, String meaning) {
        long lower = readBytes(least);
        long upper = readBytes(most);
        return new Setting<>(key, standard, "bytes", least + " to " + most, meaning, text -> {
            long value = readBytes(text);
            return require(value, value >= lower && value <= upper);
        });
    }

    static Setting<Duration> duration(String key, String standard, String least, String most, String meaning) {
        Duration lower = readDuration(least);
        Duration upper = readDuration(most);
        return new Setting<>(key, standard, "ms, s, m, h or d", least + " to " + most, meaning, text -> {
            Duration value = readDuration(text);
            return require(value, value.compareTo(lower) >= 0 && value.compareTo(upper) <= 0);
        });
    }

    /** A duration that may be left out. */
    static Setting<Optional<Duration>> optionalDuration(String key, String least, String most, String meaning) {
        Setting<Duration> inner = duration(key, least, least, most, meaning);
        return new Setting<>(
                key,
                "",
                inner.unit(),
                inner.range() + ", or empty",
                meaning,
                text -> text.isEmpty()
                        ? Optional.empty()
                        : Optional.of(inner.read().apply(text)));
    }

    static Setting<Boolean> flag(String key, boolean standard, String meaning) {
        return new Setting<>(key, Boolean.toString(standard), "", "true or false", meaning, text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        });
    }

    static <E extends Enum<E>> Setting<E> choice(String key, E standard, String meaning) {
        Class<E> type = standard.getDeclaringClass();
        String names = String.join(
                ", ",
                java.util.Arrays.stream(type.getEnumConstants()).map(Enum::name).toList());
        return new Setting<>(key, standard.name(), "", "one of " + names, meaning, text -> Enum.valueOf(type, text));
    }

    static Setting<String> text(String key, String standard, String range, String meaning) {
        return new Setting<>(key, standard, "", range, meaning, Function.identity());
    }

    static Setting<String> name(String key, String standard, String meaning) {
        return new Setting<>(
                key,
                standard,
                "",
                "a Kubernetes name: lower case letters, digits, '-' and '.', at most 253",
                meaning,
                text -> require(text, text.matches("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")));
    }

    static Setting<Optional<String>> optionalText(String key, String range, String meaning) {
        return new Setting<>(
                key, "", "", range, meaning, text -> text.isEmpty() ? Optional.empty() : Optional.of(text));
    }

    /** Names apart by commas, such as {@code gpus,bandwidth}; in the file a list of them will do as well. */
    static Setting<Set<String>> names(String key, String range, String meaning) {
        return new Setting<>(key, "", "", range, meaning, text -> {
            Set<String> names = new TreeSet<>();
            for (String name : text.split(",")) {
                if (!name.isBlank()) {
                    names.add(require(name.strip(), name.strip().matches("[A-Za-z][-A-Za-z0-9_.]{0,62}")));
                }
            }
            return Collections.unmodifiableSet(names);
        });
    }

    /** Names with a value each, such as {@code a=x,b=y}; in the file a list of such pairs will do as well. */
    static Setting<Map<String, String>> pairs(String key, String range, String meaning) {
        return new Setting<>(key, "", "", range, meaning, text -> {
            Map<String, String> pairs = new TreeMap<>();
            for (String pair : text.split(",")) {
                int equals = pair.indexOf('=');
                if (equals > 0 && equals < pair.length() - 1) {
                    pairs.put(
                            pair.substring(0, equals).strip(),
                            pair.substring(equals + 1).strip());
                } else if (!pair.isBlank()) {
                    throw new IllegalArgumentException("not a pair");
                }
            }
            return Map.copyOf(pairs);
        });
    }

    /** Amounts of resources, such as {@code cpus=0.5,mem=1024}. */
    static Setting<SortedMap<String, Quantity>> amounts(String key, String range, String meaning) {
        Setting<Map<String, String>> inner = pairs(key, range, meaning);
        return new Setting<>(key, "", "", range, meaning, text -> {
            SortedMap<String, Quantity> amounts = new TreeMap<>();
            inner.read().apply(text).forEach((name, amount) -> {
                double value = Double.parseDouble(amount);
                amounts.put(name, Quantity.of(require(value, value > 0 && value <= MOST)));
            });
            return Collections.unmodifiableSortedMap(amounts);
        });
    }

    private static <V> V require(V value, boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("out of range");
        }
        return value;
    }

    private static Duration readDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a duration");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static long readBytes(String text) {
        Matcher matcher = BYTES.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not an amount of bytes");
        }
        long amount = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2);
        if (unit == null) {
            return amount;
        }
        return switch (unit) {
            case "Ki" -> amount << 10;
            case "Mi" -> amount << 20;
            default -> amount << 30;
        };
    }
}
