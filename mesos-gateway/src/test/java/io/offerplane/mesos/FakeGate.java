package io.offerplane.mesos;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** An engine that says yes to everything, or whatever it is told to say; keeps the commands. Answers on the caller's thread. */
public final class FakeGate implements EngineGate {
    public final List<Command> commands = new CopyOnWriteArrayList<>();
    public volatile boolean full;
    public volatile Function<Command, Decision.Answer> answers = command -> switch (command) {
        case Command.Subscribe subscribe ->
            new Decision.Answer.Subscribed(subscribe.frameworkId().orElse(new FrameworkId("fake-0000")));
        default -> new Decision.Answer.Accepted();
    };
    public volatile EngineView view =
            new EngineView(Instant.EPOCH, List.of(), List.of(), List.of(), List.of(), List.of());

    @Override
    public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
        if (full) {
            return false;
        }
        commands.add(command);
        onAnswer.accept(answers.apply(command));
        return true;
    }

    @Override
    public Instant now() {
        return Instant.parse("2026-01-01T00:00:00Z");
    }

    @Override
    public EngineView view() {
        return view;
    }
}
