package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The tree of queues that clients see. Immutable after it is made. */
final class HeadQueues {
    private final SequencedMap<String, HeadQueue> byPath = new TreeMap<>();

    /**
     * The tree of what the allocator has.
     *
     * @throws IllegalArgumentException when a queue's parent is missing
     */
    HeadQueues(List<QueueOnOffer> queues, Configuration conf) {
        for (QueueOnOffer queue :
                queues.stream().sorted(Comparator.comparing(QueueOnOffer::path)).toList()) {
            HeadQueue parent = parentOf(queue.path());
            HeadQueue made = new HeadQueue(queue, parent, conf);
            byPath.put(queue.path(), made);
        }
        if (!byPath.containsKey("root")) {
            throw new IllegalArgumentException("there is no queue root among " + byPath.keySet());
        }
    }

    private @Nullable HeadQueue parentOf(String path) {
        int dot = path.lastIndexOf('.');
        if (dot < 0) {
            return null;
        }
        HeadQueue parent = byPath.get(path.substring(0, dot));
        if (parent == null) {
            throw new IllegalArgumentException("queue " + path + " has no parent among " + byPath.keySet());
        }
        return parent;
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
        HeadQueue exact = byPath.get(name);
        if (exact != null) {
            return exact;
        }
        List<HeadQueue> namesakes = new ArrayList<>();
        for (HeadQueue queue : byPath.values()) {
            if (queue.getQueueName().equals(name)) {
                namesakes.add(queue);
            }
        }
        return namesakes.size() == 1 ? namesakes.getFirst() : null;
    }
}
