package io.offerplane.operator.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AgentsAfterHeadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Gate engine = new Gate();
    private final List<Command.RegisterAgent> asked = new ArrayList<>();
    private final AgentsAfterHead agents = new AgentsAfterHead(
            engine,
            command -> {
                asked.add(command);
                return command;
            },
            PATIENCE);

    @Test
    void registrationsWaitForTheHeadAndGoOnceItHasSaidWhatItHas() {
        assertThat(agents.submit(registration("a", 1), answer -> {})).isTrue();
        agents.passed(false);
        assertThat(engine.commands).isEmpty();
        agents.passed(true);
        assertThat(engine.commands).containsExactly(registration("a", 1));
        agents.submit(registration("b", 2), answer -> {});
        assertThat(engine.commands).hasSize(2);
        assertThat(asked).hasSize(2);
    }

    @Test
    void patienceEndsWithoutAHead() {
        agents.submit(registration("a", 1), answer -> {});
        engine.now = engine.now.plus(PATIENCE);
        agents.passed(false);
        assertThat(engine.commands).hasSize(1);
    }

    @Test
    void anAgentThatIsGoneAgainIsNotRegistered() {
        agents.submit(registration("a", 1), answer -> {});
        agents.submit(new Command.DisconnectAgent(new AgentId("a"), 1, engine.now), answer -> {});
        agents.passed(true);
        assertThat(engine.commands).isEmpty();
    }

    @Test
    void aClaimThatIsResizedMeanwhileIsRegisteredAsItIs() {
        Command.RegisterAgent registration = registration("a", 1);
        agents.submit(registration, answer -> {});
        Resources more = Resources.scalar("cpus", 8);
        agents.submit(
                new Command.UpdateAgent(registration.agentId(), registration.spec(), more, engine.now), answer -> {});
        agents.passed(true);
        assertThat(engine.commands)
                .singleElement()
                .isInstanceOfSatisfying(Command.RegisterAgent.class, registered -> assertThat(registered.total())
                        .isEqualTo(more));
    }

    @Test
    void whatABusyEngineRefusesIsTriedAgain() {
        agents.submit(registration("a", 1), answer -> {});
        engine.busy = true;
        agents.passed(true);
        assertThat(agents.submit(registration("b", 2), answer -> {})).isTrue();
        assertThat(engine.commands).isEmpty();
        engine.busy = false;
        agents.passed(true);
        assertThat(engine.commands).containsExactly(registration("a", 1), registration("b", 2));
    }

    private static Command.RegisterAgent registration(String agent, long connection) {
        return new Command.RegisterAgent(
                new AgentId(agent),
                new AgentSpec(agent, "10.0.0.1", 5051, agent, "pool", List.of(), Optional.empty(), "1"),
                Resources.scalar("cpus", 4),
                List.of(),
                List.of(),
                connection,
                Instant.EPOCH);
    }

    private static final class Gate implements EngineGate {
        private final List<Command> commands = new ArrayList<>();
        private Instant now = Instant.EPOCH;
        private boolean busy;

        @Override
        public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
            return !busy && commands.add(command);
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public EngineView view() {
            throw new UnsupportedOperationException("nobody looks");
        }
    }
}
