package io.offerplane.engine;

import io.offerplane.engine.offer.OfferId;
import java.util.AbstractCollection;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Every offer that is out, by its id, and in the order in which they were made.
 *
 * <p>Ids are counted, so offers made one after another stand side by side: a cycle that makes thousands fills the table from one end, where a table
 * that scatters them would bring each place, and whoever stands there already, from far off. An offer whose place is taken, as one made much
 * earlier may still be out, stands in the next that is free.
 */
final class OfferTable extends AbstractCollection<OutstandingOffer> {
    private static final int FIRST = 64;

    private @Nullable OutstandingOffer[] places = new OutstandingOffer[FIRST];

    /** What those in {@link #places} go by, so that to look for one reads none of the others. */
    private int[] keys = new int[FIRST];

    /** How far the farthest of them stands behind its own place, or once stood: nobody has to be looked for beyond. */
    private int farthest;

    private final OfferChain order = new OfferChain(OfferChain.Kind.OF_ALL);

    /** The number that the id ends in. */
    private static int key(OfferId id) {
        String text = id.value();
        int key = 0;
        int unit = 1;
        for (int i = text.length() - 1; i >= 0; i--) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            key += digit * unit;
            unit *= 10;
        }
        return key;
    }

    @Nullable
    OutstandingOffer get(OfferId id) {
        int place = find(id);
        return place < 0 ? null : places[place];
    }

    boolean contains(OfferId id) {
        return find(id) >= 0;
    }

    private int find(OfferId id) {
        int key = key(id);
        int mask = places.length - 1;
        for (int place = key & mask; ; place = (place + 1) & mask) {
            OutstandingOffer offer = places[place];
            if (offer == null) {
                return -1;
            }
            if (keys[place] == key && offer.id().equals(id)) {
                return place;
            }
        }
    }

    /** Takes in an offer whose id is not in here. */
    @Override
    public boolean add(OutstandingOffer offer) {
        if (2 * order.size() >= places.length) {
            grow();
        }
        place(key(offer.id()), offer);
        return order.add(offer);
    }

    private void place(int key, OutstandingOffer offer) {
        int mask = places.length - 1;
        int place = key & mask;
        while (places[place] != null) {
            place = (place + 1) & mask;
        }
        places[place] = offer;
        keys[place] = key;
        farthest = Math.max(farthest, (place - key) & mask);
    }

    private void grow() {
        places = new OutstandingOffer[2 * places.length];
        keys = new int[places.length];
        farthest = 0;
        for (OutstandingOffer offer : order) {
            place(key(offer.id()), offer);
        }
    }

    void remove(OfferId id) {
        int place = find(id);
        OutstandingOffer offer = place < 0 ? null : places[place];
        if (offer != null) {
            order.remove(offer);
            close(place);
        }
    }

    /**
     * Whoever stands behind because of who has left moves up: nobody is looked for beyond a free place. Offers made one after another fill place after
     * place without an end, and as a rule none of them stands behind, so the way is bounded.
     */
    private void close(int left) {
        int mask = places.length - 1;
        int free = left;
        int place = (left + 1) & mask;
        while (places[place] != null && ((place - free) & mask) <= farthest) {
            int wayFromOwn = (place - keys[place]) & mask;
            int wayFromFree = (place - free) & mask;
            if (wayFromOwn >= wayFromFree) {
                places[free] = places[place];
                keys[free] = keys[place];
                free = place;
            }
            place = (place + 1) & mask;
        }
        places[free] = null;
        if (order.isEmpty()) {
            farthest = 0;
        }
    }

    @Override
    public int size() {
        return order.size();
    }

    @Override
    public Iterator<OutstandingOffer> iterator() {
        return order.iterator();
    }
}
