package io.offerplane.mesos.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the handler of a path as libprocess does: the first segment names a process, or else the master is meant; below it the
 * longest prefix that has a handler wins.
 */
public final class Router {
    /** Answers one request, on its connection's event loop. Must not block. */
    @FunctionalInterface
    public interface Endpoint {
        void handle(Exchange exchange);
    }

    /**
     * @param path what the request was routed as, with the process in front; what a redirect names
     */
    public record Match(Endpoint endpoint, String path) {}

    private static final String DEFAULT_PROCESS = "master";

    private final Map<String, Endpoint> endpoints;
    private final Set<String> exact;
    private final Set<String> processes;

    /**
     * @param endpoints by path, process included, such as {@code /master/state}
     * @param exact of these paths, those that serve nothing below themselves
     */
    public Router(Map<String, Endpoint> endpoints, Set<String> exact) {
        this.endpoints = Map.copyOf(endpoints);
        this.exact = Set.copyOf(exact);
        this.processes = endpoints.keySet().stream()
                .map(path -> path.split("/")[1])
                .collect(java.util.stream.Collectors.toUnmodifiableSet());
    }

    public Optional<Match> route(RequestTarget target) {
        List<String> segments = target.segments();
        String whole = "/" + String.join("/", segments);
        if (segments.isEmpty() || !processes.contains(segments.getFirst())) {
            whole = "/" + DEFAULT_PROCESS + (segments.isEmpty() ? "" : whole);
        }
        String path = whole;
        while (!path.isEmpty()) {
            Endpoint endpoint = endpoints.get(path);
            if (endpoint != null && (path.equals(whole) || !exact.contains(path))) {
                return Optional.of(new Match(endpoint, whole));
            }
            path = path.substring(0, path.lastIndexOf('/'));
        }
        return Optional.empty();
    }
}
