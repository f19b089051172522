package io.offerplane.operator.queueimport;

import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A queue while its settings are being read. */
final class Draft {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]*");
    private static final BigDecimal LEAST_WEIGHT = new BigDecimal("0.001");
    private static final BigDecimal MOST_WEIGHT = new BigDecimal("999999999");

    private final String path;
    private final List<String> remarks = new ArrayList<>();
    private Map<String, Quantity> guarantees = Map.of();
    private Map<String, Quantity> limits = Map.of();
    private String weight = "1";
    private QueueSpec.@Nullable Ordering ordering;
    private @Nullable Integer minimumPercent;
    private @Nullable Integer limitPercent;

    Draft(String path) {
        this.path = path;
    }

    /** Whether a queue object may have this as a part of its path. */
    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    String path() {
        return path;
    }

    void remark(String text) {
        remarks.add(text);
    }

    /** As a queue has it: three decimals, above zero. */
    void weight(BigDecimal wanted) {
        BigDecimal rounded =
                wanted.setScale(3, RoundingMode.HALF_UP).max(LEAST_WEIGHT).min(MOST_WEIGHT);
        if (wanted.signum() <= 0) {
            remark("a weight or capacity of 0 is not possible: " + LEAST_WEIGHT.toPlainString()
                    + ", which gets next to nothing while others want something");
        }
        weight = plain(rounded);
    }

    void guarantees(Map<String, Quantity> amounts) {
        Map<String, Quantity> above = new TreeMap<>(amounts);
        above.values().removeIf(amount -> amount.getNumericalAmount().signum() <= 0);
        guarantees = above;
    }

    void limits(Map<String, Quantity> amounts) {
        limits = new TreeMap<>(amounts);
    }

    void ordering(QueueSpec.Ordering wanted) {
        ordering = wanted;
    }

    void minimumUserPercent(BigDecimal percent) {
        minimumPercent =
                percent.setScale(0, RoundingMode.DOWN).max(BigDecimal.ONE).intValue();
    }

    void userLimitPercent(BigDecimal percent) {
        limitPercent = percent.setScale(0, RoundingMode.HALF_UP)
                .max(BigDecimal.ONE)
                .min(BigDecimal.valueOf(100_000))
                .intValue();
    }

    boolean hasBounds() {
        return !guarantees.isEmpty() || !limits.isEmpty();
    }

    /** With guarantees brought down to limits where the file has them the other way round. */
    QueueImport.Imported finished() {
        Map<String, Quantity> sure = new TreeMap<>(guarantees);
        limits.forEach((name, most) -> {
            Quantity least = sure.get(name);
            if (least != null && least.getNumericalAmount().compareTo(most.getNumericalAmount()) > 0) {
                remark("more " + name + " is guaranteed (" + least + ") than allowed (" + most
                        + "): the limit holds for both");
                if (most.getNumericalAmount().signum() > 0) {
                    sure.put(name, most);
                } else {
                    sure.remove(name);
                }
            }
        });
        QueueSpec.Users users = minimumPercent == null && limitPercent == null
                ? null
                : new QueueSpec.Users(minimumPercent, limitPercent);
        return new QueueImport.Imported(
                new QueueSpec(path, null, weight, sure, limits, null, ordering, users), remarks);
    }

    /** A file's own word in a remark. */
    static String quoted(String text) {
        return '"' + (text.length() > 80 ? text.substring(0, 80) + "..." : text) + '"';
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
