package io.offerplane.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A master's {@code /state} at one moment, as every Mesos tool reads it. */
public record MasterState(JsonNode json) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** Asks the master at this {@code host:port}. */
    public static MasterState of(String master) {
        return new MasterState(get(master, "/state"));
    }

    /** Any JSON page of a master. */
    public static JsonNode get(String master, String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + master + path))
                .timeout(Duration.ofSeconds(20))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(
                        "GET " + path + " answered " + response.statusCode() + ": " + response.body());
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException("GET " + path + " of " + master, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Ends a framework as an operator would, by {@code POST /teardown}. */
    public static void teardown(String master, String frameworkId) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + master + "/master/teardown"))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("frameworkId=" + frameworkId))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(
                        "teardown of " + frameworkId + " answered " + response.statusCode() + ": " + response.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("POST /master/teardown", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    public Optional<JsonNode> framework(String id) {
        return find(json.path("frameworks"), id);
    }

    public Optional<JsonNode> completedFramework(String id) {
        return find(json.path("completed_frameworks"), id);
    }

    private static Optional<JsonNode> find(JsonNode list, String id) {
        for (JsonNode element : list) {
            if (element.path("id").asText().equals(id)) {
                return Optional.of(element);
            }
        }
        return Optional.empty();
    }

    /** The agents, by id. */
    public Map<String, JsonNode> agents() {
        Map<String, JsonNode> agents = new LinkedHashMap<>();
        json.path("slaves").forEach(agent -> agents.put(agent.path("id").asText(), agent));
        return agents;
    }

    /** Every task that is not completed, of every framework. */
    public List<JsonNode> tasks() {
        List<JsonNode> tasks = new ArrayList<>();
        json.path("frameworks").forEach(framework -> framework.path("tasks").forEach(tasks::add));
        return tasks;
    }
}
