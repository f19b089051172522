package io.offerplane.operator.queueimport;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Amounts by YARN's names and units as amounts by Kubernetes'. */
final class HadoopAmounts {
    private static final BigDecimal MIB = BigDecimal.valueOf(1L << 20);

    // 1E999999999 is a number, too, and takes a gigabyte to write out.
    private static final int LARGEST_EXPONENT = 30;

    private HadoopAmounts() {}

    /**
     * One amount.
     *
     * @param name memory, memory-mb, vcores, or a resource of the cluster's own
     * @param amount memory in MiB, else a count
     */
    static Map.Entry<String, Quantity> of(String name, BigDecimal amount) {
        return switch (name) {
            case "memory", "memory-mb" -> Map.entry("memory", mebibytes(amount));
            case "vcores" -> Map.entry("cpu", count(amount));
            case "yarn.io/gpu" -> Map.entry("nvidia.com/gpu", count(amount));
            default -> Map.entry(name, count(amount));
        };
    }

    /** A decimal number, if it is one that has a size which anybody could mean. */
    static Optional<BigDecimal> number(String text) {
        try {
            BigDecimal number = new BigDecimal(text.strip());
            return Math.abs((long) number.precision() - number.scale()) > LARGEST_EXPONENT
                            || number.scale() > LARGEST_EXPONENT
                    ? Optional.empty()
                    : Optional.of(number);
        } catch (NumberFormatException none) {
            return Optional.empty();
        }
    }

    /** YARN's name of a resource in Kubernetes' words. */
    static String name(String yarn) {
        return of(yarn, BigDecimal.ONE).getKey();
    }

    /** {@code cpu=40,memory=160Gi}; empty when it is anything else. */
    static Optional<Map<String, Quantity>> parseTotal(String text) {
        Map<String, Quantity> total = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                return Optional.empty();
            }
            try {
                Quantity amount = new Quantity(part.substring(equals + 1).strip());
                if (amount.getNumericalAmount().signum() <= 0) {
                    return Optional.empty();
                }
                total.put(part.substring(0, equals).strip(), amount);
            } catch (IllegalArgumentException | ArithmeticException wrong) {
                return Optional.empty();
            }
        }
        return Optional.of(total);
    }

    /** That part of all there is. */
    static Map<String, Quantity> part(Map<String, Quantity> total, BigDecimal fraction) {
        Map<String, Quantity> part = new TreeMap<>();
        total.forEach((name, amount) -> part.put(name, part(name, amount, fraction)));
        return part;
    }

    /** That part of an amount: memory in whole MiB, else in thousandths. */
    static Quantity part(String name, Quantity amount, BigDecimal fraction) {
        BigDecimal wanted = amount.getNumericalAmount().multiply(fraction);
        return name.equals("memory") || name.equals("ephemeral-storage")
                ? mebibytes(wanted.divide(MIB, 0, RoundingMode.DOWN))
                : count(wanted.setScale(3, RoundingMode.DOWN));
    }

    private static Quantity mebibytes(BigDecimal amount) {
        return new Quantity(amount.setScale(0, RoundingMode.DOWN).toPlainString(), "Mi");
    }

    private static Quantity count(BigDecimal amount) {
        BigDecimal thousandths = amount.movePointRight(3);
        return amount.stripTrailingZeros().scale() <= 0
                ? new Quantity(amount.setScale(0, RoundingMode.DOWN).toPlainString())
                : new Quantity(thousandths.setScale(0, RoundingMode.DOWN).toPlainString(), "m");
    }
}
