package io.offerplane.mesos.master;

import com.fasterxml.jackson.core.JsonGenerator;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.view.EngineView;
import io.offerplane.mesos.Credentials.Realm;
import io.offerplane.mesos.GatewayConfig;
import io.offerplane.mesos.GatewayMetrics;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MasterIdentity;
import io.offerplane.mesos.access.Gatekeeper;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.Exchange;
import io.offerplane.mesos.http.RequestTarget;
import io.offerplane.mesos.http.Router;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints beside the scheduler's: who leads, what there is, and how to end a framework.
 *
 * <p>Big answers are made on the renderers' threads, once for all who ask while the view stands.
 */
public final class MasterEndpoints {
    private static final Logger log = LoggerFactory.getLogger(MasterEndpoints.class);

    private final EngineGate gate;
    private final Leadership leadership;
    private final Gatekeeper gatekeeper;
    private final ExecutorService renderers;
    private final StateJson state;
    private final MetricsSnapshot snapshot;
    private final QuotaCalls quotas;
    private final WhatIfQuestions whatIf;
    private final MaintenanceCalls maintenance;
    private final OperatorApi operatorApi;
    private final RenderCache cache = new RenderCache();

    public MasterEndpoints(
            GatewayConfig config,
            EngineGate gate,
            Leadership leadership,
            Gatekeeper gatekeeper,
            Supplier<MasterIdentity> identity,
            GatewayMetrics metrics,
            ExecutorService renderers) {
        this.gate = gate;
        this.leadership = leadership;
        this.gatekeeper = gatekeeper;
        this.renderers = renderers;
        this.state = new StateJson(identity, leadership, config.clusterName(), config.flags());
        this.snapshot = new MetricsSnapshot(identity, leadership, metrics);
        this.quotas = new QuotaCalls(config.quotas(), gate);
        this.whatIf = new WhatIfQuestions(gate, renderers);
        this.maintenance = new MaintenanceCalls(gate);
        this.operatorApi =
                new OperatorApi(gate, gatekeeper, identity, snapshot, config.flags(), renderers, quotas, maintenance);
    }

    /** By path, process included. */
    public Map<String, Router.Endpoint> endpoints() {
        Map<String, Router.Endpoint> endpoints = new LinkedHashMap<>();
        endpoints.put("/master/health", exchange -> exchange.respond(Answer.empty(200)));
        endpoints.put("/version", exchange -> exchange.respond(json(exchange, state.version())));
        endpoints.put("/master/version", exchange -> exchange.respond(json(exchange, state.version())));
        endpoints.put("/master/redirect", this::redirect);
        endpoints.put("/master/flags", this::flags);
        endpoints.put("/metrics/snapshot", this::metrics);
        endpoints.put("/master/teardown", this::teardown);
        endpoints.put("/master/api/v1", operatorApi);
        form(endpoints, "reserve", ResourceCalls.Form.RESERVE);
        form(endpoints, "unreserve", ResourceCalls.Form.UNRESERVE);
        form(endpoints, "create-volumes", ResourceCalls.Form.CREATE);
        form(endpoints, "destroy-volumes", ResourceCalls.Form.DESTROY);
        page(endpoints, "state", state::state);
        page(endpoints, "state-summary", state::summary);
        page(endpoints, "slaves", state::slaves);
        page(endpoints, "frameworks", state::frameworks);
        page(endpoints, "tasks", state::tasks);
        page(endpoints, "roles", state::roles);
        endpoints.put("/master/maintenance/schedule", this::maintenanceSchedule);
        endpoints.put("/master/maintenance/status", this::maintenanceStatus);
        endpoints.put("/master/machine/down", exchange -> change(exchange, maintenance::postDown));
        endpoints.put("/master/machine/up", exchange -> change(exchange, maintenance::postUp));
        endpoints.put("/master/weights", this::weights);
        endpoints.put("/master/quota", this::quota);
        endpoints.put("/master/what-if", exchange -> {
            if (admitted(exchange, Realm.READ_WRITE)) {
                whatIf.handle(exchange);
            }
        });
        return endpoints;
    }

    /** Those of the endpoints that serve nothing below themselves. */
    public Set<String> exactPaths() {
        return Set.of("/master/redirect", "/version");
    }

    /** A page made of the view alone, also under its old name with {@code .json}. */
    private void page(Map<String, Router.Endpoint> endpoints, String name, StateJson.Page page) {
        Router.Endpoint endpoint = exchange -> render(exchange, name, page);
        endpoints.put("/master/" + name, endpoint);
        endpoints.put("/master/" + name + ".json", endpoint);
    }

    private void form(Map<String, Router.Endpoint> endpoints, String name, ResourceCalls.Form form) {
        endpoints.put("/master/" + name, exchange -> {
            if (admitted(exchange, Realm.READ_WRITE)) {
                form.handle(gate, exchange);
            }
        });
    }

    private void render(Exchange exchange, String name, StateJson.Page page) {
        if (!admitted(exchange, Realm.READ_ONLY)) {
            return;
        }
        Map<String, String> query = new LinkedHashMap<>(exchange.query());
        query.remove("jsonp");
        EngineView view = gate.view();
        offLoop(exchange, () -> {
            byte[] body = cache.get(view, name + query, () -> StateJson.bytes(json -> page.write(view, query, json)));
            exchange.respond(json(exchange, body));
        });
    }

