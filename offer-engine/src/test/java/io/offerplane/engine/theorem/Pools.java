package io.offerplane.engine.theorem;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Pools drawn from a seed. */
final class Pools {
    private Pools() {}

    /** One agent; two to five frameworks, each in a role of its own, with weights from a half to three. */
    static Pool flat(SplittableRandom random) {
        List<Claimant> roles = new ArrayList<>();
        int count = 2 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            roles.add(Claimant.framework("f" + i, 1 + random.nextInt(6), demand(random, 0), Claimant.ENDLESS));
        }
        return new Pool(List.of(agent(random)), Claimant.role("", 2, roles));
    }

    /**
     * One agent; a tree of up to three levels. Every task takes of every resource, so that all end at once, but for those that have
     * enough: what one subtree leaves then goes to whoever is lowest.
     */
    static Pool tree(SplittableRandom random) {
        List<Claimant> roles = new ArrayList<>();
        int count = 2 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            roles.add(branch("r" + i, 2, random));
        }
        return new Pool(List.of(agent(random)), Claimant.role("", 2, roles));
    }

    private static Claimant branch(String path, int levels, SplittableRandom random) {
        int halves = 1 + random.nextInt(6);
        if (levels == 0 || random.nextInt(3) == 0) {
            long cap = random.nextInt(3) == 0 ? 5 + random.nextInt(60) : Claimant.ENDLESS;
            return Claimant.framework(path, halves, demand(random, 1), cap);
        }
        List<Claimant> children = new ArrayList<>();
        int count = 2 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            children.add(branch(path + "/c" + i, levels - 1, random));
        }
        return Claimant.role(path, halves, children);
    }

    static List<Long> agent(SplittableRandom random) {
        return List.of(400L + random.nextInt(800), 400L + random.nextInt(800), 400L + random.nextInt(800));
    }

    static List<Long> demand(SplittableRandom random, int least) {
        while (true) {
            List<Long> demand = List.of(amount(random, least), amount(random, least), amount(random, least));
            if (demand.stream().anyMatch(amount -> amount > 0)) {
                return demand;
            }
        }
    }

    private static long amount(SplittableRandom random, int least) {
        return Math.max(least, random.nextInt(10) - 2);
    }
}
