package io.offerplane.engine.fairness;

import java.util.Arrays;

/**
 * Orders clients by dominant share over weight, ascending; then by how often each was chosen, then by path. Mesos' {@code DRFSorter},
 * one level of it.
 *
 * <p>The clients stand in one array. A charge moves its client along by binary search, so that a cycle that makes many offers
 * never sorts twice; anything else only marks the order as stale.
 */
public final class DrfSorter<C extends Client> implements Sorter<C> {
    private final ClusterTotals totals;
    private Client[] order = new Client[4];
    private int size;
    private boolean stale;
    private long seenRevision;

    public DrfSorter(ClusterTotals totals) {
        this.totals = totals;
    }

    @Override
    public void add(C client) {
        if (size == order.length) {
            order = Arrays.copyOf(order, 2 * size);
        }
        order[size++] = client;
        stale = true;
    }

    @Override
    public void remove(C client) {
        for (int i = 0; i < size; i++) {
            if (order[i].equals(client)) {
                System.arraycopy(order, i + 1, order, i, size - i - 1);
                size--;
                order[size] = order[0];
                return;
            }
        }
    }

    @Override
    public void charge(C client, long[] amounts) {
        int from = isCurrent() ? placeOf(client) : -1;
        client.add(amounts);
        if (from < 0) {
            stale = true;
            return;
        }
        client.updateShare(totals);
        int to = from;
        if (from + 1 < size && Client.ORDER.compare(order[from + 1], client) < 0) {
            to = -Arrays.binarySearch(order, from + 1, size, client, Client.ORDER) - 2;
            System.arraycopy(order, from + 1, order, from, to - from);
        }
        order[to] = client;
    }

    /** As a rule it is the first that is chosen, and charged. */
    private int placeOf(C client) {
        return size > 0 && order[0].equals(client) ? 0 : Arrays.binarySearch(order, 0, size, client, Client.ORDER);
    }

    @Override
    public void release(C client, long[] amounts) {
        client.subtract(amounts);
        stale = true;
    }

    @Override
    public void reweigh(C client, double weight) {
        client.weigh(weight);
        stale = true;
    }

    @Override
    public void sort() {
        if (isCurrent()) {
            return;
        }
        for (int i = 0; i < size; i++) {
            order[i].updateShare(totals);
        }
        Arrays.sort(order, 0, size, Client.ORDER);
        stale = false;
        seenRevision = totals.revision();
    }

    private boolean isCurrent() {
        return !stale && seenRevision == totals.revision();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    @SuppressWarnings("unchecked") // Only add() writes to the array, and it takes none but C.
    public C get(int index) {
        return (C) order[index];
    }
}
