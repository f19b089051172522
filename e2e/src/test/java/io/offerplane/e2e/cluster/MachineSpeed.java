package io.offerplane.e2e.cluster;

/**
 * How slow this machine is just now. On a host that many share it may be twenty times slower than an hour ago, and then Kubernetes itself
 * misses its own deadlines: a test that fails there says nothing.
 */
public final class MachineSpeed {
    private static final int STEPS = 20_000_000;

    /** Of a step, a multiplication and an addition, as the JVM compiles it: measured on a quiet machine of 2.6 GHz. */
    private static final double ORDINARY_NANOS = 0.5;

    private static final int TRIES = 5;

    private MachineSpeed() {}

    /** How many times longer than on an ordinary machine a computation takes, the best of some tries; about 1 where all is well. */
    public static double slowness() {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long began = System.nanoTime();
            long value = chain(began);
            long took = System.nanoTime() - began;
            // The value is used, or it would not be computed.
            best = Math.min(best, value == 0 ? Double.MAX_VALUE : took / (STEPS * ORDINARY_NANOS));
        }
        return best;
    }

    private static long chain(long from) {
        long value = from;
        for (int i = 0; i < STEPS; i++) {
            value = value * 6364136223846793005L + 1442695040888963407L;
        }
        return value;
    }
}
