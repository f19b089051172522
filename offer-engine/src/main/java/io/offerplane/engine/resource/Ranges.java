package io.offerplane.engine.resource;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.StringJoiner;

/**
 * A set of whole numbers written as inclusive ranges, as ports are. Always sorted, without overlap, adjacent ranges merged.
 */
public record Ranges(List<Range> ranges) {
    public static final Ranges EMPTY = new Ranges(List.of());

    /** From {@code begin} to {@code end}, both included; {@code 0 <= begin <= end}. */
    public record Range(long begin, long end) {
        public Range {
            if (begin < 0 || begin > end) {
                throw new IllegalArgumentException("range: [" + begin + "-" + end + "] (expected: 0 <= begin <= end)");
            }
        }
    }

    public Ranges {
        ranges = merged(ranges);
    }

    public static Ranges of(long begin, long end) {
        return new Ranges(List.of(new Range(begin, end)));
    }

    private static List<Range> merged(List<Range> given) {
        if (isMerged(given)) {
            return List.copyOf(given);
        }
        List<Range> sorted = new ArrayList<>(given);
        sorted.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
        List<Range> out = new ArrayList<>(sorted.size());
        for (Range next : sorted) {
            int last = out.size() - 1;
            if (last >= 0 && next.begin() <= out.get(last).end() + 1) {
                out.set(
                        last,
                        new Range(out.get(last).begin(), Math.max(out.get(last).end(), next.end())));
            } else {
                out.add(next);
            }
        }
        return List.copyOf(out);
    }

    private static boolean isMerged(List<Range> given) {
        for (int i = 1; i < given.size(); i++) {
            if (given.get(i).begin() <= given.get(i - 1).end() + 1) {
                return false;
            }
        }
        return true;
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** How many numbers are in the ranges. */
    public long size() {
        return ranges.stream().mapToLong(r -> r.end() - r.begin() + 1).sum();
    }

    public Ranges plus(Ranges other) {
        List<Range> all = new ArrayList<>(ranges);
        all.addAll(other.ranges);
        return new Ranges(all);
    }

    /** The numbers of this that are not in {@code other}; what {@code other} has besides is ignored. */
    public Ranges minus(Ranges other) {
        List<Range> rest = ranges;
        for (Range cut : other.ranges) {
            List<Range> next = new ArrayList<>(rest.size() + 1);
            for (Range range : rest) {
                if (cut.end() < range.begin() || cut.begin() > range.end()) {
                    next.add(range);
                    continue;
                }
                if (range.begin() < cut.begin()) {
                    next.add(new Range(range.begin(), cut.begin() - 1));
                }
                if (cut.end() < range.end()) {
                    next.add(new Range(cut.end() + 1, range.end()));
                }
            }
            rest = next;
        }
        return new Ranges(rest);
    }

    /** Whether every number of {@code other} is in this. */
    public boolean contains(Ranges other) {
        int mine = 0;
        for (Range wanted : other.ranges) {
            while (mine < ranges.size() && ranges.get(mine).end() < wanted.begin()) {
                mine++;
            }
            if (mine == ranges.size()
                    || ranges.get(mine).begin() > wanted.begin()
                    || ranges.get(mine).end() < wanted.end()) {
                return false;
            }
        }
        return true;
    }

    /** Mesos' text form: {@code [31000-31005, 31010-31010]}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "[", "]");
        ranges.forEach(r -> text.add(r.begin() + "-" + r.end()));
        return text.toString();
    }
}
