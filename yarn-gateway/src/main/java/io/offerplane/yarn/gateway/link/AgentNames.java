package io.offerplane.yarn.gateway.link;

import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.NodeOnOffer;
import io.offerplane.yarn.gateway.allocation.Wish;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Masters name a node by the host that they reach it by, or by the agent's hostname; the engine knows the latter only. Not safe for threads.
 */
final class AgentNames {
    private final Map<String, String> byHost = new HashMap<>();

    /** Whether this changes what the node's host is called. */
    boolean joined(NodeOnOffer node) {
        String before = byHost.put(node.host(), node.agent());
        return !node.agent().equals(before == null ? node.host() : before);
    }

    /** No node is left on this one's host. */
    void left(NodeOnOffer node) {
        byHost.remove(node.host());
    }

    private String of(String place) {
        return byHost.getOrDefault(place, place);
    }

    List<String> named(Collection<String> places) {
        return places.stream().map(this::of).distinct().toList();
    }

    Ask named(Ask ask) {
        List<Wish> wishes = ask.wishes().stream()
                .map(wish -> new Wish(of(wish.place()), wish.count(), wish.relaxed()))
                .toList();
        return new Ask(
                ask.attempt(),
                ask.key(),
                ask.each(),
                wishes,
                ask.nodeLabel(),
                ask.grantsSeen(),
                ask.applicationMaster());
    }
}
