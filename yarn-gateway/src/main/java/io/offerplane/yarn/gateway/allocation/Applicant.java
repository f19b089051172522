package io.offerplane.yarn.gateway.allocation;

/**
 * An attempt of an application, the one who asks.
 *
 * @param attempt the attempt's id, as YARN writes it
 * @param application the application's id
 * @param queue the full path of its queue, {@code root.eng.ads}
 * @param user who submitted it
 * @param priority the application's priority in its queue: a higher number goes first
 */
public record Applicant(String attempt, String application, String queue, String user, int priority) {}
