package io.offerplane.yarn.gateway.allocation;

/**
 * An amount of what YARN's clients ask for.
 *
 * @param memoryMib memory in MiB, at least 0
 * @param vcores virtual cores, at least 0
 */
public record Amount(long memoryMib, int vcores) {
    public Amount {
        if (memoryMib < 0 || vcores < 0) {
            throw new IllegalArgumentException(
                    "an amount is not negative, but " + memoryMib + " MiB, " + vcores + " vcores was given");
        }
    }
}
