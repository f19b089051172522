package io.offerplane.engine.role;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a role is sure of and what it may have at most, with all roles below it; Mesos {@code QuotaConfig}.
 *
 * @param guarantees held back for the role as long as it has less
 * @param limits in order of names; a name without one is not limited, and a limit of zero allows none
 */
public record Quota(ResourceQuantities guarantees, SortedMap<String, Quantity> limits) {
    /** No guarantee and no limit. */
    public static final Quota NONE = new Quota(ResourceQuantities.EMPTY, new TreeMap<>());

    public Quota {
        Objects.requireNonNull(guarantees, "guarantees");
        limits = Collections.unmodifiableSortedMap(new TreeMap<>(limits));
    }

    public boolean isNone() {
        return guarantees.isEmpty() && limits.isEmpty();
    }

    /** In thousandths, or empty where there is none. */
    public OptionalLong limitMilli(String name) {
        Quantity limit = limits.get(name);
        return limit == null ? OptionalLong.empty() : OptionalLong.of(limit.milli());
    }

    /** Whether no limit is below its guarantee. */
    public boolean isConsistent() {
        for (Map.Entry<String, Quantity> limit : limits.entrySet()) {
            if (guarantees.milli(limit.getKey()) > limit.getValue().milli()) {
                return false;
            }
        }
        return true;
    }
}
