package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.task.ExecutorId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What schedulers and their custom executors say to each other, and that an executor has ended. */
class ExecutorTrafficTest {
    private static final AgentId AGENT = new AgentId("s");
    private static final FrameworkId FRAMEWORK = new FrameworkId("f");
    private static final ExecutorId EXECUTOR = new ExecutorId("e");
    private static final Payload DATA = Payload.copyOf("word".getBytes(StandardCharsets.UTF_8));

    private final TestCluster cluster = new TestCluster();

    @Test
    void carriesMessagesBothWays() {
        cluster.framework("f", "*").agent("s", "cpus:4;mem:1024");

        cluster.apply(new Command.MessageExecutor(FRAMEWORK, AGENT, EXECUTOR, DATA, cluster.now()));
        assertThat(cluster.take(Effect.MessageExecutor.class))
                .containsExactly(new Effect.MessageExecutor(AGENT, FRAMEWORK, EXECUTOR, DATA));

        cluster.apply(new Command.MessageFramework(AGENT, FRAMEWORK, EXECUTOR, DATA, cluster.now()));
        assertThat(cluster.take(Effect.SendMessage.class))
                .containsExactly(new Effect.SendMessage(FRAMEWORK, AGENT, EXECUTOR, DATA));
    }

    @Test
    void tellsTheFrameworkThatItsExecutorHasEnded() {
        cluster.framework("f", "*").agent("s", "cpus:4;mem:1024");

        cluster.apply(new Command.ExecutorExited(AGENT, FRAMEWORK, EXECUTOR, 256, cluster.now()));

        assertThat(cluster.take(Effect.SendExecutorFailure.class))
                .containsExactly(new Effect.SendExecutorFailure(FRAMEWORK, AGENT, EXECUTOR, 256));
    }

    @Test
    void dropsWhatIsForAnAgentThatIsNotConnected() {
        cluster.framework("f", "*").agent("s", "cpus:4;mem:1024").disconnectAgent("s");

        cluster.apply(new Command.MessageExecutor(FRAMEWORK, AGENT, EXECUTOR, DATA, cluster.now()));

        assertThat(cluster.take(Effect.MessageExecutor.class)).isEmpty();
    }

    @Test
    void refusesWhatComesFromAnUnknownAgentOrIsForAnUnknownFramework() {
        cluster.framework("f", "*").agent("s", "cpus:4;mem:1024");

        assertThat(cluster.apply(
                        new Command.MessageFramework(new AgentId("other"), FRAMEWORK, EXECUTOR, DATA, cluster.now())))
                .isInstanceOf(Decision.Answer.Refused.class);
        assertThat(cluster.apply(
                        new Command.ExecutorExited(AGENT, new FrameworkId("other"), EXECUTOR, 0, cluster.now())))
                .isInstanceOf(Decision.Answer.Refused.class);
    }
}
