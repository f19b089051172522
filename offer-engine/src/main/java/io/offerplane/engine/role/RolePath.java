package io.offerplane.engine.role;

import java.util.Objects;
import java.util.Optional;

/**
 * A node of the queue tree as Mesos writes it: {@code *}, or components joined by {@code /} such as {@code eng/ads}.
 *
 * <p>The constructor does not judge the syntax: {@link #fault} does, in Mesos' own words, so that a gateway can answer a
 * client before a bad name becomes a {@code RolePath}.
 */
public record RolePath(String value) implements Comparable<RolePath> {
    /** The role of those who name none. */
    public static final RolePath DEFAULT = new RolePath("*");

    public RolePath {
        Objects.requireNonNull(value, "value");
    }

    /** What is wrong with the name, in the words of Mesos' {@code roles::validate}, or empty when nothing is. */
    public static Optional<String> fault(String name) {
        if (name.equals("*")) {
            return Optional.empty();
        }
        if (name.isEmpty()) {
            return Optional.of("Role names cannot be the empty string");
        }
        if (name.startsWith("/")) {
            return Optional.of("Role '" + name + "' cannot start with a slash");
        }
        if (name.endsWith("/")) {
            return Optional.of("Role '" + name + "' cannot end with a slash");
        }
        for (String component : name.split("/", -1)) {
            if (component.isEmpty()) {
                return Optional.of("Role '" + name + "' cannot contain two adjacent slashes");
            }
            if (component.equals(".") || component.equals("..") || component.equals("*")) {
                return Optional.of("Role '" + name + "' cannot include '" + component + "' as a component");
            }
            if (component.startsWith("-")) {
                return Optional.of("Role component '" + component + "' is invalid because it starts with a dash");
            }
            if (component.chars().anyMatch(c -> c == '\b' || Character.isWhitespace(c))) {
                return Optional.of(
                        "Role component '" + component + "' is invalid because it contains backspace or whitespace");
            }
        }
        return Optional.empty();
    }

    /** Whether the other is this role or lies below it. */
    public boolean includes(RolePath other) {
        return other.value.startsWith(value)
                && (other.value.length() == value.length() || other.value.charAt(value.length()) == '/');
    }

    /** The first component: the role below the root that this one is, or lies below. */
    public RolePath top() {
        int slash = value.indexOf('/');
        return slash < 0 ? this : new RolePath(value.substring(0, slash));
    }

    /** The role above it; of a role without one, itself. */
    public RolePath parent() {
        int slash = value.lastIndexOf('/');
        return slash < 0 ? this : new RolePath(value.substring(0, slash));
    }

    /** Whether it lies below another role. */
    public boolean isNested() {
        return value.indexOf('/') >= 0;
    }

    @Override
    public int compareTo(RolePath other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
