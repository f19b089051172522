package io.offerplane.engine.fairness;

import java.util.Arrays;

/**
 * Some clients that follow one another in the order of a {@link DrfSorter}, with what the order goes by beside them in flat arrays: a search
 * reads those, and not the clients, which lie all over the heap.
 */
final class Run {
    /** Few enough to be moved along in no time. */
    private static final int MOST = 128;

    /** How many a run gets at first, so that there is room for more. */
    static final int DEALT = 96;

    private static final int FIRST = 2;

    private Client[] clients = new Client[FIRST];
    private double[] shares = new double[FIRST];
    private long[] allocations = new long[FIRST];
    private long[] ranks = new long[FIRST];
    private int size;

    int size() {
        return size;
    }

    boolean isFull() {
        return size == MOST;
    }

    Client client(int place) {
        return clients[place];
    }

    /** Where the client stands, whatever the order, or -1. */
    int indexOf(Client client) {
        for (int i = 0; i < size; i++) {
            if (clients[i].equals(client)) {
                return i;
            }
        }
        return -1;
    }

    boolean endsBefore(Client client) {
        return size > 0 && isBefore(size - 1, client);
    }

    /** The place of the first that isn't before the client: its own, if it stands here. */
    int placeFor(Client client) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isBefore(middle, client)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isBefore(int place, Client client) {
        int byShare = Double.compare(shares[place], client.share());
        if (byShare != 0) {
            return byShare < 0;
        }
        int byAllocations = Long.compare(allocations[place], client.allocations());
        return byAllocations != 0 ? byAllocations < 0 : ranks[place] < client.rank();
    }

    void insert(int place, Client client) {
        ensureRoom(size + 1);
        int after = size - place;
        System.arraycopy(clients, place, clients, place + 1, after);
        System.arraycopy(shares, place, shares, place + 1, after);
        System.arraycopy(allocations, place, allocations, place + 1, after);
        System.arraycopy(ranks, place, ranks, place + 1, after);
        size++;
        set(place, client);
    }

    void remove(int place) {
        size--;
        int after = size - place;
        System.arraycopy(clients, place + 1, clients, place, after);
        System.arraycopy(shares, place + 1, shares, place, after);
        System.arraycopy(allocations, place + 1, allocations, place, after);
        System.arraycopy(ranks, place + 1, ranks, place, after);
        if (size > 0) {
            // Nobody is held on to who has left.
            clients[size] = clients[0];
        }
    }

    /** Its later half, which it no longer has. */
    Run split() {
        Run later = new Run();
        int kept = size / 2;
        later.fill(clients, kept, size);
        size = kept;
        return later;
    }

    void fill(Client[] from, int begin, int end) {
        ensureRoom(end - begin);
        size = end - begin;
        for (int i = 0; i < size; i++) {
            set(i, from[begin + i]);
        }
    }

    int copyTo(Client[] all, int from) {
        System.arraycopy(clients, 0, all, from, size);
        return from + size;
    }

    double share(int place) {
        return shares[place];
    }

    /** Takes in what the client's share is now. */
    void share(int place, double share) {
        shares[place] = share;
    }

    /** Takes in all that the client's place goes by now. */
    void refresh(int place) {
        set(place, clients[place]);
    }

    private void set(int place, Client client) {
        clients[place] = client;
        shares[place] = client.share();
        allocations[place] = client.allocations();
        ranks[place] = client.rank();
    }

    private void ensureRoom(int needed) {
        if (needed > clients.length) {
            int room = Math.max(needed, Math.min(MOST, 2 * clients.length));
            clients = Arrays.copyOf(clients, room);
            shares = Arrays.copyOf(shares, room);
            allocations = Arrays.copyOf(allocations, room);
            ranks = Arrays.copyOf(ranks, room);
        }
    }
}
