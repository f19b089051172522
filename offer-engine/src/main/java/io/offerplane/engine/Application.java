package io.offerplane.engine;

import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.ask.Placement.Neighbours.Scope;
import io.offerplane.engine.task.TaskId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a framework has asked for that asks for containers, and where its containers are, as far as others go by that. */
final class Application {
    final Framework framework;

    /** Whether its role lets it hold containers by now. */
    boolean admitted;

    /** Most urgent first; none of them has nothing left. */
    final SortedMap<AskKey, PendingAsk> asks = new TreeMap<>();

    /** Hosts that it wants nothing on. */
    final Set<String> avoided = new TreeSet<>();

    /** Containers that carry tags, with where they are. */
    final Map<TaskId, Tagged> tagged = new LinkedHashMap<>();

    /** It wants something that not all agents were looked at for. */
    boolean fresh;

    /** When one of its asks is content with less. */
    Timetable.@Nullable Entry relaxation;

    /** How many carry a tag in a place. Asked for single places only, so that the order of the map decides nothing. */
    private final Map<Place, Integer> counts = new HashMap<>();

    Application(Framework framework) {
        this.framework = framework;
    }

    record Tagged(Set<String> tags, String host, String rack) {}

    private record Place(Scope scope, String name, String tag) {}

    boolean hasDemand() {
        return !asks.isEmpty();
    }

    /** A container that carries tags runs there from here on. */
    void put(TaskId container, Tagged place) {
        if (!place.tags.isEmpty()) {
            tagged.put(container, place);
            count(place, 1);
        }
    }

    /** It no longer does. Says whether it carried any. */
    boolean remove(TaskId container) {
        Tagged place = tagged.remove(container);
        if (place != null) {
            count(place, -1);
        }
        return place != null;
    }

    private void count(Tagged place, int change) {
        for (String tag : place.tags) {
            counts.merge(new Place(Scope.HOST, place.host, tag), change, Integer::sum);
            counts.merge(new Place(Scope.RACK, place.rack, tag), change, Integer::sum);
        }
    }

    /** Whether what runs there allows one more there. */
    boolean allow(Placement.Neighbours neighbours, String host, String rack) {
        int there = counts.getOrDefault(
                new Place(neighbours.scope(), neighbours.scope() == Scope.HOST ? host : rack, neighbours.tag()), 0);
        return there >= neighbours.least() && there <= neighbours.most();
    }
}
