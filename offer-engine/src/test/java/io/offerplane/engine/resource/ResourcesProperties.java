package io.offerplane.engine.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Property;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Arithmetic on amounts: laws that must hold whatever is drawn, and ranges against a set of bits. */
class ResourcesProperties {
    private static final List<String> NAMES = List.of("cpus", "mem", "disk", "gpus", "widgets");

    @Test
    void whatIsAddedCanBeTakenAway() {
        Property.check(300, (random, size) -> {
            Resources left = resources(random, size);
            Resources right = disjoint(left, resources(random, size));
            Resources sum = left.plus(right);
            assertThat(sum).isEqualTo(right.plus(left));
            assertThat(sum.minus(right)).isEqualTo(left);
            assertThat(sum.contains(left)).isTrue();
            assertThat(sum.contains(right)).isTrue();
            assertThat(sum.minusToZero(sum)).isEqualTo(Resources.EMPTY);
            assertThat(left.contains(sum)).isEqualTo(right.isEmpty());
            assertThat(left.hashCode()).isEqualTo(sum.minus(right).hashCode());
        });
    }

    @Test
    void takingAwayMoreThanThereIsThrowsOrGivesZero() {
        Property.check(200, (random, size) -> {
            ResourceQuantities left = resources(random, size).scalars();
            ResourceQuantities right = resources(random, size).scalars();
            if (left.contains(right)) {
                assertThat(left.minus(right).plus(right)).isEqualTo(left);
            } else {
                assertThatThrownBy(() -> left.minus(right)).isInstanceOf(IllegalArgumentException.class);
            }
            ResourceQuantities rest = left.minusToZero(right);
            for (String name : NAMES) {
                assertThat(rest.milli(name)).isEqualTo(Math.max(0, left.milli(name) - right.milli(name)));
            }
        });
    }

    @Test
    void rangesAreSetsOfNumbers() {
        Property.check(300, (random, size) -> {
            Ranges left = ranges(random, size);
            Ranges right = ranges(random, size);
            assertThat(bits(left.plus(right))).isEqualTo(or(left, right));
            BitSet difference = bits(left);
            difference.andNot(bits(right));
            assertThat(bits(left.minus(right))).isEqualTo(difference);
            BitSet beyond = bits(right);
            beyond.andNot(bits(left));
            assertThat(left.contains(right)).isEqualTo(beyond.isEmpty());
            assertThat(left.size()).isEqualTo(bits(left).cardinality());
            List<Ranges.Range> parts = left.plus(right).ranges();
            for (int i = 1; i < parts.size(); i++) {
                assertThat(parts.get(i).begin()).isGreaterThan(parts.get(i - 1).end() + 1);
            }
        });
    }

    private static BitSet or(Ranges left, Ranges right) {
        BitSet both = bits(left);
        both.or(bits(right));
        return both;
    }

    private static BitSet bits(Ranges ranges) {
        BitSet bits = new BitSet();
        ranges.ranges().forEach(range -> bits.set((int) range.begin(), (int) range.end() + 1));
        return bits;
    }

    private static Ranges ranges(SplittableRandom random, int size) {
        List<Ranges.Range> ranges = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            int begin = random.nextInt(2 * size + 1);
            ranges.add(new Ranges.Range(begin, begin + random.nextInt(size + 1)));
        }
        return new Ranges(ranges);
    }

    private static Resources resources(SplittableRandom random, int size) {
        Map<String, Quantity> amounts = new HashMap<>();
        for (String name : NAMES) {
            if (random.nextBoolean()) {
                amounts.put(name, Quantity.ofMilli(random.nextInt(1000 * size)));
            }
        }
        Resources resources = Resources.scalars(amounts);
        if (random.nextBoolean()) {
            resources = resources.plus(Resources.ranges("ports", ranges(random, size)));
        }
        if (random.nextBoolean()) {
            resources = resources.plus(Resources.set("disks", ItemSet.of("d" + random.nextInt(3), "e")));
        }
        return resources;
    }

    /** Without what both have of ranges and sets, which a union would hide. */
    private static Resources disjoint(Resources left, Resources right) {
        Resources shared = new Resources(ResourceQuantities.EMPTY, left.ranges(), left.sets());
        return right.minusToZero(shared);
    }
}