    private void weights(Exchange exchange) {
        if (exchange.method().equals("GET")) {
            render(exchange, "weights", state::weights);
        } else {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), "GET"));
        }
    }

    private void quota(Exchange exchange) {
        if (exchange.method().equals("GET")) {
            render(exchange, "quota", state::quota);
        } else if (admitted(exchange, Realm.READ_WRITE)) {
            quotas.change(exchange);
        }
    }

    private void maintenanceSchedule(Exchange exchange) {
        switch (exchange.method()) {
            case "GET" -> view(exchange, MaintenanceCalls::schedule);
            case "POST" -> change(exchange, maintenance::postSchedule);
            default -> exchange.respond(Answer.methodNotAllowed(exchange.method(), "GET", "POST"));
        }
    }

    private void maintenanceStatus(Exchange exchange) {
        if (exchange.method().equals("GET")) {
            view(exchange, MaintenanceCalls::status);
        } else {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), "GET"));
        }
    }

    private void view(Exchange exchange, Function<EngineView, byte[]> page) {
        if (admitted(exchange, Realm.READ_ONLY)) {
            EngineView view = gate.view();
            offLoop(exchange, () -> exchange.respond(json(exchange, page.apply(view))));
        }
    }

    private void change(Exchange exchange, Consumer<Exchange> change) {
        if (admitted(exchange, Realm.READ_WRITE)) {
            change.accept(exchange);
        }
    }

    private void flags(Exchange exchange) {
        if (gatekeeper.authenticate(exchange, Realm.READ_ONLY) instanceof Gatekeeper.Outcome.Turned(Answer answer)) {
            exchange.respond(answer);
            return;
        }
        exchange.respond(json(exchange, state.flags()));
    }

    private void redirect(Exchange exchange) {
        exchange.respond(leadership
                .leader()
                .map(leader -> Answer.redirect("//" + leader))
                .orElseGet(() -> Answer.text(503, "No leader elected")));
    }

    private void metrics(Exchange exchange) {
        Optional<String> timeout = Optional.ofNullable(exchange.query().get("timeout"));
        if (timeout.isPresent() && !timeout.get().matches("[0-9]+(\\.[0-9]+)?(ns|us|ms|secs|mins|hrs|days|weeks)")) {
            String digits = timeout.get().replaceAll("[^0-9.].*$", "");
            exchange.respond(Answer.text(
                    400,
                    "Invalid timeout '" + timeout.get() + "': "
                            + (digits.isEmpty() ? "Failed to convert '' to number" : "Unknown duration unit")
                            + ".\n"));
            return;
        }
        Optional<EngineView> view = leadership.isLeader() ? Optional.of(gate.view()) : Optional.empty();
        offLoop(
                exchange,
                () -> exchange.respond(json(exchange, StateJson.bytes(json -> {
                    json.writeStartObject();
                    for (Map.Entry<String, Double> entry : snapshot.values(view).entrySet()) {
                        json.writeFieldName(entry.getKey());
                        StateJson.number(entry.getValue(), json);
                    }
                    json.writeEndObject();
                }))));
    }

    private void teardown(Exchange exchange) {
        if (!admitted(exchange, Realm.READ_WRITE)) {
            return;
        }
        if (!exchange.method().equals("POST")) {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), "POST"));
            return;
        }
        String id = RequestTarget.parameters(new String(exchange.body(), StandardCharsets.UTF_8))
                .get("frameworkId");
        if (id == null) {
            exchange.respond(Answer.text(400, "Missing 'frameworkId' query parameter in the request body"));
            return;
        }
        tearDown(gate, exchange, new FrameworkId(id));
    }

    /** Ends a framework, and answers as Mesos does. */
    static void tearDown(EngineGate gate, Exchange exchange, FrameworkId id) {
        boolean queued = gate.submit(new Command.TeardownFramework(id, gate.now()), answer -> {
            if (answer instanceof Decision.Answer.Refused) {
                exchange.respond(Answer.text(400, "No framework found with specified ID"));
            } else {
                exchange.respond(Answer.empty(200));
            }
        });
        if (!queued) {
            exchange.respond(Answer.busy());
        }
    }

    private boolean admitted(Exchange exchange, Realm realm) {
        if (gatekeeper.admit(exchange, realm) instanceof Gatekeeper.Outcome.Turned(Answer answer)) {
            exchange.respond(answer);
            return false;
        }
        return true;
    }

    private void offLoop(Exchange exchange, Runnable task) {
        offLoop(renderers, exchange, task);
    }

    static void offLoop(ExecutorService renderers, Exchange exchange, Runnable task) {
        try {
            renderers.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    log.error("{} {} failed", exchange.method(), exchange.routedPathAndQuery(), e);
                    exchange.respond(Answer.text(500, "500 Internal Server Error."));
                }
            });
        } catch (RejectedExecutionException e) {
            exchange.respond(
                    Answer.text(503, "The master is busy with other requests of this kind. Try again shortly."));
        }
    }

    /** JSON, or a call of the function that the query names, as the old web pages load it. */
    static Answer json(Exchange exchange, byte[] body) {
        String function = exchange.query().get("jsonp");
        if (function == null) {
            return Answer.json(body);
        }
        byte[] before = (function + "(").getBytes(StandardCharsets.UTF_8);
        byte[] call = java.util.Arrays.copyOf(before, before.length + body.length + 1);
        System.arraycopy(body, 0, call, before.length, body.length);
        call[call.length - 1] = ')';
        return Answer.of("text/javascript", call);
    }

    /** Writes one JSON value. */
    @FunctionalInterface
    interface JsonBody {
        void write(JsonGenerator json) throws IOException;
    }
}
