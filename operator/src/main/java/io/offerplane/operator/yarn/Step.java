package io.offerplane.operator.yarn;

import io.offerplane.engine.Command;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.protocol.link.v1.ToHead;

/** What is to be done because of news; in order. */
sealed interface Step {
    /** A message for the head, its term still to be stamped; void when no head is linked. */
    record Send(ToHead message) implements Step {}

    /** A command whose answer changes nothing. */
    record Tell(Command command) implements Step {}

    /** A subscription; its answer goes to {@link HeadBooks#subscribed}. */
    record Subscribe(Command.Subscribe command, String application) implements Step {}

    /**
     * An ask; its answer goes to {@link HeadBooks#asked}.
     *
     * @param issued the grants under its key that its count knows of
     */
    record Ask(Command.UpdateAsks command, String application, AskKey key, long issued) implements Step {}
}
