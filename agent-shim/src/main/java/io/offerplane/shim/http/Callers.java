package io.offerplane.shim.http;

import com.sun.net.httpserver.HttpExchange;
import io.offerplane.shim.Agent;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.executor.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who calls: an operator by name and secret, an executor by its token, any other process of a container by the kernel's tables, as
 * the executor API does. Everybody else is refused: whoever may start a container in a task is the task.
 */
final class Callers {

    private static final Logger log = LoggerFactory.getLogger(Callers.class);

    private static final String BASIC = "Basic ";
    private static final String BEARER = "Bearer ";

    private final Agent agent;
    private final OperatorCredentials credentials;
    private final PeerProcess peers;

    Callers(Agent agent, OperatorCredentials credentials) {
        this.agent = agent;
        this.credentials = credentials;
        this.peers = new PeerProcess(agent.cgroups(), Path.of("/proc"));
    }

    /**
     * Who it is, if they may call about the container.
     *
     * @throws Refusal when nothing shows who it is, or they may not
     */
    Caller about(ContainerName container, HttpExchange exchange) throws IOException, Refusal {
        Caller caller = find(container, exchange);
        if (!caller.mayReach(container)) {
            log.warn("{} at {} calls about container {}", caller, exchange.getRemoteAddress(), container);
            throw new Refusal(403, "A container may only be reached from a container around it, or by an operator");
        }
        return caller;
    }

    private Caller find(ContainerName container, HttpExchange exchange) throws IOException, Refusal {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (authorization == null) {
            return byPlace(container, exchange).orElseThrow(() -> stranger(exchange));
        }
        if (authorization.startsWith(BASIC)) {
            return credentials
                    .principal(authorization.substring(BASIC.length()).strip())
                    .<Caller>map(Caller.Operator::new)
                    .orElseThrow(() -> Refusal.unauthorized("There is no such principal, or its secret is another"));
        }
        String token = authorization.startsWith(BEARER)
                ? authorization.substring(BEARER.length()).strip()
                : "";
        return agent.executors()
                .holder(token)
                .<Caller>map(Caller.Inmate::new)
                .orElseThrow(() -> Refusal.unauthorized("The token is not that of an executor of this agent"));
    }

    private Refusal stranger(HttpExchange exchange) {
        log.warn("{} calls about a container without proof", exchange.getRemoteAddress());
        return credentials.areSet()
                ? Refusal.unauthorized("A principal and its secret are expected, or a caller in the container")
                : new Refusal(
                        403,
                        "The caller does not run in the container, and this agent has no credentials for operators"
                                + " (OFFERPLANE_API_CREDENTIALS_FILE)");
    }

    /** By the innermost container that the other end's process is in. */
    private Optional<Caller> byPlace(ContainerName container, HttpExchange exchange) throws IOException {
        Map<ContainerName, String> groups = groupsWithin(container.root());
        String outermost = groups.get(container.root());
        if (outermost == null) {
            return Optional.empty();
        }
        OptionalLong process =
                peers.holder(List.of(outermost), exchange.getRemoteAddress(), exchange.getLocalAddress());
        if (process.isEmpty()) {
            return Optional.empty();
        }
        String lines = Files.readString(Path.of("/proc", Long.toString(process.getAsLong()), "cgroup"));
        return groups.entrySet().stream()
                .filter(entry -> lines.contains(entry.getValue()))
                .map(Map.Entry::getKey)
                .max(Comparator.comparingInt(name -> name.ids().size()))
                .map(Caller.Inmate::new);
    }

    private Map<ContainerName, String> groupsWithin(ContainerName root) {
        Map<ContainerName, String> groups = new HashMap<>();
        agent.executors().views().forEach(e -> groups.put(ContainerName.of(e.containerId()), e.cgroup()));
        agent.tasks().views().stream()
                .filter(task -> task.parent().isPresent() || !task.task().hasExecutor())
                .forEach(task -> {
                    task.parent().ifPresent(p -> groups.put(ContainerName.of(p.containerId()), p.cgroup()));
                    groups.put(
                            task.parent()
                                    .map(p -> ContainerName.of(p.containerId(), task.containerId()))
                                    .orElseGet(() -> ContainerName.of(task.containerId())),
                            task.cgroup());
                });
        agent.nested().views().forEach(view -> groups.put(view.name(), view.cgroup()));
        groups.entrySet()
                .removeIf(entry ->
                        !entry.getKey().root().equals(root) || entry.getValue().isEmpty());
        return groups;
    }
}
