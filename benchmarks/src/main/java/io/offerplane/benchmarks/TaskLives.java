package io.offerplane.benchmarks;

import io.offerplane.engine.Command;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Tasks from their launch to the acknowledgement of their end, in an {@link OfferMarket}. Whatever a command carries is made anew for each, as
 * from a wire.
 */
final class TaskLives {
    private final OfferMarket market;
    private final double cpus;
    private final double mem;
    private final int infoBytes;
    private long launched;
    private long updates;

    /** A task that was launched and has not ended. */
    record Life(FrameworkId framework, AgentId agent, TaskId task) {}

    /**
     * @param cpus of each task, in cores
     * @param mem of each task, in MiB
     * @param infoBytes how long its serialised description is
     */
    TaskLives(OfferMarket market, double cpus, double mem, int infoBytes) {
        this.market = market;
        this.cpus = cpus;
        this.mem = mem;
        this.infoBytes = infoBytes;
    }

    long launched() {
        return launched;
    }

    /** So many tasks by one {@code ACCEPT} of one offer; what they leave of it is refused for so many seconds. */
    List<Life> launch(Offer offer, int tasks, double refuseSeconds) {
        List<TaskSpec> specs = new ArrayList<>(tasks);
        List<Life> lives = new ArrayList<>(tasks);
        for (int i = 0; i < tasks; i++) {
            TaskId id = new TaskId("task" + launched++);
            specs.add(new TaskSpec(
                    id,
                    id.value(),
                    offer.agentId(),
                    Resources.scalars(Map.of("cpus", Quantity.of(cpus), "mem", Quantity.of(mem))),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Payload.copyOf(new byte[infoBytes])));
            lives.add(new Life(offer.frameworkId(), offer.agentId(), id));
        }
        market.apply(new Command.AcceptOffers(
                offer.frameworkId(),
                List.of(offer.id()),
                List.of(new Operation.Launch(specs)),
                Optional.of(refuseSeconds),
                market.now()));
        return lives;
    }

    /** Its agent says so, and its framework acknowledges it. */
    void report(Life life, TaskState state) {
        UUID uuid = new UUID(0, updates++);
        StatusUpdate update = new StatusUpdate(
                life.task,
                state,
                Optional.of(life.agent),
                Optional.empty(),
                StatusSource.EXECUTOR,
                Optional.empty(),
                Optional.empty(),
                Optional.of(uuid),
                market.now(),
                Optional.empty(),
                Payload.EMPTY);
        market.apply(new Command.UpdateTask(life.agent, life.framework, update, state, market.now()));
        market.apply(new Command.AcknowledgeUpdate(life.framework, life.agent, life.task, uuid, market.now()));
    }
}
