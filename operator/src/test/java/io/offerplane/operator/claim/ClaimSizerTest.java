package io.offerplane.operator.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.operator.claim.ClaimSizer.Node;
import io.offerplane.operator.claim.ClaimSizer.Settings;
import io.offerplane.operator.claim.ClaimSizer.Target;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** All amounts as milli-cores and MiB. The node has 4000 and 8192, the pool's minimum is 100 and 128. */
class ClaimSizerTest {
    private static final Amount NODE = amount(4000, 8192);
    private static final Amount MIN = amount(100, 128);
    private static final Amount UNBOUND = amount(1_000_000, 1_000_000);

    private static Amount amount(long cpu, long mebibytes) {
        return new Amount(cpu, mebibytes << 20);
    }

    private static Node node(Amount others, Amount held, Amount awaited) {
        return new Node(NODE, others, held, awaited, true);
    }

    static Stream<Arguments> newClaims() {
        return Stream.of(
                Arguments.of("an empty node is claimed whole", UNBOUND, Amount.ZERO, Amount.ZERO, Amount.ZERO, NODE),
                // 4000 - 250, 8192 - 256
                Arguments.of(
                        "less what is kept free",
                        UNBOUND,
                        amount(250, 256),
                        Amount.ZERO,
                        Amount.ZERO,
                        amount(3750, 7936)),
                // 4000 - 1000 - 250, 8192 - 2048 - 256
                Arguments.of(
                        "less what others have",
                        UNBOUND,
                        amount(250, 256),
                        amount(1000, 2048),
                        Amount.ZERO,
                        amount(2750, 5888)),
                Arguments.of(
                        "never more than the maximum, each resource by itself",
                        amount(600, 1_000_000),
                        amount(250, 256),
                        Amount.ZERO,
                        Amount.ZERO,
                        amount(600, 7936)),
                // Pods that wait use what is kept free first: max(250, 1000) and max(256, 100).
                Arguments.of(
                        "pods that wait come first",
                        UNBOUND,
                        amount(250, 256),
                        Amount.ZERO,
                        amount(1000, 100),
                        amount(3000, 7936)),
                Arguments.of(
                        "rounded down to 10 milli-cores",
                        UNBOUND,
                        Amount.ZERO,
                        amount(1, 0),
                        Amount.ZERO,
                        amount(3990, 8192)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("newClaims")
    void sizesANewClaim(String name, Amount max, Amount keepFree, Amount others, Amount awaited, Amount expected) {
        assertThat(ClaimSizer.forNewClaim(new Settings(MIN, max, keepFree), node(others, Amount.ZERO, awaited)))
                .isEqualTo(new Target.Size(expected));
    }

    @Test
    void makesNoClaimWhereThereIsNoRoomForTheLeast() {
        Settings settings = new Settings(amount(500, 128), UNBOUND, Amount.ZERO);
        assertThat(ClaimSizer.forNewClaim(settings, node(amount(3600, 0), Amount.ZERO, Amount.ZERO)))
                .isEqualTo(new Target.NoRoom(amount(400, 8192)));
        // One resource short is short.
        assertThat(ClaimSizer.forNewClaim(settings, node(amount(0, 8100), Amount.ZERO, Amount.ZERO)))
                .isInstanceOf(Target.NoRoom.class);
    }

    static Stream<Arguments> standingClaims() {
        Amount none = Amount.ZERO;
        Amount full = amount(3750, 7936);
        return Stream.of(
                Arguments.of("stays when nothing moved", none, none, none, true, full, full),
                Arguments.of("grows when others leave", none, none, none, true, amount(1000, 1024), full),
                Arguments.of(
                        "doesn't grow while it may not",
                        none,
                        none,
                        none,
                        false,
                        amount(1000, 1024),
                        amount(1000, 1024)),
                Arguments.of(
                        "a growth below the step isn't worth it",
                        none,
                        none,
                        none,
                        true,
                        amount(3700, 7900),
                        amount(3700, 7900)),
                // 4000 - 1500 - 250
                Arguments.of(
                        "gives room back that others took",
                        amount(1500, 0),
                        none,
                        none,
                        true,
                        full,
                        amount(2250, 7936)),
                Arguments.of("a shrink below the step isn't worth it", amount(50, 0), none, none, true, full, full),
                // 4000 - max(250, 1500)
                Arguments.of(
                        "makes room for a pod that waits",
                        none,
                        none,
                        amount(1500, 64),
                        true,
                        full,
                        amount(2500, 7936)),
                Arguments.of(
                        "by any little when someone waits",
                        amount(50, 0),
                        none,
                        amount(10, 1),
                        true,
                        full,
                        amount(3700, 7936)),
                Arguments.of(
                        "never takes what tasks hold",
                        none,
                        amount(3000, 7000),
                        amount(2000, 4096),
                        true,
                        full,
                        amount(3000, 7000)),
                Arguments.of(
                        "holds tasks whose amounts aren't round",
                        none,
                        amount(2001, 100),
                        amount(4000, 8192),
                        true,
                        full,
                        amount(2010, 128)),
                Arguments.of(
                        "keeps its least when pods wait for all",
                        none,
                        none,
                        amount(4000, 8192),
                        true,
                        full,
                        amount(100, 128)),
                Arguments.of(
                        "one resource shrinks while the other grows",
                        amount(1500, 0),
                        none,
                        none,
                        true,
                        amount(3750, 1024),
                        amount(2250, 7936)),
                Arguments.of(
                        "an overbooked node shrinks it at once",
                        amount(260, 0),
                        none,
                        none,
                        true,
                        amount(3750, 7936),
                        amount(3490, 7936)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("standingClaims")
    void sizesAStandingClaim(
            String name, Amount others, Amount held, Amount awaited, boolean mayGrow, Amount current, Amount expected) {
        Settings settings = new Settings(MIN, UNBOUND, amount(250, 256));
        assertThat(ClaimSizer.forClaim(settings, new Node(NODE, others, held, awaited, mayGrow), current))
                .isEqualTo(expected);
    }

    @Test
    void holdsItsPromisesForAnyNode() {
        long seed = Long.getLong("claims.seed", System.nanoTime());
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < 20_000; i++) {
            Amount min = amount(random.nextLong(1, 500), random.nextLong(1, 512));
            Settings settings = new Settings(
                    min,
                    min.plus(amount(random.nextLong(0, 8000), random.nextLong(0, 16384))),
                    amount(random.nextLong(0, 1000), random.nextLong(0, 1024)));
            Amount held =
                    random.nextInt(3) == 0 ? Amount.ZERO : amount(random.nextLong(0, 3000), random.nextLong(0, 6000));
            Amount current =
                    amount(random.nextLong(1, 4000), random.nextLong(1, 8192)).max(held);
            Node facts = new Node(
                    NODE,
                    amount(random.nextLong(0, 4000), random.nextLong(0, 8192)),
                    held,
                    random.nextBoolean() ? Amount.ZERO : amount(random.nextLong(0, 4000), random.nextLong(0, 8192)),
                    random.nextBoolean());
            Amount size = ClaimSizer.forClaim(settings, facts, current);
            String state =
                    "seed " + seed + ", step " + i + ": " + settings + " " + facts + " " + current + " -> " + size;
            assertThat(size.covers(held))
                    .as("tasks keep what they hold; " + state)
                    .isTrue();
            assertThat(facts.mayGrow() || current.covers(size))
                    .as("no growth on hold; " + state)
                    .isTrue();
            if (size.cpuMilli() > current.cpuMilli()
                    && size.cpuMilli() > roundUp(min.max(held).cpuMilli())) {
                assertThat(facts.others().cpuMilli() + size.cpuMilli())
                        .as("a growth never overbooks the node; " + state)
                        .isLessThanOrEqualTo(NODE.cpuMilli());
            }
            Amount again = ClaimSizer.forClaim(settings, facts, size);
            assertThat(ClaimSizer.forClaim(settings, facts, again))
                    .as("it comes to rest; " + state)
                    .isEqualTo(again);
        }
    }

    private static long roundUp(long milli) {
        return Math.ceilDiv(milli, 10L) * 10;
    }
}
