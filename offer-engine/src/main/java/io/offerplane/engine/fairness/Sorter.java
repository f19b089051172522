package io.offerplane.engine.fairness;

/**
 * Keeps the clients of one level in the order in which they may choose. Index 0 chooses first.
 *
 * @param <C> what is ordered
 */
public interface Sorter<C extends Client> {
    /** Lets a client compete. What it already holds counts from the start. */
    void add(C client);

    /** The client no longer competes; what it holds stays on its account. */
    void remove(C client);

    /**
     * Puts amounts on a client's account, whether or not it competes at the moment.
     *
     * @param amounts thousandths, by the numbers of {@link ClusterTotals}
     */
    void charge(C client, long[] amounts);

    /** Takes amounts off a client's account. */
    void release(C client, long[] amounts);

    /** Forgets what it concluded from a client's weight. */
    void reweigh(C client, double weight);

    /** Brings the order up to date; positions hold until the next change of any kind. */
    void sort();

    int size();

    C get(int index);
}
