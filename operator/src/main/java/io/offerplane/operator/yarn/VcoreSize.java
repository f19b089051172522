package io.offerplane.operator.yarn;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.protocol.link.v1.HeadAmount;
import java.util.Map;

/**
 * How much of a core one of YARN's vcores is: the head counts in vcores, the engine in cores.
 *
 * @param milli thousandths of a core, above zero
 */
public record VcoreSize(int milli) {
    private static final String MEMORY = "mem";
    private static final String PROCESSORS = "cpus";

    /** A vcore is a core. */
    public static final VcoreSize CORE = new VcoreSize(1_000);

    public VcoreSize {
        if (milli < 1) {
            throw new IllegalArgumentException("millicores: " + milli + " (expected: above zero)");
        }
    }

    /** What the head says, as the engine counts it. */
    ResourceQuantities quantities(HeadAmount amount) {
        return ResourceQuantities.of(Map.of(
                MEMORY,
                Quantity.ofMilli(amount.getMemoryMib() * 1000),
                PROCESSORS,
                Quantity.ofMilli((long) amount.getVcores() * milli)));
    }

    /** What the engine says, in whole units: YARN counts nothing less. */
    HeadAmount amount(ResourceQuantities quantities) {
        return HeadAmount.newBuilder()
                .setMemoryMib(quantities.milli(MEMORY) / 1000)
                .setVcores((int) Math.min(Integer.MAX_VALUE, quantities.milli(PROCESSORS) / milli))
                .build();
    }
}
