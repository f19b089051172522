package io.offerplane.engine.task;

/**
 * How much its framework can do without a task, where some must be taken back.
 *
 * @param priority the higher, the sooner it is taken; YARN's, where urgent is low
 * @param applicationMaster whether the others depend on it: it is taken last of all
 */
public record Standing(int priority, boolean applicationMaster) {
    /** Of those that Mesos frameworks launch: all alike. */
    public static final Standing TASK = new Standing(0, false);
}
