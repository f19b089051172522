package io.offerplane.engine.theorem;

import java.util.ArrayList;
import java.util.List;

/**
 * A role of a tree that competes with its siblings: either one with roles below it, or one with a single framework, which wants
 * tasks of one size.
 *
 * @param path the role's
 * @param halves its weight, in halves
 * @param demand what one task takes, in whole units of {@link Pool#NAMES}; of a framework only
 * @param cap how many tasks it wants at most; of a framework only
 */
record Claimant(String path, int halves, List<Claimant> children, List<Long> demand, long cap) {
    static final long ENDLESS = Long.MAX_VALUE;

    static Claimant framework(String path, int halves, List<Long> demand, long cap) {
        return new Claimant(path, halves, List.of(), demand, cap);
    }

    static Claimant role(String path, int halves, List<Claimant> children) {
        return new Claimant(path, halves, children, List.of(), ENDLESS);
    }

    boolean isFramework() {
        return children.isEmpty();
    }

    /** The role's path without slashes. */
    String frameworkId() {
        return "of-" + path.replace('/', '-');
    }

    Fraction weight() {
        return Fraction.of(halves, 2);
    }

    Claimant weighing(int newHalves) {
        return new Claimant(path, newHalves, children, demand, cap);
    }

    Claimant demanding(List<Long> newDemand) {
        return new Claimant(path, halves, children, newDemand, cap);
    }

    /** The frameworks at and below, from left to right. */
    List<Claimant> frameworks() {
        if (isFramework()) {
            return List.of(this);
        }
        List<Claimant> all = new ArrayList<>();
        children.forEach(child -> all.addAll(child.frameworks()));
        return all;
    }

    /** Every role at and below. */
    List<Claimant> all() {
        List<Claimant> all = new ArrayList<>(List.of(this));
        children.forEach(child -> all.addAll(child.all()));
        return all;
    }
}
