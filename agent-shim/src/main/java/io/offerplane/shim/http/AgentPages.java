package io.offerplane.shim.http;

import com.sun.net.httpserver.HttpExchange;
import io.offerplane.shim.Agent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The v0 endpoints: pages to read, each also under its old name with {@code .json}. */
final class AgentPages {

    private static final String OLD_SUFFIX = ".json";

    private final Agent agent;
    private final StateJson state;
    private final Containers containers;
    private final MetricsSnapshot metrics;
    private final PrometheusText prometheus;
    private final SystemFigures system;
    private final FilesPages files;

    AgentPages(Agent agent, Containers containers, MetricsSnapshot metrics, SystemFigures system, FilesPages files) {
        this.agent = agent;
        this.state = new StateJson(agent);
        this.containers = containers;
        this.metrics = metrics;
        this.prometheus = new PrometheusText(agent, containers, system.proc());
        this.system = system;
        this.files = files;
    }

    /**
     * Answers a request.
     *
     * @param path without the agent's own name in front
     * @return empty when the answer has been sent already
     */
    Optional<Answer> answer(String path, HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Optional.of(Answer.methodNotAllowed(method, "GET", "HEAD"));
        }
        Query query;
        try {
            query = Query.of(exchange.getRequestURI().getRawQuery());
        } catch (IllegalArgumentException malformed) {
            return Optional.of(Answer.text(400, "Malformed query: " + malformed.getMessage() + "\n"));
        }
        String name = path.endsWith(OLD_SUFFIX) ? path.substring(0, path.length() - OLD_SUFFIX.length()) : path;
        try {
            if (name.equals("/files/download")) {
                files.download(query, exchange);
                return Optional.empty();
            }
            return Optional.of(page(name, query));
        } catch (Refusal refusal) {
            return Optional.of(refusal.answer());
        }
    }

    private Answer page(String name, Query query) throws IOException, Refusal {
        return switch (name) {
            case "/health" -> Answer.empty(200);
            case "/version" -> Answer.json(query, Json.object(AgentFacts::build));
            case "/flags" ->
                Answer.json(query, Json.object(json -> AgentFacts.flags(json, AgentFacts.flags(agent.config()))));
            case "/state" -> Answer.json(query, state.page());
            case "/containers" -> Answer.json(query, containers.page(query.get("container_id")));
            case "/monitor/statistics" -> Answer.json(query, containers.statisticsPage());
            case "/metrics/snapshot" -> {
                checkTimeout(query);
                yield Answer.json(query, metrics.page());
            }
            case "/metrics" -> Answer.of("text/plain; version=0.0.4; charset=utf-8", prometheus.page());
            case "/system/stats" -> Answer.json(query, system.page());
            case "/files/browse" -> Answer.json(query, files.browse(query));
            case "/files/read" -> Answer.json(query, files.read(query));
            case "/files/debug" -> Answer.json(query, files.debug());
            default -> Answer.text(404, "404 Not Found.");
        };
    }

    /** Nothing is waited for, so any timeout is kept; but it must be one. */
    private static void checkTimeout(Query query) throws Refusal {
        Optional<String> timeout = query.get("timeout");
        if (timeout.isPresent()) {
            Optional<Duration> parsed = DurationText.parse(timeout.get());
            if (parsed.isEmpty()) {
                throw new Refusal(
                        400, "Invalid timeout '" + timeout.get() + "': expected a number and a unit, as in 5secs.\n");
            }
        }
    }
}
