package io.offerplane.engine.fairness;

import java.util.Arrays;

/**
 * Orders clients by dominant share over weight, ascending; then by how often each was chosen, then by path. Mesos' {@code DRFSorter},
 * one level of it.
 *
 * <p>The clients stand in {@link Run}s. A charge moves its client along by binary search, within one run or from one to another, so that a
 * cycle that makes many offers never sorts twice, and costs no more per offer with many clients than with few; anything else only marks the order
 * as stale.
 */
public final class DrfSorter<C extends Client> implements Sorter<C> {
    private final ClusterTotals totals;
    private final PathOrder paths = new PathOrder();
    private Run[] runs = {new Run()};
    private int runCount = 1;
    private int size;
    private boolean stale;
    private long seenRevision;

    /** The run that was read last, and how many clients stand before it: who is asked for is the next one, as a rule. */
    private int readRun;

    private int readBefore;

    /** The run that a client was put into last. */
    private int putInto;

    public DrfSorter(ClusterTotals totals) {
        this.totals = totals;
    }

    @Override
    public void add(C client) {
        if (runs[runCount - 1].isFull()) {
            insertRun(runCount, new Run());
        }
        paths.add(client);
        Run last = runs[runCount - 1];
        last.insert(last.size(), client);
        size++;
        stale = true;
        readFromStart();
    }

    @Override
    public void remove(C client) {
        for (int i = 0; i < runCount; i++) {
            int place = runs[i].indexOf(client);
            if (place >= 0) {
                removeAt(i, place);
                paths.remove(client);
                size--;
                readFromStart();
                return;
            }
        }
    }

    @Override
    public void charge(C client, long[] amounts) {
        boolean moved = isCurrent() && takeOut(client);
        client.add(amounts);
        if (!moved) {
            stale = true;
            return;
        }
        client.updateShare(totals.divisors());
        putIn(client);
        readFromStart();
    }

    private boolean takeOut(C client) {
        // As a rule it is the first that is chosen, and charged.
        if (size > 0 && runs[0].client(0).equals(client)) {
            removeAt(0, 0);
            return true;
        }
        int run = runFor(client);
        int place = runs[run].placeFor(client);
        if (place == runs[run].size() || !runs[run].client(place).equals(client)) {
            return false;
        }
        removeAt(run, place);
        return true;
    }

    private void putIn(C client) {
        int run = runFor(client);
        if (runs[run].isFull()) {
            insertRun(run + 1, runs[run].split());
            run = runFor(client);
        }
        runs[run].insert(runs[run].placeFor(client), client);
        putInto = run;
    }

    /** The first run that ends at or after the client's place; the last one when all end before it. */
    private int runFor(Client client) {
        // Those who are charged one after another hold alike as a rule, and so come to stand side by side.
        int guess = Math.min(putInto, runCount - 1);
        boolean notBefore = guess == 0 || runs[guess - 1].endsBefore(client);
        if (notBefore && (guess == runCount - 1 || !runs[guess].endsBefore(client))) {
            return guess;
        }
        int low = 0;
        int high = runCount - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (runs[middle].endsBefore(client)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void removeAt(int run, int place) {
        runs[run].remove(place);
        if (runs[run].size() == 0 && runCount > 1) {
            System.arraycopy(runs, run + 1, runs, run, runCount - run - 1);
            runCount--;
        }
    }

    private void insertRun(int at, Run run) {
        if (runCount == runs.length) {
            runs = Arrays.copyOf(runs, 2 * runCount);
        }
        System.arraycopy(runs, at, runs, at + 1, runCount - at);
        runs[at] = run;
        runCount++;
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
        // When agents come or go all shares move, and hardly ever past one another.
        if (!updateShares()) {
            Client[] all = new Client[size];
            int count = 0;
            for (int i = 0; i < runCount; i++) {
                count = runs[i].copyTo(all, count);
            }
            Arrays.sort(all, Client.ORDER);
            deal(all);
        }
        stale = false;
        seenRevision = totals.revision();
        readFromStart();
    }

    /** Says whether all still stand in order. */
    private boolean updateShares() {
        double[] divisors = totals.divisors();
        boolean inOrder = true;
        Client before = null;
        double shareBefore = 0;
        double formerShareBefore = 0;
        for (int i = 0; i < runCount; i++) {
            Run run = runs[i];
            int clients = run.size();
            for (int place = 0; place < clients; place++) {
                Client client = run.client(place);
                double formerShare = run.share(place);
                double share = client.updateShare(divisors);
                if (stale) {
                    run.refresh(place);
                } else {
                    run.share(place, share);
                }
                if (inOrder && before != null) {
                    // Most moved alike: those who were equal are, and stand in order by what has not changed.
                    boolean wereEqual = !stale && formerShare == formerShareBefore;
                    inOrder = share > shareBefore
                            || (share == shareBefore && (wereEqual || Client.ORDER.compare(before, client) < 0));
                }
                before = client;
                shareBefore = share;
                formerShareBefore = formerShare;
            }
        }
        return inOrder;
    }

    /** Anew into runs that have room. */
    private void deal(Client[] sorted) {
        if (runCount == 1) {
            runs[0].fill(sorted, 0, size);
            return;
        }
        int needed = Math.max(1, (size + Run.DEALT - 1) / Run.DEALT);
        while (runCount < needed) {
            insertRun(runCount, new Run());
        }
        runCount = needed;
        for (int i = 0; i < needed; i++) {
            int from = i * Run.DEALT;
            runs[i].fill(sorted, from, Math.min(size, from + Run.DEALT));
        }
        Arrays.fill(runs, needed, runs.length, runs[0]);
    }

    private boolean isCurrent() {
        return !stale && seenRevision == totals.revision();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    @SuppressWarnings("unchecked") // Only add() puts clients in, and it takes none but C.
    public C get(int index) {
        if (index < readBefore) {
            readFromStart();
        }
        while (index - readBefore >= runs[readRun].size()) {
            readBefore += runs[readRun].size();
            readRun++;
        }
        return (C) runs[readRun].client(index - readBefore);
    }

    private void readFromStart() {
        readRun = 0;
        readBefore = 0;
    }
}
