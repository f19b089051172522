package io.offerplane.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of what a framework did or was told.
 *
 * @param at seconds since the epoch, by the client's clock
 * @param event such as {@code offer}, {@code launch} or {@code update}
 * @param line the whole line
 */
public record JournalEntry(double at, String event, JsonNode line) {
    public boolean is(String name) {
        return event.equals(name);
    }

    /** The text at this JSON pointer, empty where there is none. */
    public String text(String pointer) {
        return line.at(pointer).asText("");
    }

    public String taskId() {
        return text("/task_id");
    }

    public String agentId() {
        return text("/agent_id");
    }

    /** Of an update: its state. */
    public String state() {
        return text("/state");
    }

    /** Of an update: whether the same update (task and uuid) had come before. */
    public boolean repeated() {
        return line.path("again").asBoolean(false);
    }

    public List<String> texts(String field) {
        List<String> all = new ArrayList<>();
        line.path(field).forEach(node -> all.add(node.asText()));
        return all;
    }

    /** Of an offer: the sum of a scalar over all its resources of that name. */
    public double scalar(String resource) {
        double sum = 0;
        for (JsonNode node : line.path("resources")) {
            if (node.path("name").asText().equals(resource)) {
                sum += node.at("/scalar/value").asDouble();
            }
        }
        return sum;
    }

    @Override
    public String toString() {
        return line.toString();
    }
}
