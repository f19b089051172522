package io.offerplane.yarn.gateway.allocation;

/** Where an allocator's decisions go. Any thread may call, but never from within a call of {@link Allocator}'s. */
public interface Grants {
    /** A container for an attempt. */
    void granted(Grant grant);
}
