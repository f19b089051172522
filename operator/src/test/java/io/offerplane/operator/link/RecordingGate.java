package io.offerplane.operator.link;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Keeps the commands and gives each the same answer at once. */
final class RecordingGate implements EngineGate {
    final List<Command> commands = new CopyOnWriteArrayList<>();
    volatile Decision.Answer answer = new Decision.Answer.Accepted();
    volatile boolean busy;

    @Override
    public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
        if (busy) {
            return false;
        }
        commands.add(command);
        onAnswer.accept(answer);
        return true;
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public EngineView view() {
        return new EngineView(now(), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    /** The first command of the kind, waiting for it at most 30 s. */
    <C extends Command> C await(Class<C> kind) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            for (Command command : commands) {
                if (kind.isInstance(command)) {
                    return kind.cast(command);
                }
            }
            Thread.sleep(5);
        }
        throw new AssertionError("no " + kind.getSimpleName() + " within 30 s; came: " + commands);
    }

    long count(Class<? extends Command> kind) {
        return commands.stream().filter(kind::isInstance).count();
    }
}
