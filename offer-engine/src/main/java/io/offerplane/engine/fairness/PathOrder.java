package io.offerplane.engine.fairness;

import java.util.Arrays;

/**
 * Gives the clients of one sorter numbers that go up with their paths: ties are common among those who hold alike, and are decided by
 * reading two numbers instead of two texts.
 *
 * <p>Numbers leave gaps, so that most who come fit between their neighbours; else all get new ones.
 */
final class PathOrder {
    private static final long GAP = 1L << 32;
    private static final long MOST = Long.MAX_VALUE - 2 * GAP;

    private Client[] clients = new Client[2];
    private int size;

    /** Numbers the client, and all others anew if need be. */
    void add(Client client) {
        if (size == clients.length) {
            clients = Arrays.copyOf(clients, 2 * size);
        }
        int place = placeOf(client);
        System.arraycopy(clients, place, clients, place + 1, size - place);
        clients[place] = client;
        size++;
        long before = place == 0 ? 0 : clients[place - 1].rank();
        long after = place == size - 1 ? before + 2 * GAP : clients[place + 1].rank();
        if (after - before > 1 && before < MOST) {
            client.rank(before + (after - before) / 2);
        } else {
            number();
        }
    }

    void remove(Client client) {
        int place = placeOf(client);
        if (place < size && clients[place].equals(client)) {
            size--;
            System.arraycopy(clients, place + 1, clients, place, size - place);
            // Nobody is held on to who has left.
            clients[size] = clients[0];
        }
    }

    private void number() {
        for (int i = 0; i < size; i++) {
            clients[i].rank((i + 1) * GAP);
        }
    }

    /** The place of the first whose path isn't before the client's. */
    private int placeOf(Client client) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (clients[middle].path().compareTo(client.path()) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
