package io.offerplane.operator.yarn;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The way to the engine for agents of a term that has just begun: their registrations wait until YARN's head has said what it has there, or
 * until patience ends. What it holds goes in with them, so that nothing of it can be given to anybody else.
 */
final class AgentsAfterHead implements EngineGate {
    private record Waiting(Command.RegisterAgent command, Consumer<Decision.Answer> onAnswer) {}

    private final EngineGate engine;
    private final UnaryOperator<Command.RegisterAgent> withContainers;
    private final Instant patienceEnds;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Map<AgentId, Waiting> waiting = new LinkedHashMap<>();
    private boolean open;

    /** @param withContainers adds what the head holds on an agent; called in the order of registrations */
    AgentsAfterHead(EngineGate engine, UnaryOperator<Command.RegisterAgent> withContainers, Duration patience) {
        this.engine = engine;
        this.withContainers = withContainers;
        patienceEnds = engine.now().plus(patience);
    }

    @Override
    public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
        lock.lock();
        try {
            if (command instanceof Command.RegisterAgent register) {
                if (!open) {
                    waiting.put(register.agentId(), new Waiting(register, onAnswer));
                    return true;
                }
                Command.RegisterAgent whole = withContainers.apply(register);
                if (!engine.submit(whole, onAnswer)) {
                    waiting.put(register.agentId(), new Waiting(whole, onAnswer));
                }
                return true;
            }
            return submitOfWaiting(command) || engine.submit(command, onAnswer);
        } finally {
            lock.unlock();
        }
    }

    /** What happens to an agent whose registration waits happens to the registration. */
    private boolean submitOfWaiting(Command command) {
        if (command instanceof Command.DisconnectAgent gone) {
            Waiting waits = waiting.get(gone.agentId());
            if (waits != null && waits.command().connection() == gone.connection()) {
                waiting.remove(gone.agentId());
                return true;
            }
        }
        if (command instanceof Command.UpdateAgent update) {
            Waiting waits = waiting.get(update.agentId());
            if (waits != null) {
                waiting.put(update.agentId(), new Waiting(resized(waits.command(), update), waits.onAnswer()));
                return true;
            }
        }
        return false;
    }

    private static Command.RegisterAgent resized(Command.RegisterAgent was, Command.UpdateAgent update) {
        return new Command.RegisterAgent(
                was.agentId(),
                update.spec(),
                update.total(),
                was.tasks(),
                was.frameworks(),
                was.connection(),
                was.at());
    }

    /**
     * Time has passed.
     *
     * @param synced whether the head has said what it has
     */
    void passed(boolean synced) {
        lock.lock();
        try {
            if (!open && (synced || !engine.now().isBefore(patienceEnds))) {
                open = true;
            }
            if (open) {
                for (Waiting waits : List.copyOf(waiting.values())) {
                    Command.RegisterAgent whole = withContainers.apply(waits.command());
                    if (!engine.submit(whole, waits.onAnswer())) {
                        waiting.put(whole.agentId(), new Waiting(whole, waits.onAnswer()));
                        break;
                    }
                    waiting.remove(whole.agentId());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Instant now() {
        return engine.now();
    }

    @Override
    public EngineView view() {
        return engine.view();
    }

    @Override
    public boolean whatIf(Consumer<WhatIf> onTaken) {
        return engine.whatIf(onTaken);
    }
}
