package io.offerplane.engine.ask;

/**
 * What makes a framework one that asks for containers, rather than one that waits for offers. Its one role is its queue, its user is
 * charged for it there; YARN {@code ApplicationSubmissionContext}.
 *
 * @param priority the higher, the earlier in queues that go by it; YARN's
 */
public record ApplicationSpec(int priority) {}
