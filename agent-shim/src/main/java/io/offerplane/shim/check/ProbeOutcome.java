package io.offerplane.shim.check;

/** What one look at a task showed. */
public sealed interface ProbeOutcome {

    /** The command has ended by itself. */
    record Exited(int code) implements ProbeOutcome {}

    /** The task has answered. */
    record Answered(int status) implements ProbeOutcome {}

    /** Whether the task takes connections. */
    record Connected(boolean taken) implements ProbeOutcome {}

    /** There is nothing to be shown. */
    record Failed(String reason) implements ProbeOutcome {}

    /** Whether a healthy task would do so: exit code 0, a status from 200 to 399, a connection. */
    default boolean isHealthy() {
        return switch (this) {
            case Exited exited -> exited.code() == 0;
            case Answered answered -> answered.status() >= 200 && answered.status() < 400;
            case Connected connected -> connected.taken();
            case Failed failed -> false;
        };
    }

    /** In words, for people. */
    default String text() {
        return switch (this) {
            case Exited exited -> "the command exited with status " + exited.code();
            case Answered answered -> "the task answered with HTTP status " + answered.status();
            case Connected connected ->
                connected.taken() ? "the task takes connections" : "the task takes no connection";
            case Failed failed -> failed.reason();
        };
    }
}
