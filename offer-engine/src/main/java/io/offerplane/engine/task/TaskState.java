package io.offerplane.engine.task;

/** The states of a task, with Mesos' names less {@code TASK_}. */
public enum TaskState {
    /** Accepted, nothing heard of it yet. */
    STAGING(false),
    /** Its executor has it. */
    STARTING(false),
    RUNNING(false),
    /** Being killed; sent to those with TASK_KILLING_STATE only. */
    KILLING(false),
    FINISHED(true),
    FAILED(true),
    KILLED(true),
    /** Its description was refused. */
    ERROR(true),
    /** What frameworks without PARTITION_AWARE see in place of the five below; may come back to life. */
    LOST(true),
    /** Never ran. */
    DROPPED(true),
    /** Its agent can't be reached; may return. */
    UNREACHABLE(false),
    /** Ended for certain, without word of how. */
    GONE(true),
    GONE_BY_OPERATOR(true),
    /** The answer to a question about a task that nobody knows. */
    UNKNOWN(false);

    private final boolean terminal;

    TaskState(boolean terminal) {
        this.terminal = terminal;
    }

    /** Whether the task holds no resources any more. */
    public boolean isTerminal() {
        return terminal;
    }

    /** The name on Mesos' wire, such as {@code TASK_RUNNING}. */
    public String wireName() {
        return "TASK_" + name();
    }
}
