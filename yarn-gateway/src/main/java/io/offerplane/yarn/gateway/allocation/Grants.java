package io.offerplane.yarn.gateway.allocation;

import java.util.List;

/** Where an allocator's decisions go. Any thread may call, but never from within a call of {@link Allocator}'s. */
public interface Grants {
    /** A container for an attempt. */
    void granted(Grant grant);

    /** Nothing is kept for a container any more, or it is taken back: it is to end. Unknown ones are ignored. */
    void lost(String container, String why);

    /** All queues, {@code root} among them, parents before children: they have changed. */
    void queues(List<QueueOnOffer> queues);

    /** An application has no place any more, or never got one: it is to end. Unknown ones are ignored. */
    void removed(String application, String why);
}
