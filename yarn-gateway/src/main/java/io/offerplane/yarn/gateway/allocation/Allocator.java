package io.offerplane.yarn.gateway.allocation;

import java.util.List;
import java.util.Set;

/**
 * Who decides which application gets what. The head tells it what applications want and what became of containers; decisions come
 * back through {@link Grants}, at any time and from any thread.
 *
 * <p>Calls return at once and never call back. For one attempt, they come in the order in which things happened.
 */
public interface Allocator {
    /** Called once, before anything else. */
    void begin(Grants grants);

    /** The queues as of now, {@code root} among them, parents before children. What changes of them later comes by {@link Grants#queues}. */
    List<QueueOnOffer> queues();

    /** A node registered. What runs on it follows as {@link #recovered}. */
    void nodeJoined(NodeOnOffer node);

    /** A node is lost or left, and with it everything that ran there. */
    void nodeLeft(String node);

    /** An attempt begins. */
    void attemptBegan(Applicant applicant);

    /** An attempt is over; it asks for no more. Its containers end one by one, or pass on to the application's next attempt. */
    void attemptEnded(String attempt);

    /** An application is over; no attempt of it follows, but its containers may still end. */
    void applicationEnded(String application);

    /** What an attempt wants under one key, in place of what it wanted before. */
    void ask(Ask ask);

    /** The hosts and racks that an attempt wants nothing on, all of them. */
    void avoid(String attempt, Set<String> places);

    /** A grant became a container, by whose id it is known from here on. */
    void accepted(String grant, String container);

    /** A grant came too late: its attempt has ended or wants no more, or the node has gone. */
    void declined(String grant);

    /** A container that an earlier head started is running. */
    void recovered(String container, String attempt, String node, Amount each);

    /** A container's process is gone, or was never started: what it held is free. */
    void ended(String container);

    /** How much more the attempt could get at most, by its queue's limits and by what others hold. */
    Amount headroom(String attempt);
}
