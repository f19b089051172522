package io.offerplane.protocol.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Environment variables of one prefix. Every method throws an {@link IllegalArgumentException} that names the variable that is wrong, and
 * what it should hold.
 *
 * @param prefix of all names; the methods take what comes after it
 */
public record Variables(Map<String, String> environment, String prefix) {

    public Variables {
        environment = Map.copyOf(environment);
    }

    /**
     * Where somebody listens.
     *
     * @param host a name or an address
     * @param port 1 to 65535
     */
    public record Address(String host, int port) {}

    /**
     * {@code host:port}.
     *
     * @param what whose it is, for whoever forgot it
     */
    public Address address(String name, String what) {
        String text = required(name, "host:port of " + what);
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(prefix + name + " is '" + text + "'; expected host:port");
        }
        return new Address(
                text.substring(0, colon), (int) number(name + " (its port)", text.substring(colon + 1), 1, 65_535));
    }

    /** The same variables, of a longer prefix. */
    public Variables below(String more) {
        return new Variables(environment, prefix + more);
    }

    public String text(String name, String otherwise) {
        return environment.getOrDefault(prefix + name, otherwise);
    }

    /** @param what it is, for whoever forgot it */
    public String required(String name, String what) {
        String value = text(name, "");
        if (value.isBlank()) {
            throw new IllegalArgumentException(prefix + name + " is not set; it is " + what);
        }
        return value;
    }

    public Path path(String name, String otherwise) {
        return absolute(name, text(name, otherwise));
    }

    /** Absent when the variable isn't set, or set to nothing. */
    public Optional<Path> path(String name) {
        String text = text(name, "");
        return text.isEmpty() ? Optional.empty() : Optional.of(absolute(name, text));
    }

    /** Words with {@code ,} between them, none of them empty. */
    public List<String> words(String name) {
        return Stream.of(text(name, "").split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Folders with {@code :} between them. */
    public List<Path> folders(String name) {
        return Stream.of(text(name, "").split(":"))
                .filter(folder -> !folder.isBlank())
                .map(folder -> absolute(name, folder))
                .toList();
    }

    private Path absolute(String name, String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(prefix + name + " has '" + text + "'; expected an absolute path");
        }
        return path;
    }

    public boolean flag(String name, boolean otherwise) {
        String value = text(name, Boolean.toString(otherwise));
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(prefix + name + " is '" + value + "'; expected true or false");
        };
    }

    public int number(String name, int otherwise, int least, int most) {
        return (int) number(name, (long) otherwise, least, most);
    }

    public long number(String name, long otherwise, long least, long most) {
        return number(name, text(name, Long.toString(otherwise)), least, most);
    }

    /** As the other, of a text that is only a part of the variable. */
    public long number(String name, String text, long least, long most) {
        String wrong = prefix + name + " is '" + text + "'; expected a number from " + least + " to " + most;
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(wrong, notANumber);
        }
        throw new IllegalArgumentException(wrong);
    }

    /** A time of 1 s to a day. */
    public Duration seconds(String name, Duration otherwise) {
        return Duration.ofSeconds(number(name, otherwise.toSeconds(), 1, 86_400));
    }
}
