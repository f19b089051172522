package io.offerplane.operator.status;

import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Amounts between the engine's words and Kubernetes': cpus and cpu in thousandths of a core, mem (which Mesos counts in MiB) and
 * memory in bytes, disk and ephemeral-storage, gpus and nvidia.com/gpu. Other names stay as they are.
 */
public final class KubernetesAmounts {
    public static final String CPU = "cpu";
    public static final String MEMORY = "memory";
    public static final String STORAGE = "ephemeral-storage";
    public static final String GPU = "nvidia.com/gpu";

    private static final long MIB = 1L << 20;
    private static final BigDecimal MIB_DECIMAL = BigDecimal.valueOf(MIB);

    private KubernetesAmounts() {}

    /** In Kubernetes' words; sorted by name, zeroes left out. */
    public static Map<String, Quantity> of(ResourceQuantities amounts) {
        Map<String, Quantity> result = new TreeMap<>();
        amounts.amounts().forEach((name, amount) -> {
            switch (name) {
                case "cpus" -> result.put(CPU, cpu(amount.milli()));
                case "mem" -> result.put(MEMORY, bytes(mebibytesToBytes(amount.milli())));
                case "disk" -> result.put(STORAGE, bytes(mebibytesToBytes(amount.milli())));
                case "gpus" -> result.put(GPU, cpu(amount.milli()));
                default -> result.put(name, cpu(amount.milli()));
            }
        });
        return new LinkedHashMap<>(result);
    }

    /**
     * In the engine's words.
     *
     * @throws IllegalArgumentException when an amount is negative or absurd
     */
    public static ResourceQuantities toEngine(Map<String, Quantity> amounts) {
        return ResourceQuantities.of(toEngineWithZeroes(amounts));
    }

    /** As {@link #toEngine}, for where an amount of 0 says something else than none. */
    public static SortedMap<String, io.offerplane.engine.resource.Quantity> toEngineWithZeroes(
            Map<String, Quantity> amounts) {
        SortedMap<String, io.offerplane.engine.resource.Quantity> result = new TreeMap<>();
        amounts.forEach((name, quantity) -> {
            switch (name) {
                case CPU -> result.put("cpus", milli(milliOf(quantity)));
                case MEMORY -> result.put("mem", milli(milliMebibytes(quantity)));
                case STORAGE -> result.put("disk", milli(milliMebibytes(quantity)));
                case GPU -> result.put("gpus", milli(milliOf(quantity)));
                default -> result.put(name, milli(milliOf(quantity)));
            }
        });
        return result;
    }

    private static io.offerplane.engine.resource.Quantity milli(long milli) {
        return io.offerplane.engine.resource.Quantity.ofMilli(milli);
    }

    /** In thousandths, rounded up as Kubernetes does. */
    public static long milliOf(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity)
                .movePointRight(3)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }

    /** In whole units, such as bytes; rounded up. */
    public static long bytesOf(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }

    private static long milliMebibytes(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity)
                .movePointRight(3)
                .divide(MIB_DECIMAL, 0, RoundingMode.CEILING)
                .longValueExact();
    }

    private static long mebibytesToBytes(long milliMebibytes) {
        return BigDecimal.valueOf(milliMebibytes)
                .multiply(MIB_DECIMAL)
                .movePointLeft(3)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }

    /** The canonical text: {@code 1500m}, {@code 2}. */
    public static Quantity cpu(long milli) {
        return milli % 1000 == 0 ? new Quantity(Long.toString(milli / 1000)) : new Quantity(milli + "m");
    }

    /** The canonical text in binary units: {@code 512Mi}, {@code 4Gi}, or plain bytes. */
    public static Quantity bytes(long bytes) {
        String[] units = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
        int unit = 0;
        long amount = bytes;
        while (amount != 0 && amount % 1024 == 0 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        return new Quantity(amount + units[unit]);
    }

    /** Cores for people, such as {@code 63.5}. */
    public static String displayCpu(long milli) {
        return BigDecimal.valueOf(milli)
                .movePointLeft(3)
                .setScale(2, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }

    /** Memory for people, in the largest unit that leaves a number of 1 or more: {@code 1.5Gi}. */
    public static String displayBytes(long bytes) {
        String[] units = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
        BigDecimal amount = BigDecimal.valueOf(bytes);
        int unit = 0;
        while (amount.compareTo(BigDecimal.valueOf(1024)) >= 0 && unit < units.length - 1) {
            amount = amount.divide(BigDecimal.valueOf(1024), 6, RoundingMode.HALF_UP);
            unit++;
        }
        return amount.setScale(1, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString() + units[unit];
    }
}
