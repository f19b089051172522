package io.offerplane.yarn.gateway.link;

import io.offerplane.protocol.link.v1.ApplicationEnded;
import io.offerplane.protocol.link.v1.AttemptEnded;
import io.offerplane.protocol.link.v1.Avoid;
import io.offerplane.protocol.link.v1.ContainerEnded;
import io.offerplane.protocol.link.v1.Declined;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.Holds;
import io.offerplane.protocol.link.v1.NodeLeft;
import io.offerplane.yarn.gateway.allocation.Amount;
import io.offerplane.yarn.gateway.allocation.Applicant;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.AskKey;
import io.offerplane.yarn.gateway.allocation.Grant;
import io.offerplane.yarn.gateway.allocation.NodeOnOffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a leader must know of the head: nodes, attempts with their asks, containers. A pure machine: what happens goes in, the message
 * that says so comes out, and {@link #report} says everything to a leader that may know nothing.
 *
 * <p>Not safe for threads.
 */
final class Outstanding {
    private static final class Attempt {
        final Applicant applicant;
        final Map<AskKey, Ask> asks = new LinkedHashMap<>();
        final Map<AskKey, Long> answered = new HashMap<>();
        Set<String> avoids = Set.of();
        boolean ended;

        Attempt(Applicant applicant) {
            this.applicant = applicant;
        }
    }

    private final Map<String, NodeOnOffer> nodes = new LinkedHashMap<>();
    private final AgentNames agents = new AgentNames();

    /** By application: the attempt that began last. */
    private final Map<String, Attempt> attempts = new LinkedHashMap<>();

    private final Map<String, Holds> containers = new LinkedHashMap<>();

    /** Grants that are not answered yet. */
    private final Map<String, Grant> granted = new HashMap<>();

    /** The node, and again what was said of its host before it was known which agent that is. */
    List<FromHead> joined(NodeOnOffer node) {
        nodes.put(node.id(), node);
        List<FromHead> all = new ArrayList<>();
        all.add(FromHead.newBuilder().setNodeJoined(LinkWords.node(node)).build());
        if (agents.joined(node)) {
            attempts.forEach((application, attempt) -> {
                if (attempt.avoids.contains(node.host())) {
                    all.add(avoidMessage(attempt.applicant.attempt(), attempt.avoids));
                }
                attempt.asks.forEach((key, ask) -> {
                    if (ask.wishes().stream().anyMatch(wish -> wish.place().equals(node.host()))) {
                        all.add(askMessage(ask, attempt.answered.getOrDefault(key, 0L)));
                    }
                });
            });
        }
        return all;
    }

    FromHead left(String node) {
        NodeOnOffer gone = nodes.remove(node);
        if (gone != null
                && nodes.values().stream().noneMatch(other -> other.host().equals(gone.host()))) {
            agents.left(gone);
        }
        containers.values().removeIf(holds -> holds.getNode().equals(node));
        return FromHead.newBuilder()
                .setNodeLeft(NodeLeft.newBuilder().setNode(node))
                .build();
    }

    FromHead began(Applicant applicant) {
        attempts.put(applicant.application(), new Attempt(applicant));
        return FromHead.newBuilder()
                .setAttemptBegan(LinkWords.attempt(applicant))
                .build();
    }

    FromHead attemptEnded(String id) {
        Attempt attempt = attempt(id);
        if (attempt != null) {
            attempt.ended = true;
            attempt.asks.clear();
        }
        return attemptEndedMessage(id);
    }

    private static FromHead attemptEndedMessage(String id) {
        return FromHead.newBuilder()
                .setAttemptEnded(AttemptEnded.newBuilder().setAttempt(id))
                .build();
    }

    FromHead applicationEnded(String application) {
        attempts.remove(application);
        return FromHead.newBuilder()
                .setApplicationEnded(ApplicationEnded.newBuilder().setApplication(application))
                .build();
    }

    FromHead asks(Ask ask) {
        Attempt attempt = attempt(ask.attempt());
        if (attempt == null || attempt.ended) {
            return askMessage(ask, ask.grantsSeen());
        }
        // Kept with nothing wanted, too: how many grants were answered counts on.
        attempt.asks.put(ask.key(), ask);
        return askMessage(ask, attempt.answered.getOrDefault(ask.key(), 0L));
    }

    private FromHead askMessage(Ask ask, long answered) {
        return FromHead.newBuilder()
                .setAsk(LinkWords.ask(agents.named(ask), answered))
                .build();
    }

    FromHead avoids(String id, Set<String> places) {
        Attempt attempt = attempt(id);
        if (attempt != null) {
            attempt.avoids = places;
        }
        return avoidMessage(id, places);
    }

    private FromHead avoidMessage(String id, Set<String> places) {
        return FromHead.newBuilder()
                .setAvoid(Avoid.newBuilder().setAttempt(id).addAllPlaces(agents.named(places)))
                .build();
    }

    void granted(Grant grant) {
        granted.put(grant.id(), grant);
    }

    /** Nothing for a grant that is not outstanding. */
    Optional<FromHead> accepted(String id, String container) {
        Grant grant = granted.remove(id);
        if (grant == null) {
            return Optional.empty();
        }
        Attempt attempt = answered(grant);
        Ask ask = attempt == null ? null : attempt.asks.get(grant.key());
        Holds holds = Holds.newBuilder()
                .setContainer(container)
                .setAttempt(grant.attempt())
                .setApplication(applicationOf(grant.attempt()))
                .setNode(grant.node())
                .setEach(LinkWords.amount(grant.each()))
                .setGrant(id)
                .setKey(LinkWords.key(grant.key()))
                .setApplicationMaster(ask != null && ask.applicationMaster())
                .build();
        containers.put(container, holds);
        return Optional.of(FromHead.newBuilder().setHolds(holds).build());
    }

    /** Nothing for a grant that is not outstanding. */
    Optional<FromHead> declined(String id) {
        Grant grant = granted.remove(id);
        if (grant == null) {
            return Optional.empty();
        }
        answered(grant);
        return Optional.of(FromHead.newBuilder()
                .setDeclined(Declined.newBuilder().setGrant(id))
                .build());
    }

    private @Nullable Attempt answered(Grant grant) {
        Attempt attempt = attempt(grant.attempt());
        if (attempt != null) {
            attempt.answered.merge(grant.key(), 1L, Long::sum);
        }
        return attempt;
    }

    FromHead recovered(String container, String attempt, String node, Amount each) {
        Holds known = containers.get(container);
        Holds holds = known != null
                ? known
                : Holds.newBuilder()
                        .setContainer(container)
                        .setAttempt(attempt)
                        .setApplication(applicationOf(attempt))
                        .setNode(node)
                        .setEach(LinkWords.amount(each))
                        .build();
        containers.put(container, holds);
        return FromHead.newBuilder().setHolds(holds).build();
    }

    FromHead ended(String container) {
        containers.remove(container);
        return FromHead.newBuilder()
                .setContainerEnded(ContainerEnded.newBuilder().setContainer(container))
                .build();
    }

    /** The application of an attempt that may have ended long ago; its id is a part of the attempt's. */
    private static String applicationOf(String attempt) {
        int last = attempt.lastIndexOf('_');
        int first = attempt.indexOf('_');
        return last <= first ? attempt : "application" + attempt.substring(first, last);
    }

    /** The application of the attempt that asks, or empty when that isn't known. */
    Optional<String> application(String id) {
        Attempt attempt = attempt(id);
        return attempt == null ? Optional.empty() : Optional.of(attempt.applicant.application());
    }

    private @Nullable Attempt attempt(String id) {
        Attempt attempt = attempts.get(applicationOf(id));
        return attempt != null && attempt.applicant.attempt().equals(id) ? attempt : null;
    }

    /** Everything, in an order in which a leader can take it. */
    List<FromHead> report() {
        List<FromHead> all = new ArrayList<>();
        nodes.values()
                .forEach(node -> all.add(FromHead.newBuilder()
                        .setNodeJoined(LinkWords.node(node))
                        .build()));
        for (Attempt attempt : attempts.values()) {
            String id = attempt.applicant.attempt();
            all.add(FromHead.newBuilder()
                    .setAttemptBegan(LinkWords.attempt(attempt.applicant))
                    .build());
            if (!attempt.avoids.isEmpty()) {
                all.add(avoidMessage(id, attempt.avoids));
            }
            attempt.asks.forEach((key, ask) -> all.add(askMessage(ask, attempt.answered.getOrDefault(key, 0L))));
            if (attempt.ended) {
                all.add(attemptEndedMessage(id));
            }
        }
        containers
                .values()
                .forEach(holds -> all.add(FromHead.newBuilder().setHolds(holds).build()));
        return all;
    }
}
