package io.offerplane.yarn.gateway.allocation;

/**
 * How many containers of an ask are wanted at one place. Wishes for hosts and racks are part of the number for {@link #ANYWHERE}, as in
 * YARN's resource requests.
 *
 * @param place a host, a rack (it begins with a slash) or {@link #ANYWHERE}
 * @param count how many are still wanted there, at least 0
 * @param relaxed whether a place further out will do, too; false at {@link #ANYWHERE} pins the ask to the hosts and racks it names
 */
public record Wish(String place, int count, boolean relaxed) {
    /** Any node. */
    public static final String ANYWHERE = "*";
}
