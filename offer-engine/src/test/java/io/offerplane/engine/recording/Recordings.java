package io.offerplane.engine.recording;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineSnapshot;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;

/** Codecs for tests. Expressions are Java's here. */
public final class Recordings {
    public static final ValueCodec<EngineSnapshot> SNAPSHOTS = ValueCodec.of(EngineSnapshot.class, JavaExpression::new);
    public static final ValueCodec<Command> COMMANDS = ValueCodec.of(Command.class, JavaExpression::new);
    public static final ValueCodec<Decision> DECISIONS = ValueCodec.of(Decision.class, JavaExpression::new);

    public static final ValueCodec<Recording> RECORDINGS = ValueCodec.of(Recording.class, JavaExpression::new);

    private Recordings() {}

    /** An expression in Java's syntax. */
    public record JavaExpression(String text) implements TextPattern.Expression {
        @Override
        public boolean matches(String tested) {
            return tested.matches(text);
        }
    }
}
