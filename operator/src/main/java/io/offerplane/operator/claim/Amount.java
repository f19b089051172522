package io.offerplane.operator.claim;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.operator.status.KubernetesAmounts;
import java.util.Map;
import java.util.TreeMap;

/**
 * Processor and memory of a node or pod. Differences may be negative: a node can be overbooked.
 *
 * @param cpuMilli thousandths of a core
 * @param memoryBytes bytes
 */
public record Amount(long cpuMilli, long memoryBytes) {
    public static final Amount ZERO = new Amount(0, 0);

    /** What {@code amounts} says of cpu and memory; what it leaves out is zero. */
    public static Amount of(Map<String, Quantity> amounts) {
        return of(amounts, ZERO);
    }

    /** What {@code amounts} says of cpu and memory; what it leaves out is taken from {@code otherwise}. */
    public static Amount of(Map<String, Quantity> amounts, Amount otherwise) {
        Quantity cpu = amounts.get(KubernetesAmounts.CPU);
        Quantity memory = amounts.get(KubernetesAmounts.MEMORY);
        return new Amount(
                cpu == null ? otherwise.cpuMilli : KubernetesAmounts.milliOf(cpu),
                memory == null ? otherwise.memoryBytes : KubernetesAmounts.bytesOf(memory));
    }

    /** What the node has for pods. */
    public static Amount allocatable(Node node) {
        return node.getStatus() == null || node.getStatus().getAllocatable() == null
                ? ZERO
                : of(node.getStatus().getAllocatable());
    }

    public Map<String, Quantity> toQuantities() {
        Map<String, Quantity> result = new TreeMap<>();
        result.put(KubernetesAmounts.CPU, KubernetesAmounts.cpu(cpuMilli));
        result.put(KubernetesAmounts.MEMORY, KubernetesAmounts.bytes(memoryBytes));
        return result;
    }

    public Amount plus(Amount other) {
        return new Amount(cpuMilli + other.cpuMilli, memoryBytes + other.memoryBytes);
    }

    public Amount minus(Amount other) {
        return new Amount(cpuMilli - other.cpuMilli, memoryBytes - other.memoryBytes);
    }

    /** The smaller of both, each resource by itself. */
    public Amount min(Amount other) {
        return new Amount(Math.min(cpuMilli, other.cpuMilli), Math.min(memoryBytes, other.memoryBytes));
    }

    /** The larger of both, each resource by itself. */
    public Amount max(Amount other) {
        return new Amount(Math.max(cpuMilli, other.cpuMilli), Math.max(memoryBytes, other.memoryBytes));
    }

    /** Whether this has at least as much of both. */
    public boolean covers(Amount other) {
        return cpuMilli >= other.cpuMilli && memoryBytes >= other.memoryBytes;
    }

    @Override
    public String toString() {
        return KubernetesAmounts.displayCpu(cpuMilli) + " cpu, " + KubernetesAmounts.displayBytes(memoryBytes);
    }
}
