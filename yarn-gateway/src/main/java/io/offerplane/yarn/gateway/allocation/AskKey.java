package io.offerplane.yarn.gateway.allocation;

/**
 * What tells one ask of an application from another of the same one.
 *
 * @param priority YARN's priority inside the application: a lower number is served first
 * @param allocationRequestId the client's own number for the ask, 0 where it uses none
 */
public record AskKey(int priority, long allocationRequestId) {}
