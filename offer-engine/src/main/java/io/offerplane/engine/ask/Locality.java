package io.offerplane.engine.ask;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where an ask's containers would best run. Hosts come first; after a delay racks will do, and after another one any place, where that is
 * allowed. YARN's {@code resourceName} and {@code relaxLocality}.
 *
 * @param hosts how many are wanted on each
 * @param racks how many are wanted on each, those of its hosts included
 * @param elsewhere whether any other place will do in the end
 */
public record Locality(SortedMap<String, Integer> hosts, SortedMap<String, Integer> racks, boolean elsewhere) {
    public static final Locality ANYWHERE = new Locality(new TreeMap<>(), new TreeMap<>(), true);

    public Locality {
        hosts = Collections.unmodifiableSortedMap(new TreeMap<>(hosts));
        racks = Collections.unmodifiableSortedMap(new TreeMap<>(racks));
        if (!elsewhere && hosts.isEmpty() && racks.isEmpty()) {
            throw new IllegalArgumentException("locality: no host, no rack and nowhere else (expected: one of them)");
        }
    }

    /** Whether there is no preference at all. */
    public boolean isAnywhere() {
        return hosts.isEmpty() && racks.isEmpty();
    }

    /** How near a place is to what was wanted. */
    public enum Level {
        HOST,
        RACK,
        ELSEWHERE
    }
}
