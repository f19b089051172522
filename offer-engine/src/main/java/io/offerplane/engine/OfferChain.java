package io.offerplane.engine;

import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A framework's offers, oldest first. Each holds on to its neighbours itself: to take one in or out reads no table, which for thousands of
 * frameworks lie all over the heap. An offer is in one chain at most.
 */
final class OfferChain extends AbstractCollection<OutstandingOffer> {
    private @Nullable OutstandingOffer first;
    private @Nullable OutstandingOffer last;
    private int size;

    @Override
    public boolean add(OutstandingOffer offer) {
        OutstandingOffer before = last;
        offer.previous = before;
        if (before == null) {
            first = offer;
        } else {
            before.next = offer;
        }
        last = offer;
        size++;
        return true;
    }

    /** The offer must be in here. */
    void remove(OutstandingOffer offer) {
        OutstandingOffer before = offer.previous;
        OutstandingOffer after = offer.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        offer.previous = null;
        offer.next = null;
        size--;
    }

    /** Has memory bring what {@link #add} will need. Says a number that has no meaning. */
    long readAhead() {
        OutstandingOffer newest = last;
        return newest == null || newest.next == null ? size : 0;
    }

    @Override
    public int size() {
        return size;
    }

    /** Goes on from an offer that is taken out meanwhile to what came after it then. */
    @Override
    public Iterator<OutstandingOffer> iterator() {
        return new Iterator<>() {
            private @Nullable OutstandingOffer upcoming = first;

            @Override
            public boolean hasNext() {
                return upcoming != null;
            }

            @Override
            public OutstandingOffer next() {
                OutstandingOffer offer = upcoming;
                if (offer == null) {
                    throw new NoSuchElementException("no more offers");
                }
                upcoming = offer.next;
                return offer;
            }
        };
    }
}
