package io.offerplane.operator.claim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which node makes room for which pod that waits: one node for each pod, so that a single pod doesn't shrink every claim. Pure.
 */
public final class GiveBackPlan {
    private GiveBackPlan() {}

    /**
     * @param name namespace and name; decides ties
     * @param request what it asks for
     * @param fits whether it could run on a node, were there room
     */
    public record WaitingPod(String name, Amount request, Predicate<String> fits) {}

    /**
     * @param free what nobody requests now
     * @param idle what the claim could give back
     */
    public record NodeRoom(String node, Amount free, Amount idle) {}

    /**
     * @param waiting oldest first
     * @return for each node what pods are to find on it, nodes without any left out
     */
    public static Map<String, Amount> of(List<WaitingPod> waiting, List<NodeRoom> nodes) {
        Map<String, NodeRoom> rooms = new TreeMap<>();
        nodes.forEach(room -> rooms.put(room.node(), room));
        Map<String, Amount> awaited = new HashMap<>();
        for (WaitingPod pod : waiting) {
            Optional<NodeRoom> chosen = choose(pod, List.copyOf(rooms.values()));
            chosen.ifPresent(room -> {
                awaited.merge(room.node(), pod.request(), Amount::plus);
                Amount fromFree = pod.request().min(room.free().max(Amount.ZERO));
                Amount fromIdle = pod.request().minus(fromFree);
                rooms.put(
                        room.node(),
                        new NodeRoom(
                                room.node(),
                                room.free().minus(fromFree),
                                room.idle().minus(fromIdle)));
            });
        }
        return awaited;
    }

    /** Of the nodes that can make room, the one that has to give back least; by name when several do. */
    private static Optional<NodeRoom> choose(WaitingPod pod, List<NodeRoom> rooms) {
        List<NodeRoom> able = new ArrayList<>();
        for (NodeRoom room : rooms) {
            Amount most = room.free().plus(room.idle());
            if (pod.fits().test(room.node()) && most.covers(pod.request())) {
                able.add(room);
            }
        }
        return able.stream()
                .min(Comparator.<NodeRoom>comparingDouble(room -> giveBack(pod, room))
                        .thenComparing(NodeRoom::node));
    }

    /** The part of its idle claim that the node would lose, by the resource that it loses more of. */
    private static double giveBack(WaitingPod pod, NodeRoom room) {
        Amount missing = pod.request().minus(room.free()).max(Amount.ZERO);
        return Math.max(
                part(missing.cpuMilli(), room.idle().cpuMilli()),
                part(missing.memoryBytes(), room.idle().memoryBytes()));
    }

    private static double part(long missing, long idle) {
        return missing == 0 ? 0 : (double) missing / Math.max(1, idle);
    }
}
