package io.offerplane.engine;

import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskRules;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Resources;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is left of an ask, as containers are granted. */
final class PendingAsk {
    final Ask ask;

    /** The size of one container. */
    final Resources size;

    /** Since when it has waited for a better place: the last time that it got one. */
    Instant since;

    private int left;
    private final Map<String, Integer> hosts;
    private final Map<String, Integer> racks;

    PendingAsk(Ask ask, Instant since) {
        this.ask = ask;
        this.since = since;
        size = Resources.of(new Amounts(ask.size(), Collections.emptySortedMap(), Collections.emptySortedMap()));
        left = ask.count();
        hosts = new TreeMap<>(ask.locality().hosts());
        racks = new TreeMap<>(ask.locality().racks());
    }

    PendingAsk(EngineSnapshot.AskState state) {
        this(state.ask(), state.since());
        left = state.left();
        hosts.clear();
        hosts.putAll(state.hosts());
        racks.clear();
        racks.putAll(state.racks());
    }

    EngineSnapshot.AskState snapshot() {
        return new EngineSnapshot.AskState(ask, since, left, new TreeMap<>(hosts), new TreeMap<>(racks));
    }

    int left() {
        return left;
    }

    /** The ask as it stands now. */
    Ask rest() {
        boolean noPlaceLeft =
                hosts.isEmpty() && racks.isEmpty() && !ask.locality().elsewhere();
        Locality locality = noPlaceLeft
                ? ask.locality()
                : new Locality(
                        new TreeMap<>(hosts),
                        new TreeMap<>(racks),
                        ask.locality().elsewhere());
        return new Ask(ask.key(), ask.size(), left, locality, ask.placement(), ask.gang(), ask.applicationMaster());
    }

    /** How near the agent is to what is wanted, or null as long as it is not near enough. */
    Locality.@Nullable Level level(AgentSpec agent, AskRules rules, Instant now) {
        if (hosts.isEmpty() && racks.isEmpty()) {
            return ask.locality().elsewhere() ? Locality.Level.ELSEWHERE : null;
        }
        if (hosts.containsKey(agent.hostname())) {
            return Locality.Level.HOST;
        }
        if (racks.containsKey(rules.rackOf(agent))
                && (!now.isBefore(since.plus(rules.hostDelay())) || isMoreThan(hosts, racks))) {
            return Locality.Level.RACK;
        }
        return ask.locality().elsewhere()
                        && (!now.isBefore(since.plus(rules.rackDelay())) || left > sum(racks.isEmpty() ? hosts : racks))
                ? Locality.Level.ELSEWHERE
                : null;
    }

    /** Whether the agent will do at some time. */
    boolean isContentWith(AgentSpec agent, AskRules rules) {
        return ask.locality().elsewhere()
                || hosts.containsKey(agent.hostname())
                || racks.containsKey(rules.rackOf(agent));
    }

    /** Whether racks are wanted for more than their hosts. */
    private static boolean isMoreThan(Map<String, Integer> hosts, Map<String, Integer> racks) {
        return sum(racks) > sum(hosts);
    }

    private static int sum(Map<String, Integer> counts) {
        int sum = 0;
        for (int count : counts.values()) {
            sum += count;
        }
        return sum;
    }

    /** One container was granted there. */
    void served(AgentSpec agent, Locality.Level level, AskRules rules, Instant now) {
        left--;
        if (level == Locality.Level.HOST) {
            lessen(hosts, agent.hostname());
        }
        if (level != Locality.Level.ELSEWHERE) {
            lessen(racks, rules.rackOf(agent));
            since = now;
        }
    }

    private static void lessen(Map<String, Integer> counts, String place) {
        counts.computeIfPresent(place, (p, count) -> count > 1 ? count - 1 : null);
    }

    /** When it will be content with less than now. */
    Optional<Instant> relaxes(AskRules rules, Instant now) {
        if (hosts.isEmpty() && racks.isEmpty()) {
            return Optional.empty();
        }
        Instant racksToo = since.plus(rules.hostDelay());
        if (!racks.isEmpty() && racksToo.isAfter(now)) {
            return Optional.of(racksToo);
        }
        Instant anywhere = since.plus(rules.rackDelay());
        return ask.locality().elsewhere() && anywhere.isAfter(now) ? Optional.of(anywhere) : Optional.empty();
    }
}
