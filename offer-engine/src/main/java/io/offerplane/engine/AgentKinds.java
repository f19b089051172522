package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;
import java.util.HashMap;
import java.util.Map;

/**
 * What agents have in total, each amount once: many nodes of a cluster are of one kind, and one object that stands for all their totals stays in
 * the processor's cache, where as many equal ones would not. Decides nothing.
 */
final class AgentKinds {
    /** Beyond this a cluster has no kinds. */
    private static final int KEPT = 4_096;

    private final Map<Resources, Resources> known = new HashMap<>();

    /** An equal one, of which there is no other as a rule. */
    Resources shared(Resources total) {
        Resources first = known.get(total);
        if (first != null) {
            return first;
        }
        if (known.size() == KEPT) {
            known.clear();
        }
        known.put(total, total);
        return total;
    }
}
