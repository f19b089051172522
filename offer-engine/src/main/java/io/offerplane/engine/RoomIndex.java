package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import java.util.Arrays;

/**
 * What each agent has left of the two scalars that nearly all asks are about, in flat arrays: most agents that have no room are passed over
 * without being looked at. Brought up to date before use, and only for agents whose sums have moved.
 */
final class RoomIndex {
    private static final long NOT_OFFERABLE = -1;

    private final Agenda agenda;
    private long[] cpus = new long[0];
    private long[] mem = new long[0];
    private long[] seen = new long[0];
    private int size;

    RoomIndex(Agenda agenda) {
        this.agenda = agenda;
    }

    int size() {
        return size;
    }

    /** Takes in all that has moved since. */
    void refresh() {
        size = agenda.nextOrdinal();
        if (cpus.length < size) {
            int length = Math.max(size, 2 * cpus.length);
            cpus = Arrays.copyOf(cpus, length);
            mem = Arrays.copyOf(mem, length);
            int known = seen.length;
            seen = Arrays.copyOf(seen, length);
            Arrays.fill(seen, known, length, Long.MIN_VALUE);
        }
        for (int i = 0; i < size; i++) {
            Agent agent = agenda.agent(i);
            if (agent == null || !agent.isOfferable()) {
                cpus[i] = NOT_OFFERABLE;
                seen[i] = Long.MIN_VALUE;
            } else if (seen[i] != agent.ledger.moves()) {
                refresh(agent);
            }
        }
    }

    /** Takes in what has moved of one agent. */
    void refresh(Agent agent) {
        ResourceQuantities free = agent.ledger.available().free().scalars();
        cpus[agent.ordinal] = free.milli("cpus");
        mem[agent.ordinal] = free.milli("mem");
        seen[agent.ordinal] = agent.ledger.moves();
    }

    /** The place of the next agent from a place on, round the end, that may have room; {@code -1} when there is none. */
    int next(int from, int count, long cpusNeeded, long memNeeded) {
        for (int looked = 0, i = from; looked < count; looked++, i++) {
            if (i == size) {
                i = 0;
            }
            if (cpus[i] >= cpusNeeded && mem[i] >= memNeeded) {
                return i;
            }
        }
        return -1;
    }
}
