package io.offerplane.shim.cgroup;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel's pressure stall information about one resource: how much of the time processes had to wait for it. Source: the
 * kernel's Documentation/accounting/psi.rst.
 *
 * @param some time in which at least one process waited
 * @param full time in which all did; absent where the kernel doesn't tell, as for the cpu of a whole node before Linux 5.13
 */
public record Pressure(Stalls some, Optional<Stalls> full) {

    private static final double MICROS = 1e6;

    /** What processes wait for. */
    public enum Kind {
        CPU,
        MEMORY,
        IO;

        /** As the kernel's files are named. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Waiting.
     *
     * @param avg10 percent of the last 10 s, 0 to 100
     * @param avg60 of the last minute
     * @param avg300 of the last five minutes
     * @param totalSeconds since the group, or the node, began
     */
    public record Stalls(double avg10, double avg60, double avg300, double totalSeconds) {}

    /** Pressure on the whole node, by kind; without those that this kernel doesn't measure. */
    public static Map<Kind, Pressure> ofNode(Path proc) {
        return ofFiles(proc.resolve("pressure"), "");
    }

    /** Pressure within a control group of version 2. */
    static Map<Kind, Pressure> ofGroup(Path folder) {
        return ofFiles(folder, ".pressure");
    }

    private static Map<Kind, Pressure> ofFiles(Path folder, String suffix) {
        Map<Kind, Pressure> found = new HashMap<>();
        for (Kind kind : Kind.values()) {
            // A kernel that was started without PSI has the files, but refuses to read them.
            parse(CgroupHierarchy.text(folder.resolve(kind.word() + suffix)))
                    .ifPresent(pressure -> found.put(kind, pressure));
        }
        return Map.copyOf(found);
    }

    /** Reads what a pressure file holds; absent when it holds something else, or nothing. */
    static Optional<Pressure> parse(String text) {
        Optional<Stalls> some = Optional.empty();
        Optional<Stalls> full = Optional.empty();
        for (String line : text.split("\n")) {
            if (line.startsWith("some ")) {
                some = stalls(line);
            } else if (line.startsWith("full ")) {
                full = stalls(line);
            }
        }
        Optional<Stalls> ofAll = full;
        return some.map(stalls -> new Pressure(stalls, ofAll));
    }

    private static Optional<Stalls> stalls(String line) {
        Map<String, Double> values = new HashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                try {
                    values.put(word.substring(0, equals), Double.valueOf(word.substring(equals + 1)));
                } catch (NumberFormatException notAFigure) {
                    return Optional.empty();
                }
            }
        }
        Double avg10 = values.get("avg10");
        Double avg60 = values.get("avg60");
        Double avg300 = values.get("avg300");
        Double total = values.get("total");
        return avg10 == null || avg60 == null || avg300 == null || total == null
                ? Optional.empty()
                : Optional.of(new Stalls(avg10, avg60, avg300, total / MICROS));
    }
}
