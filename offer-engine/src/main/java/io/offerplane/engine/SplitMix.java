package io.offerplane.engine;

import java.util.random.RandomGenerator;

/**
 * The engine's one source of chance: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
 * The JDK's own generators don't show their state, which a snapshot must hold; here it is one number.
 */
final class SplitMix implements RandomGenerator {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    SplitMix(long state) {
        this.state = state;
    }

    /** Goes on from a state. */
    void resume(long from) {
        state = from;
    }

    long state() {
        return state;
    }

    @Override
    public long nextLong() {
        state += GOLDEN_GAMMA;
        long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
