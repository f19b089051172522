package io.offerplane.operator.agent;

import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.engine.Command;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.view.EngineView.DrainView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Deactivation and drains by Mesos' API, as an agent's status keeps them from leader to leader. */
final class DrainFacts {
    private DrainFacts() {}

    static AgentStatus.Drain written(DrainView drain) {
        return new AgentStatus.Drain(
                switch (drain.state()) {
                    case DRAINING -> AgentStatus.DrainState.DRAINING;
                    case DRAINED -> AgentStatus.DrainState.DRAINED;
                },
                drain.config().maxGracePeriod().map(Duration::toMillis).orElse(null),
                drain.config().markGone() ? true : null);
    }

    /** What a new leader's engine is told of a recovered agent. A drain that was over is over again as soon as the agent is back. */
    static List<Command> commands(AgentId id, AgentStatus status, Instant at) {
        List<Command> commands = new ArrayList<>();
        AgentStatus.Drain drain = status.drain();
        if (drain != null) {
            commands.add(new Command.DrainAgent(
                    id,
                    new DrainConfig(
                            Optional.ofNullable(drain.maxGraceMillis()).map(Duration::ofMillis),
                            Boolean.TRUE.equals(drain.markGone())),
                    at));
        } else if (Boolean.TRUE.equals(status.deactivated())) {
            commands.add(new Command.DeactivateAgent(id, at));
        }
        return commands;
    }
}
