package io.offerplane.e2e.conformance;

import java.util.ArrayList;
import java.util.List;

/**
 * Where two histories differ: the lines that only one of them has, each marked {@code "- "} (Mesos alone) or {@code "+ "}
 * (the other alone), by the longest common subsequence.
 */
final class HistoryDiff {
    private HistoryDiff() {}

    static List<String> between(List<String> mesos, List<String> other) {
        int[][] common = new int[mesos.size() + 1][other.size() + 1];
        for (int i = mesos.size() - 1; i >= 0; i--) {
            for (int j = other.size() - 1; j >= 0; j--) {
                common[i][j] = mesos.get(i).equals(other.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        List<String> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < mesos.size() || j < other.size()) {
            if (i < mesos.size() && j < other.size() && mesos.get(i).equals(other.get(j))) {
                i++;
                j++;
            } else if (j >= other.size() || (i < mesos.size() && common[i + 1][j] >= common[i][j + 1])) {
                lines.add("- " + mesos.get(i++));
            } else {
                lines.add("+ " + other.get(j++));
            }
        }
        return lines;
    }
}
