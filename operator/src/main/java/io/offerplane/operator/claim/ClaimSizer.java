package io.offerplane.operator.claim;

/**
 * How large a node's claim should be.
 *
 * <p>The claim takes what other pods leave, less what the pool keeps free for pods yet to come, and never more than the pool's
 * maximum. Pods that wait for room come first: what they ask for is left to them before the claim is counted, out of what is kept
 * free and then out of idle claim. Tasks come before that: what they hold is never taken, nor does the claim fall below the pool's
 * minimum while it stands.
 *
 * <p>All functions are pure.
 */
public final class ClaimSizer {
    private static final long CPU_STEP = 10;
    private static final long MEMORY_STEP = 1L << 20;

    /** A change below this isn't worth a resize, unless someone waits for it. */
    private static final Amount WORTHWHILE = new Amount(100, 64L << 20);

    private ClaimSizer() {}

    /**
     * @param min below which no claim is made
     * @param max of one claim
     * @param keepFree of the node for pods yet to come
     */
    public record Settings(Amount min, Amount max, Amount keepFree) {}

    /**
     * @param allocatable what the node has for pods
     * @param others what pods other than the claim request on it
     * @param held what tasks hold of the claim, as the engine says; zero for a claim to be made
     * @param awaited what pods that wait for room are to find on this node
     * @param mayGrow false while a growth was just refused or room just given back
     */
    public record Node(Amount allocatable, Amount others, Amount held, Amount awaited, boolean mayGrow) {}

    /** What to do about the claim. */
    public sealed interface Target {
        /** It should have this size. */
        record Size(Amount amount) implements Target {}

        /** There is no room for the least that the pool wants. */
        record NoRoom(Amount room) implements Target {}
    }

    /** For a node without a claim. */
    public static Target forNewClaim(Settings settings, Node node) {
        Amount size = roundedDown(room(settings, node).min(settings.max()));
        return size.covers(settings.min()) ? new Target.Size(size) : new Target.NoRoom(size);
    }

    /**
     * For a claim that stands.
     *
     * @param current what it requests now
     * @return its size to be, which equals {@code current} when there is nothing worth doing
     */
    public static Amount forClaim(Settings settings, Node node, Amount current) {
        Amount wanted = roundedDown(room(settings, node).min(settings.max()));
        Amount floor = settings.min().max(node.held());
        Amount target = wanted.max(roundedUp(floor));
        boolean someoneWaits = !node.awaited().equals(Amount.ZERO);
        // Kubernetes is overbooked when others and claim exceed the node: shrink by any little.
        boolean overbooked = !node.allocatable().covers(node.others().plus(current));
        return new Amount(
                settled(
                        current.cpuMilli(),
                        target.cpuMilli(),
                        WORTHWHILE.cpuMilli(),
                        node.mayGrow(),
                        someoneWaits || overbooked),
                settled(
                        current.memoryBytes(),
                        target.memoryBytes(),
                        WORTHWHILE.memoryBytes(),
                        node.mayGrow(),
                        someoneWaits || overbooked));
    }

    private static Amount room(Settings settings, Node node) {
        Amount left = node.allocatable().minus(node.others());
        // Pods that wait use what is kept free first; it is made up again once they are bound.
        return left.minus(settings.keepFree().max(node.awaited()));
    }

    private static long settled(long current, long target, long worthwhile, boolean mayGrow, boolean shrinkAnyLittle) {
        long change = target - current;
        if (change > 0) {
            return mayGrow && change >= worthwhile ? target : current;
        }
        return shrinkAnyLittle || -change >= worthwhile ? target : current;
    }

    private static Amount roundedDown(Amount amount) {
        return new Amount(
                Math.floorDiv(amount.cpuMilli(), CPU_STEP) * CPU_STEP,
                Math.floorDiv(amount.memoryBytes(), MEMORY_STEP) * MEMORY_STEP);
    }

    private static Amount roundedUp(Amount amount) {
        return new Amount(
                Math.ceilDiv(amount.cpuMilli(), CPU_STEP) * CPU_STEP,
                Math.ceilDiv(amount.memoryBytes(), MEMORY_STEP) * MEMORY_STEP);
    }
}
