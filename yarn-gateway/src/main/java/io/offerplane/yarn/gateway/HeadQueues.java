package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The tree of queues that clients see. It follows the allocator's: a queue that is still there stays the same object, as applications
 * hold on to it; one that is gone is no longer found, and what runs in it goes on. Thread-safe.
 */
final class HeadQueues {
    private final Configuration conf;
    private volatile SequencedMap<String, HeadQueue> byPath = new TreeMap<>();

    /**
     * The tree of what the allocator has.
     *
     * @throws IllegalArgumentException when a queue's parent is missing
     */
    HeadQueues(List<QueueOnOffer> queues, Configuration conf) {
        this.conf = conf;
        become(queues);
    }

    /**
     * The tree is now this.
     *
     * @throws IllegalArgumentException when a queue's parent is missing; the tree stays as it was
     */
    synchronized void become(List<QueueOnOffer> queues) {
        SequencedMap<String, QueueOnOffer> wanted = new TreeMap<>();
        queues.forEach(queue -> wanted.put(queue.path(), queue));
        if (!wanted.containsKey("root")) {
            throw new IllegalArgumentException("there is no queue root among " + wanted.keySet());
        }
        SequencedMap<String, HeadQueue> next = new TreeMap<>();
        Map<String, List<HeadQueue>> below = new HashMap<>();
        // In the order of their paths parents come first.
        for (QueueOnOffer queue : wanted.values()) {
            String parentPath = parentOf(queue.path());
            HeadQueue parent = next.get(parentPath);
            if (parent == null && !parentPath.isEmpty()) {
                throw new IllegalArgumentException("queue " + queue.path() + " has no parent among " + wanted.keySet());
            }
            HeadQueue same = byPath.get(queue.path());
            HeadQueue made = same == null ? new HeadQueue(queue, parent, conf) : same;
            next.put(queue.path(), made);
            below.computeIfAbsent(parentPath, path -> new ArrayList<>()).add(made);
        }
        next.forEach((path, queue) ->
                queue.become(Objects.requireNonNull(wanted.get(path)), below.getOrDefault(path, List.of())));
        byPath = next;
    }

    private static String parentOf(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    HeadQueue root() {
        HeadQueue root = byPath.get("root");
        if (root == null) {
            throw new IllegalStateException("the constructor lets no tree without root through");
        }
        return root;
    }

    /** The queue of a full path, or of a short name that only one queue has; null when there is none. */
    @Nullable
    HeadQueue find(@Nullable String name) {
        if (name == null) {
            return null;
        }
        SequencedMap<String, HeadQueue> now = byPath;
        HeadQueue exact = now.get(name);
        if (exact != null) {
            return exact;
        }
        List<HeadQueue> namesakes = new ArrayList<>();
        for (HeadQueue queue : now.values()) {
            if (queue.getQueueName().equals(name)) {
                namesakes.add(queue);
            }
        }
        return namesakes.size() == 1 ? namesakes.getFirst() : null;
    }
}
