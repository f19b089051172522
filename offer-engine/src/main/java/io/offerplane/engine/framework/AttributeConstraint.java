package io.offerplane.engine.framework;

import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.agent.FaultDomain;
import java.util.Objects;
import java.util.Optional;

/**
 * One thing that a framework demands of agents; Mesos {@code AttributeConstraint}.
 *
 * @param subject what of the agent is looked at
 * @param attribute the attribute's name; of several of that name the first counts. Empty for other subjects
 * @param pattern what the text is compared with; of no account where only existence is asked
 */
public record AttributeConstraint(Subject subject, String attribute, Test test, TextPattern pattern) {
    /** What can be looked at. */
    public enum Subject {
        ATTRIBUTE,
        HOSTNAME,
        REGION,
        ZONE
    }

    /** What can be demanded. Of what is there but isn't text, every demand on text holds; of what isn't there, only the negative. */
    public enum Test {
        EXISTS,
        NOT_EXISTS,
        TEXT_EQUALS,
        TEXT_NOT_EQUALS,
        TEXT_MATCHES,
        TEXT_NOT_MATCHES
    }

    /** A text or an expression, in a form that answers in a time that grows with the text alone. */
    public sealed interface TextPattern {
        /** That nothing is compared with. */
        TextPattern NONE = new Nothing();

        /** Whether the whole text is as demanded. */
        boolean matches(String tested);

        /** No text is as demanded. */
        record Nothing() implements TextPattern {
            @Override
            public boolean matches(String tested) {
                return false;
            }
        }

        /** This very text. */
        record Exactly(String text) implements TextPattern {
            @Override
            public boolean matches(String tested) {
                return text.equals(tested);
            }
        }

        /** An expression in the syntax of whoever compiled it; equal to others of the same text. */
        non-sealed interface Expression extends TextPattern {
            /** As the framework wrote it: what it can be compiled from again. */
            String text();
        }
    }

    public AttributeConstraint {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(attribute, "attribute");
        Objects.requireNonNull(test, "test");
        Objects.requireNonNull(pattern, "pattern");
    }

    boolean holds(AgentSpec agent) {
        return switch (subject) {
            case ATTRIBUTE -> holds(first(agent));
            case HOSTNAME -> holds(Optional.of(new Attribute.Value.Text(agent.hostname())));
            case REGION -> holds(agent.faultDomain().map(FaultDomain::region).map(Attribute.Value.Text::new));
            case ZONE -> holds(agent.faultDomain().map(FaultDomain::zone).map(Attribute.Value.Text::new));
        };
    }

    private Optional<Attribute.Value> first(AgentSpec agent) {
        return agent.attributes().stream()
                .filter(known -> known.name().equals(attribute))
                .map(Attribute::value)
                .findFirst();
    }

    private boolean holds(Optional<? extends Attribute.Value> value) {
        return switch (test) {
            case EXISTS -> value.isPresent();
            case NOT_EXISTS -> value.isEmpty();
            case TEXT_EQUALS, TEXT_MATCHES ->
                value.isPresent()
                        && (!(value.get() instanceof Attribute.Value.Text text) || pattern.matches(text.text()));
            case TEXT_NOT_EQUALS, TEXT_NOT_MATCHES ->
                !(value.orElse(null) instanceof Attribute.Value.Text text) || !pattern.matches(text.text());
        };
    }
}
