package io.offerplane.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * How slow this machine is just now. On a host that many share, what a program needs of the kernel may take ten or fifty times longer than
 * an hour ago, while plain computations are as fast as ever; then Kubernetes itself misses its own deadlines, and a test that fails there
 * says nothing.
 */
public final class MachineSpeed {
    /** Of the start and end of a program that does nothing: measured on a quiet machine of 2.6 GHz. */
    private static final double ORDINARY_NANOS = 1_000_000;

    private static final int TRIES = 20;

    private MachineSpeed() {}

    /** How many times longer than on an ordinary machine it takes to run a program, the best of some tries; about 1 where all is well. */
    public static double slowness() {
        double best = Double.MAX_VALUE;
        try {
            for (int i = 0; i < TRIES; i++) {
                long began = System.nanoTime();
                new ProcessBuilder("true").start().waitFor();
                best = Math.min(best, (System.nanoTime() - began) / ORDINARY_NANOS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("this machine has no program \"true\" to measure by", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return best;
    }
}
