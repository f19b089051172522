package io.offerplane.engine;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A role's limit that leaves too little.
 *
 * @param names of what there is too little; none where it is not one limit alone
 * @param limits of these names
 * @param left of these names
 */
record Limit(RolePath role, List<String> names, ResourceQuantities limits, ResourceQuantities left) {
    /**
     * The first on the way from the role upwards.
     *
     * @param needed what there must be room for; where it is empty, room for something of everything
     */
    static Limit first(QuotaBook quotas, RolePath role, ResourceQuantities needed) {
        RolePath at = role;
        while (true) {
            List<String> lacking = tooLittle(quotas, at, needed);
            if (!lacking.isEmpty()) {
                return of(quotas, at, lacking);
            }
            if (!at.isNested()) {
                // Each has room for what is needed; what is left over is in the way of something else.
                return needed.isEmpty() ? of(quotas, role, List.of()) : first(quotas, role, ResourceQuantities.EMPTY);
            }
            at = at.parent();
        }
    }

    private static List<String> tooLittle(QuotaBook quotas, RolePath role, ResourceQuantities needed) {
        ResourceQuantities consumed = quotas.consumed(role);
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, Quantity> limit : quotas.of(role).limits().entrySet()) {
            String name = limit.getKey();
            long need = needed.isEmpty() ? 1 : needed.milli(name);
            if (need > Math.max(0, limit.getValue().milli() - consumed.milli(name))) {
                names.add(name);
            }
        }
        return names;
    }

    private static Limit of(QuotaBook quotas, RolePath role, List<String> names) {
        Map<String, Quantity> limits = new TreeMap<>();
        names.forEach(name -> limits.put(
                name, Quantity.ofMilli(quotas.of(role).limitMilli(name).orElse(0))));
        ResourceQuantities all = ResourceQuantities.of(limits);
        return new Limit(role, List.copyOf(names), all, all.minusToZero(quotas.consumed(role)));
    }

    /** Whether nothing is left of any of them. */
    boolean isReached() {
        return left.isEmpty();
    }
}
