package io.offerplane.engine;

import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Offers in the order in which they were made. Each holds on to its neighbours itself: to take one in or out reads no table, which for thousands of
 * frameworks lie all over the heap. An offer is in one chain of a kind at most.
 */
final class OfferChain extends AbstractCollection<OutstandingOffer> {
    /** Whose offers these are: an offer has neighbours among its framework's and among all. */
    enum Kind {
        OF_FRAMEWORK,
        OF_ALL
    }

    private final boolean ofAll;
    private @Nullable OutstandingOffer first;
    private @Nullable OutstandingOffer last;
    private int size;

    OfferChain(Kind kind) {
        ofAll = kind == Kind.OF_ALL;
    }

    private @Nullable OutstandingOffer before(OutstandingOffer offer) {
        return ofAll ? offer.previousOfAll : offer.previous;
    }

    private @Nullable OutstandingOffer after(OutstandingOffer offer) {
        return ofAll ? offer.nextOfAll : offer.next;
    }

    private void before(OutstandingOffer offer, @Nullable OutstandingOffer before) {
        if (ofAll) {
            offer.previousOfAll = before;
        } else {
            offer.previous = before;
        }
    }

    private void after(OutstandingOffer offer, @Nullable OutstandingOffer after) {
        if (ofAll) {
            offer.nextOfAll = after;
        } else {
            offer.next = after;
        }
    }

    @Override
    public boolean add(OutstandingOffer offer) {
        OutstandingOffer before = last;
        before(offer, before);
        if (before == null) {
            first = offer;
        } else {
            after(before, offer);
        }
        last = offer;
        size++;
        return true;
    }

    /** The offer must be in here. */
    void remove(OutstandingOffer offer) {
        OutstandingOffer before = before(offer);
        OutstandingOffer after = after(offer);
        if (before == null) {
            first = after;
        } else {
            after(before, after);
        }
        if (after == null) {
            last = before;
        } else {
            before(after, before);
        }
        before(offer, null);
        after(offer, null);
        size--;
    }

    /** Has memory bring what {@link #add} will need. Says a number that has no meaning. */
    long readAhead() {
        OutstandingOffer newest = last;
        return newest == null || after(newest) == null ? size : 0;
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
                upcoming = after(offer);
                return offer;
            }
        };
    }
}
