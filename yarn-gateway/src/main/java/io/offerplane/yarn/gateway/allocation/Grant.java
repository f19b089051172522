package io.offerplane.yarn.gateway.allocation;

/**
 * One container that an attempt may start. The allocator has already charged it; the head answers each grant by
 * {@link Allocator#accepted} or {@link Allocator#declined}.
 *
 * @param id the allocator's own name for it, unique for the allocator's life
 * @param attempt whose
 * @param key under which ask
 * @param node the node's id
 * @param each its size
 */
public record Grant(String id, String attempt, AskKey key, String node, Amount each) {}
