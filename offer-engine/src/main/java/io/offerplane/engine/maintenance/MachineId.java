package io.offerplane.engine.maintenance;

import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a maintenance schedule calls a machine by; Mesos {@code MachineID}. Host names are compared without regard to case, and a name
 * with an address is another machine than the name alone: agents are found by both.
 */
public record MachineId(Optional<String> hostname, Optional<String> ip) implements Comparable<MachineId> {
    private static final Pattern IPV4 =
            Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)");

    private static final Comparator<MachineId> ORDER =
            Comparator.comparing(MachineId::key).thenComparing(id -> id.ip().orElse(""));

    public MachineId {
        Objects.requireNonNull(hostname, "hostname");
        Objects.requireNonNull(ip, "ip");
    }

    public static MachineId of(String hostname, String ip) {
        return new MachineId(Optional.of(hostname), Optional.of(ip));
    }

    /** What is wrong with it, in Mesos' words, or empty. */
    public Optional<String> fault() {
        String address = ip.orElse("");
        if (hostname.orElse("").isEmpty() && address.isEmpty()) {
            return Optional.of("Both 'hostname' and 'ip' for a machine are empty");
        }
        return address.isEmpty() || IPV4.matcher(address).matches()
                ? Optional.empty()
                : Optional.of("Failed to parse IPv4: " + address);
    }

    private String key() {
        return hostname.map(name -> name.toLowerCase(Locale.ROOT)).orElse("");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MachineId id
                && hostname.isPresent() == id.hostname.isPresent()
                && key().equals(id.key())
                && ip.equals(id.ip);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key(), ip);
    }

    @Override
    public int compareTo(MachineId other) {
        int byNames = ORDER.compare(this, other);
        if (byNames != 0) {
            return byNames;
        }
        int byHostname = Boolean.compare(hostname.isPresent(), other.hostname.isPresent());
        return byHostname != 0 ? byHostname : Boolean.compare(ip.isPresent(), other.ip.isPresent());
    }

    /** As Mesos prints it in messages: {@code name (address)}. */
    @Override
    public String toString() {
        String address = ip.map(text -> "(" + text + ")").orElse("");
        return hostname.map(name -> ip.isPresent() ? name + " " + address : name)
                .orElse(address);
    }

    /** As Mesos prints it in refusals: {@code {"hostname":"name","ip":"address"}}. */
    public String json() {
        String name = hostname.map(text -> "\"hostname\":" + quoted(text)).orElse("");
        String address = ip.map(text -> "\"ip\":" + quoted(text)).orElse("");
        return "{" + name + (name.isEmpty() || address.isEmpty() ? "" : ",") + address + "}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c == '/') {
                quoted.append('\\').append(c);
            } else if (c < 0x20) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
