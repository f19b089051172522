package io.offerplane.operator.yarn;

import io.offerplane.engine.Payload;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.protocol.link.v1.AttemptBegan;
import io.offerplane.protocol.link.v1.HeadAmount;
import io.offerplane.protocol.link.v1.HeadAsk;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An application as the head told of it: one framework for all its attempts, of which one at a time asks. */
final class HeadApplication {
    final String id;
    final FrameworkId framework;

    /** The last that began; it decides queue, user and priority. */
    AttemptBegan attempt;

    /** What the attempt asks for; none once it has ended. */
    final SortedMap<AskKey, Line> lines = new TreeMap<>();

    /** What the attempt wants nothing on. */
    Set<String> avoids = Set.of();

    /** What the engine was told that it avoids: the hosts among those, and all that have no node. */
    final Set<String> toldAvoided = new TreeSet<>();

    /** Charged containers and grants. */
    final Set<Charge> charges = new LinkedHashSet<>();

    @Nullable
    HeadAmount headroom;

    boolean attemptEnded;

    /** Ends as soon as nothing is charged to it any more. */
    boolean ended;

    /** Named on the stream that is open now, or was last. */
    boolean named;

    /** Subscribed on that stream; the connection's number. */
    long connection;

    HeadApplication(AttemptBegan attempt) {
        id = attempt.getApplication();
        framework = new FrameworkId(id);
        this.attempt = attempt;
    }

    /** One key's ask. */
    static final class Line {
        HeadAsk ask;

        /** Grants since the attempt began, answered ones included. */
        long issued;

        Line(HeadAsk ask) {
            this.ask = ask;
            issued = ask.getGrantsAnswered();
        }

        long underWay() {
            return issued - ask.getGrantsSeen();
        }
    }

    /** A container, or a grant that isn't answered yet, on the engine's books as a task. */
    static final class Charge {
        final HeadApplication application;
        final String task;
        final AskKey key;
        final String node;
        final HeadAmount each;
        final boolean master;

        /** Its id once it is a container. */
        @Nullable
        String container;

        /** The engine wants it ended. */
        boolean takenBack;

        /** The open stream has named it. */
        boolean named;

        Charge(
                HeadApplication application,
                String task,
                AskKey key,
                String node,
                HeadAmount each,
                boolean master,
                @Nullable String container) {
            this.application = application;
            this.task = task;
            this.key = key;
            this.node = node;
            this.each = each;
            this.master = master;
            this.container = container;
        }
    }

    /** @param failover how long its containers outlive a head that is away */
    FrameworkSpec spec(Duration failover) {
        return new FrameworkSpec(
                        id,
                        attempt.getUser(),
                        List.of(HeadMessages.role(attempt.getQueue())),
                        failover,
                        false,
                        Optional.empty(),
                        Set.of(),
                        Payload.EMPTY)
                .with(new ApplicationSpec(attempt.getPriority()));
    }
}
