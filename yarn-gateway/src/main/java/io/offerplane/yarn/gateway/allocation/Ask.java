package io.offerplane.yarn.gateway.allocation;

import java.util.List;

/**
 * What one attempt still wants under one key. It replaces what was said before under the same key.
 *
 * @param attempt the attempt's id, as YARN writes it
 * @param key which ask of the attempt's
 * @param each the size of one container, already rounded up as YARN does
 * @param wishes how many and where; empty when nothing is wanted any more
 * @param nodeLabel the label that nodes must carry, empty for none
 * @param grantsSeen how many grants under this key the head has answered (accepted or declined) since the attempt began. Counts in
 *     {@code wishes} are as of then, so grants that are under way beyond that number are to be taken off
 * @param applicationMaster whether this is the container of the application's own master, which is taken back last
 */
public record Ask(
        String attempt,
        AskKey key,
        Amount each,
        List<Wish> wishes,
        String nodeLabel,
        long grantsSeen,
        boolean applicationMaster) {
    public Ask {
        wishes = List.copyOf(wishes);
    }

    /** How many containers are wanted in all. */
    public int total() {
        return wishes.stream()
                .filter(wish -> wish.place().equals(Wish.ANYWHERE))
                .mapToInt(Wish::count)
                .sum();
    }
}
