package io.offerplane.engine;

import io.offerplane.engine.task.TaskState;

/**
 * What becomes of a task's state: a pure table over state and input.
 *
 * <p>A task that has ended stays as it ended. The one way back is the return of an agent that could not be reached, as until then
 * nobody knew.
 */
final class TaskStateMachine {
    private TaskStateMachine() {}

    /** What can happen to a task. */
    sealed interface Input {
        /** Its agent tells of its latest state. */
        record Reported(TaskState latest) implements Input {}

        /** Its agent can't be reached any more. */
        record AgentUnreachable(boolean partitionAware) implements Input {}

        /** Its agent was unreachable, is back, and holds it in this state. */
        record AgentReturned(TaskState held) implements Input {}

        /** Its agent is gone for good. */
        record AgentGone(boolean partitionAware) implements Input {}

        /** Its framework was torn down, or its failover time ran out. */
        record FrameworkRemoved() implements Input {}
    }

    /**
     * @param next the state from here on
     * @param outcome what the step amounts to
     */
    record Transition(TaskState next, Outcome outcome) {}

    enum Outcome {
        /** The task is in another state than before. */
        MOVED,
        /** Nothing new. */
        UNCHANGED,
        /** It has ended already, and the input would have it otherwise: the input is not believed. */
        IGNORED
    }

    static Transition step(TaskState state, Input input) {
        return switch (input) {
            case Input.Reported(TaskState latest) -> unlessEnded(state, latest);
            case Input.AgentUnreachable(boolean partitionAware) ->
                unlessEnded(state, partitionAware ? TaskState.UNREACHABLE : TaskState.LOST);
            case Input.AgentReturned(TaskState held) ->
                state == TaskState.UNREACHABLE || state == TaskState.LOST ? to(state, held) : unlessEnded(state, held);
            case Input.AgentGone(boolean partitionAware) ->
                unlessEnded(state, partitionAware ? TaskState.GONE_BY_OPERATOR : TaskState.LOST);
            case Input.FrameworkRemoved() -> unlessEnded(state, TaskState.KILLED);
        };
    }

    private static Transition unlessEnded(TaskState state, TaskState next) {
        return state.isTerminal() && state != next ? new Transition(state, Outcome.IGNORED) : to(state, next);
    }

    private static Transition to(TaskState state, TaskState next) {
        return new Transition(next, state == next ? Outcome.UNCHANGED : Outcome.MOVED);
    }
}
