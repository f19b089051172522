package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.TaskStateMachine.Input;
import io.offerplane.engine.TaskStateMachine.Outcome;
import io.offerplane.engine.TaskStateMachine.Transition;
import io.offerplane.engine.task.TaskState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole table: every state with every input. What is right is written down here once more, in other words than there. */
class TaskStateMachineTest {
    private static final Set<TaskState> ENDED = EnumSet.of(
            TaskState.FINISHED,
            TaskState.FAILED,
            TaskState.KILLED,
            TaskState.ERROR,
            TaskState.LOST,
            TaskState.DROPPED,
            TaskState.GONE,
            TaskState.GONE_BY_OPERATOR);

    @ParameterizedTest
    @EnumSource(TaskState.class)
    void livingTasksFollowTheirInputs(TaskState state) {
        if (ENDED.contains(state)) {
            return;
        }
        for (Input input : inputs()) {
            TaskState expected = target(input);
            assertThat(TaskStateMachine.step(state, input))
                    .as("%s, %s", state, input)
                    .isEqualTo(new Transition(expected, expected == state ? Outcome.UNCHANGED : Outcome.MOVED));
        }
    }

    @ParameterizedTest
    @EnumSource(TaskState.class)
    void endedTasksStayAsTheyEnded(TaskState state) {
        if (!ENDED.contains(state)) {
            return;
        }
        for (Input input : inputs()) {
            boolean returnsFromLost = state == TaskState.LOST && input instanceof Input.AgentReturned;
            TaskState wanted = target(input);
            Transition expected;
            if (wanted == state) {
                expected = new Transition(state, Outcome.UNCHANGED);
            } else if (returnsFromLost) {
                expected = new Transition(wanted, Outcome.MOVED);
            } else {
                expected = new Transition(state, Outcome.IGNORED);
            }
            assertThat(TaskStateMachine.step(state, input))
                    .as("%s, %s", state, input)
                    .isEqualTo(expected);
        }
    }

    @Test
    void knowsWhichStatesEndATask() {
        assertThat(TaskState.values())
                .allSatisfy(
                        state -> assertThat(state.isTerminal()).as(state.name()).isEqualTo(ENDED.contains(state)));
    }

    private static TaskState target(Input input) {
        return switch (input) {
            case Input.Reported(TaskState latest) -> latest;
            case Input.AgentReturned(TaskState held) -> held;
            case Input.AgentUnreachable(boolean aware) -> aware ? TaskState.UNREACHABLE : TaskState.LOST;
            case Input.AgentGone(boolean aware) -> aware ? TaskState.GONE_BY_OPERATOR : TaskState.LOST;
            case Input.FrameworkRemoved() -> TaskState.KILLED;
        };
    }

    private static List<Input> inputs() {
        List<Input> inputs = new ArrayList<>();
        for (TaskState state : TaskState.values()) {
            inputs.add(new Input.Reported(state));
            inputs.add(new Input.AgentReturned(state));
        }
        for (boolean aware : new boolean[] {true, false}) {
            inputs.add(new Input.AgentUnreachable(aware));
            inputs.add(new Input.AgentGone(aware));
        }
        inputs.add(new Input.FrameworkRemoved());
        return inputs;
    }
}
