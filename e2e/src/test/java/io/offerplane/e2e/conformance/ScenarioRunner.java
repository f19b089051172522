package io.offerplane.e2e.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.offerplane.e2e.conformance.HttpAnswer.Header;
import io.offerplane.e2e.conformance.Scenario.Step;
import io.offerplane.e2e.conformance.Subscription.Arrival;
import io.offerplane.e2e.conformance.Subscription.Lane;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Plays one scenario against one master and writes down what it showed. An instance is good for one run.
 *
 * <p>The scenario sees as many agents as it asks for, whatever the cluster has: the first ones offered are <em>its</em>
 * agents, and offers of others are declined for good before the scenario learns of them. Amounts of resources in offers are
 * written relative to the first offer of the same agent, so that clusters of any size give the same history.
 */
final class ScenarioRunner {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]+)\\}");
    private static final Pattern DURATION = Pattern.compile("([0-9]+)(ms|s)");
    private static final String API = "/api/v1/scheduler";
    private static final double FOR_GOOD_SECONDS = 1e7;
    /** They are about one hop, not about the answer, and any server may send them or not. */
    private static final Set<String> OF_THE_CONNECTION = Set.of("connection", "keep-alive");

    private static final List<String> BRIEF_RESOURCES = List.of("cpus", "mem", "ports");
    private static final String IDLE_LIMIT = "15s";
    private static final String NEVER_IDLE_LIMIT = "1s";
    private static final Set<URI> NEVER_IDLE = ConcurrentHashMap.newKeySet();

    private final URI base;
    private final double patience;
    private final Scenario scenario;
    private final Symbols symbols;
    private final Canonical canonical;
    private final List<String> lines = new ArrayList<>();
    private final Map<String, Framework> frameworks = new LinkedHashMap<>();
    private final Map<String, JsonNode> variables = new ConcurrentHashMap<>();
    private final List<String> agents = new CopyOnWriteArrayList<>();
    private final Set<String> unseenOffers = ConcurrentHashMap.newKeySet();
    private final Map<String, Amounts> firstOffers = new HashMap<>();

    /** What the agent had when first offered. */
    private record Amounts(Map<String, BigDecimal> scalars, Map<String, String> others) {}

    /** One name that a scenario gave to a subscription, and what has become of it. */
    private static final class Framework {
        final String name;
        final Wire wire;
        final boolean acknowledges;
        volatile String id = "";
        volatile String streamId = "";
        volatile @Nullable Subscription subscription;

        Framework(String name, Wire wire, boolean acknowledges) {
            this.name = name;
            this.wire = wire;
            this.acknowledges = acknowledges;
        }
    }

    /** The scenario cannot go on: an event did not come, or a value is missing. */
    private static final class Stopped extends Exception {
        private static final long serialVersionUID = 1L;

        Stopped(String reason) {
            super(reason);
        }
    }

    private ScenarioRunner(URI base, Scenario scenario, double patience) {
        this.base = base;
        this.scenario = scenario;
        this.patience = patience;
        this.symbols = new Symbols(base.getAuthority());
        scenario.swappable().forEach(symbols::swappable);
        this.canonical = new Canonical(symbols, scenario.words());
    }

    /**
     * Plays the scenario and clears up behind it.
     *
     * @param patience by how much to multiply all limits of waiting, for slow systems; not the times that must stay quiet
     */
    static History play(URI base, Scenario scenario, double patience) throws InterruptedException {
        return new ScenarioRunner(base, scenario, patience).play();
    }

    private History play() throws InterruptedException {
        Optional<String> stopped = Optional.empty();
        try {
            awaitIdleAgents();
            for (Step step : scenario.steps()) {
                take(step.verb(), step.with());
            }
        } catch (Stopped reason) {
            stopped = Optional.of(String.valueOf(reason.getMessage()));
        } catch (IOException broken) {
            stopped = Optional.of("the master cannot be reached or broke off: " + symbols.in(broken.toString()));
        }
        stopped.ifPresent(reason -> lines.add("STOPPED: " + reason));
        try {
            clearUp();
        } catch (IOException broken) {
            stopped = Optional.of("the master was gone at the end: " + symbols.in(broken.toString()));
        }
        return new History(List.copyOf(lines), stopped);
    }

    private void take(String verb, JsonNode with) throws IOException, InterruptedException, Stopped {
        switch (verb) {
            case "subscribe" -> subscribe(with);
            case "call" -> call(with);
            case "launch" -> launch(with);
            case "await" -> await(with);
            case "quiet" -> quiet(with);
            case "acknowledge" -> acknowledge(with);
            case "close" -> close(with);
            case "ended" -> ended(with);
            case "http" -> http(with);
            case "get" -> get(with);
            case "until" -> until(with);
            default -> throw new IllegalArgumentException(verb);
        }
    }

    // Streams

    private void subscribe(JsonNode with) throws IOException, InterruptedException, Stopped {
        String name = with.path("as").asText("a");
        Wire wire = Wire.valueOf(with.path("wire").asText("json").toUpperCase(Locale.ROOT));
        Framework framework = new Framework(name, wire, with.path("acknowledge").asBoolean(true));
        ObjectNode info = NODES.objectNode().put("user", "root").put("name", "conformance " + scenario.id());
        Canonical.overlay(info, resolve(with.path("framework")));
        ObjectNode call = NODES.objectNode().put("type", "SUBSCRIBE");
        if (with.has("id")) {
            String id = resolve(with.get("id")).asText();
            call.putObject("framework_id").put("value", id);
            if (!info.has("id")) {
                info.putObject("id").put("value", id);
            }
            framework.id = id;
        }
        call.putObject("subscribe").set("framework_info", info);
        Canonical.overlay((ObjectNode) call.get("subscribe"), resolve(with.path("fields")));
        List<Header> headers = headers(
                Map.of("Content-Type", wire.mediaType, "Accept", wire.mediaType, "Connection", "close"),
                resolve(with.path("headers")));
        lines.add(name + "> SUBSCRIBE");
        Subscription subscription = Subscription.open(
                base,
                with.path("path").asText(API),
                wire,
                headers,
                wire.encode(call),
                head -> framework.streamId = head.header("Mesos-Stream-Id").orElse(""),
                event -> onEvent(framework, event));
        framework.subscription = subscription;
        // Kept under a name of its own when the scenario subscribes again under the same one: its end may be awaited.
        Framework earlier = frameworks.put(name, framework);
        if (earlier != null && earlier.subscription != null) {
            frameworks.put(name + " before", earlier);
            variables.put(name + "_before", described(earlier));
        }
        if (!subscription.isStream()) {
            lines.add(name + "< " + brief(subscription.head()));
            variables.put(name, described(framework));
            return;
        }
        if (with.path("detail").asBoolean()) {
            lines.addAll(headerLines(name + "< ", subscription.head(), true));
        } else {
            lines.add(
                    name + "< 200 " + subscription.head().header("Content-Type").orElse("without Content-Type"));
        }
        Arrival first = take(framework, Lane.STATUS, limit(with));
        lines.add(name + ": first on the stream came "
                + subscription.arrivedTypes().stream().findFirst().orElse("its end"));
        record(name, first, with.path("detail").asBoolean());
        if (first.type().equals("SUBSCRIBED")) {
            framework.id = first.body().at("/subscribed/framework_id/value").asText();
        }
        variables.put(name, described(framework));
    }

    private static ObjectNode described(Framework framework) {
        return NODES.objectNode().put("framework_id", framework.id).put("stream_id", framework.streamId);
    }

    /** On the reading thread: keeps to the scenario's agents, and acknowledges if told so. */
    private void onEvent(Framework framework, JsonNode event) {
        switch (event.path("type").asText()) {
            case "SUBSCRIBED" ->
                framework.id = event.at("/subscribed/framework_id/value").asText();
            case "OFFERS" -> keepToAgents(framework, (ObjectNode) event);
            case "RESCIND" -> {
                // Before the decline came: the scenario has not seen the offer, so it does not see it go.
                if (unseenOffers.contains(event.at("/rescind/offer_id/value").asText())) {
                    ((ObjectNode) event).put("type", Subscription.UNSEEN);
                }
            }
            case "UPDATE" -> {
                JsonNode status = event.at("/update/status");
                if (framework.acknowledges && status.has("uuid")) {
                    sendAcknowledgement(framework, status);
                }
            }
            default -> {}
        }
    }

    private void keepToAgents(Framework framework, ObjectNode event) {
        ArrayNode kept = NODES.arrayNode();
        ArrayNode declined = NODES.arrayNode();
        synchronized (agents) {
            for (JsonNode offer : event.at("/offers/offers")) {
                String agent = offer.at("/agent_id/value").asText();
                if (!agents.contains(agent) && agents.size() < scenario.agents()) {
                    agents.add(agent);
                }
                if (agents.contains(agent)) {
                    kept.add(offer);
                } else {
                    declined.add(offer.get("id"));
                    unseenOffers.add(offer.at("/id/value").asText());
                }
            }
        }
        ((ObjectNode) event.get("offers")).set("offers", kept);
        if (!declined.isEmpty()) {
            ObjectNode body = NODES.objectNode();
            body.set("offer_ids", declined);
            body.putObject("filters").put("refuse_seconds", FOR_GOOD_SECONDS);
            sendUnseen(framework, "DECLINE", body);
        }
    }

    private void sendAcknowledgement(Framework framework, JsonNode status) {
        ObjectNode body = NODES.objectNode();
        body.set("agent_id", status.path("agent_id"));
        body.set("task_id", status.path("task_id"));
        body.set("uuid", status.path("uuid"));
        sendUnseen(framework, "ACKNOWLEDGE", body);
    }

    /** A call that belongs to the runner, not to the scenario: it leaves no line, and its failure is not the scenario's. */
    private void sendUnseen(Framework framework, String type, ObjectNode body) {
        try {
            send(framework, API, callOf(framework.id, type, body), framework.streamId, NODES.objectNode());
        } catch (IOException gone) {
            // The master went away or closed the stream meanwhile, which the scenario will see by itself.
        }
    }

    private void close(JsonNode with) throws IOException, Stopped {
        String name = with.path("stream").asText("a");
        subscription(framework(name)).close();
        lines.add(name + "> (hangs up)");
    }

    private void ended(JsonNode with) throws InterruptedException, Stopped {
        String name = with.path("stream").asText("a");
        Arrival arrival;
        do {
            arrival = take(framework(name), Lane.STATUS, limit(with));
            record(name, arrival, false);
        } while (!arrival.type().equals(Subscription.ENDED));
    }

    // Events

    private void await(JsonNode with) throws InterruptedException, Stopped {
        String name = with.path("on").asText("a");
        String type = with.path("event").asText("OFFER");
        Lane lane = laneOf(type);
        Framework framework = framework(name);
        long deadline = limit(with);
        int count = with.path("count").asInt(1);
        List<Arrival> matching = new ArrayList<>();
        while (matching.size() < count) {
            Arrival arrival;
            try {
                arrival = take(framework, lane, deadline);
            } catch (Stopped nothing) {
                matching.forEach(came -> record(name, came, false));
                throw new Stopped(name + ": no " + type + (with.has("where") ? " with " + with.get("where") : "")
                        + (with.has("role") ? " for role " + with.get("role").asText() : "")
                        + (count > 1 ? ", " + matching.size() + " of " + count + " came" : ""));
            }
            if (arrival.type().equals(type) && matches(arrival.body(), with)) {
                matching.add(arrival);
            } else {
                record(name, arrival, false);
            }
        }
        if (count > 1) {
            // Between tasks, and between offers, there is no promised order; within a task there is, and the sort is
            // stable.
            matching.sort(Comparator.comparing(ScenarioRunner::orderKey));
        }
        matching.forEach(arrival -> record(name, arrival, with.path("detail").asBoolean()));
        if (with.has("bind")) {
            for (int i = 0; i < matching.size(); i++) {
                JsonNode body = matching.get(i).body();
                JsonNode value = body.has("update") ? body.at("/update/status") : body;
                variables.put(with.get("bind").asText() + (i == 0 ? "" : String.valueOf(i + 1)), value);
            }
        }
    }

    private static String orderKey(Arrival arrival) {
        return arrival.body().at("/update/status/task_id/value").asText()
                + arrival.body().at("/allocation_info/role").asText()
                + arrival.body().at("/agent_id/value").asText();
    }

    private boolean matches(JsonNode body, JsonNode with) throws Stopped {
        if (with.has("role")
                && !body.at("/allocation_info/role")
                        .asText()
                        .equals(with.get("role").asText())) {
            return false;
        }
        for (Map.Entry<String, JsonNode> wanted : with.path("where").properties()) {
            JsonNode found = Canonical.at(body.has("update") ? body.at("/update/status") : body, wanted.getKey());
            if (!found.asText().equals(resolve(wanted.getValue()).asText())) {
                return false;
            }
        }
        return true;
    }

    private static Lane laneOf(String type) {
        return switch (type) {
            case "OFFER", "RESCIND" -> Lane.OFFERS;
            case "HEARTBEAT" -> Lane.HEARTBEATS;
            default -> Lane.STATUS;
        };
    }

    private void quiet(JsonNode with) throws InterruptedException, Stopped {
        String name = with.path("on").asText("a");
        Lane lane = Lane.valueOf(with.path("lane").asText("offers").toUpperCase(Locale.ROOT));
        Subscription subscription = subscription(framework(name));
        long deadline = System.nanoTime() + millis(with.path("for").asText("1s")) * 1_000_000;
        List<Arrival> arrivals = new ArrayList<>();
        for (Arrival one = next(subscription, lane, deadline); one != null; one = next(subscription, lane, deadline)) {
            arrivals.add(one);
        }
        arrivals.sort(Comparator.comparing(ScenarioRunner::orderKey));
        arrivals.forEach(arrival -> record(name, arrival, false));
        lines.add(name + ": " + (arrivals.isEmpty() ? "no " : "then no more ")
                + (lane == Lane.STATUS ? "other events" : lane.name().toLowerCase(Locale.ROOT)));
    }

    private Arrival take(Framework framework, Lane lane, long deadline) throws InterruptedException, Stopped {
        Arrival arrival = next(subscription(framework), lane, deadline);
        if (arrival == null) {
            throw new Stopped(framework.name + ": nothing came");
        }
        return arrival;
    }

    private static @Nullable Arrival next(Subscription subscription, Lane lane, long deadline)
            throws InterruptedException {
        return subscription.take(lane, deadline);
    }

    private void record(String name, Arrival arrival, boolean detail) {
        JsonNode body = arrival.body();
        switch (arrival.type()) {
            case "OFFER" -> {
                lines.add(name + ": " + briefOffer(body));
                if (detail) {
                    lines.addAll(offerLines("  offer", body));
                }
            }
            case "UPDATE" -> {
                JsonNode status = body.at("/update/status");
                lines.add(name + ": " + briefUpdate(status));
                if (detail) {
                    lines.addAll(canonical.lines("  status", status));
                }
            }
            case "SUBSCRIBED" -> {
                lines.add(name + ": SUBSCRIBED "
                        + symbols.of(
                                "framework",
                                body.at("/subscribed/framework_id/value").asText()));
                if (detail) {
                    lines.addAll(canonical.lines("  subscribed", body.get("subscribed")));
                }
            }
            case "RESCIND" ->
                lines.add(name + ": RESCIND "
                        + symbols.of("offer", body.at("/rescind/offer_id/value").asText()));
            case Subscription.ENDED -> lines.add(name + ": " + (arrival.type() + " " + body.asText()).strip());
            default -> {
                lines.add(name + ": " + arrival.type());
                ((ObjectNode) body).remove("type");
                lines.addAll(canonical.lines("  ", body).stream()
                        .map(line -> line.replaceFirst("^ +\\.", "  "))
                        .filter(line -> !line.isBlank() && !line.equals("  : {}"))
                        .toList());
            }
        }
    }

    private String briefUpdate(JsonNode status) {
        StringBuilder line = new StringBuilder("UPDATE ")
                .append(Canonical.word(symbols.in(status.at("/task_id/value").asText())))
                .append(' ')
                .append(status.path("state").asText())
                .append(' ')
                .append(status.path("source").asText("without source"))
                .append(' ')
                .append(status.path("reason").asText("without reason"));
        if (status.has("agent_id")) {
            line.append(" agent=").append(canonical.value("agent_id.value", status.at("/agent_id/value")));
        }
        if (status.has("executor_id")) {
            line.append(" executor=")
                    .append(Canonical.word(
                            symbols.in(status.at("/executor_id/value").asText())));
        }
        line.append(status.has("uuid") ? " to acknowledge" : " not to acknowledge");
        if (status.has("message")) {
            line.append(": ").append(canonical.value("message", status.get("message")));
        }
        return line.toString();
    }

    private String briefOffer(JsonNode offer) {
        StringBuilder line = new StringBuilder("OFFER ")
                .append(symbols.of("offer", offer.at("/id/value").asText()))
                .append(" of ")
                .append(symbols.of("agent", offer.at("/agent_id/value").asText()));
        if (offer.has("allocation_info")) {
            line.append(" for role ")
                    .append(symbols.in(offer.at("/allocation_info/role").asText()));
        }
        Map<String, String> amounts = amounts(offer);
        BRIEF_RESOURCES.forEach(resource ->
                line.append(", ").append(resource).append(' ').append(amounts.getOrDefault(resource, "none")));
        return line.toString();
    }

    /** Each resource of an offer, relative to the first offer of that agent. */
    private Map<String, String> amounts(JsonNode offer) {
        Map<String, BigDecimal> scalars = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        for (JsonNode resource : offer.path("resources")) {
            String name = resource.path("name").asText();
            if (resource.path("type").asText().equals("SCALAR")) {
                scalars.merge(
                        name, BigDecimal.valueOf(resource.at("/scalar/value").asDouble()), BigDecimal::add);
            } else {
                others.merge(name, new TreeMap<>(values(resource)).toString(), String::concat);
            }
        }
        Amounts all = firstOffers.computeIfAbsent(
                offer.at("/agent_id/value").asText(), agent -> new Amounts(scalars, others));
        Map<String, String> relative = new TreeMap<>();
        scalars.forEach((name, amount) ->
                relative.put(name, relativeTo(all.scalars().getOrDefault(name, BigDecimal.ZERO), amount)));
        others.forEach((name, value) ->
                relative.put(name, value.equals(all.others().get(name)) ? "all" : "not the same as first"));
        return relative;
    }

    /** A small part is told as it is, a large one by what it lacks, so that neither tells how large the agent is. */
    private static String relativeTo(BigDecimal all, BigDecimal amount) {
        BigDecimal less = all.subtract(amount);
        if (less.signum() == 0) {
            return "all";
        }
        if (amount.compareTo(less) <= 0) {
            return amount.stripTrailingZeros().toPlainString();
        }
        return less.signum() > 0
                ? "all but " + less.stripTrailingZeros().toPlainString()
                : "more by " + less.negate().stripTrailingZeros().toPlainString();
    }

    private static Map<String, String> values(JsonNode resource) {
        Map<String, String> values = new HashMap<>();
        resource.at("/ranges/range")
                .forEach(range -> values.put(
                        range.path("begin").asText(), range.path("end").asText()));
        resource.at("/set/item").forEach(item -> values.put(item.asText(), ""));
        return values;
    }

    /** A whole offer. Which attributes agents have is the cluster's business, that they are well formed is not. */
    private List<String> offerLines(String prefix, JsonNode offer) {
        ObjectNode rest = offer.deepCopy();
        rest.remove(List.of("resources", "attributes"));
        List<String> result = new ArrayList<>(canonical.lines(prefix, rest));
        Map<String, String> amounts = amounts(offer);
        List<JsonNode> resources = new ArrayList<>();
        offer.path("resources").forEach(resources::add);
        resources.sort(Comparator.comparing(resource -> resource.path("name").asText()));
        for (JsonNode resource : resources) {
            ObjectNode form = resource.deepCopy();
            form.remove(List.of("scalar", "ranges", "set"));
            String name = resource.path("name").asText();
            result.addAll(canonical.lines(prefix + ".resources[" + name + "]", form));
            result.add(prefix + ".resources[" + name + "] amount: " + amounts.get(name));
            result.addAll(Canonical.shape(
                    prefix + ".resources[" + name + "] value", values(resource, "scalar", "ranges", "set"), List.of()));
        }
        result.add(prefix + ".attributes: "
                + (wellFormed(offer.path("attributes")) ? "well formed, if any" : "not as Attribute has it"));
        return result;
    }

    /** Agents need not have any: one cluster's labels say nothing of another's. */
    private static boolean wellFormed(JsonNode attributes) {
        for (JsonNode attribute : attributes) {
            String value = attribute.path("type").asText().toLowerCase(Locale.ROOT);
            if (!attribute.path("name").isTextual()
                    || value.isEmpty()
                    || !attribute.path(value).isObject()) {
                return false;
            }
        }
        return attributes.isMissingNode() || (attributes.isArray() && !attributes.isEmpty());
    }

    private static ObjectNode values(JsonNode resource, String... names) {
        ObjectNode values = NODES.objectNode();
        for (String name : names) {
            if (resource.has(name)) {
                values.set(name, resource.get(name));
            }
        }
        return values;
    }

    // Calls

    private void call(JsonNode with) throws IOException, Stopped {
        String name = with.path("on").asText("a");
        Framework framework = framework(name);
        ObjectNode call;
        if (with.has("raw")) {
            call = (ObjectNode) resolve(with.get("raw"));
        } else {
            String id =
                    with.has("framework_id") ? resolve(with.get("framework_id")).asText() : framework.id;
            call = callOf(id, with.path("type").asText(), resolve(with.path("body")));
        }
        String stream = with.has("stream_id") ? resolve(with.get("stream_id")).asText() : framework.streamId;
        lines.add(name + "> " + call.path("type").asText("a call"));
        lines.add(name + "< "
                + brief(send(framework, with.path("path").asText(API), call, stream, resolve(with.path("headers")))));
    }

    private static ObjectNode callOf(String frameworkId, String type, JsonNode body) {
        ObjectNode call = NODES.objectNode().put("type", type);
        if (!frameworkId.isEmpty()) {
            call.putObject("framework_id").put("value", frameworkId);
        }
        if (!body.isMissingNode()) {
            call.set(type.toLowerCase(Locale.ROOT), body);
        }
        return call;
    }

    private HttpAnswer send(Framework framework, String path, JsonNode call, String streamId, JsonNode more)
            throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", framework.wire.mediaType);
        headers.put("Accept", framework.wire.mediaType);
        headers.put("Connection", "close");
        if (!streamId.isEmpty()) {
            headers.put("Mesos-Stream-Id", streamId);
        }
        return HttpConnection.exchange(base, "POST", path, headers(headers, more), framework.wire.encode(call));
    }

    private void launch(JsonNode with) throws IOException, Stopped {
        String name = with.path("on").asText("a");
        Framework framework = framework(name);
        ObjectNode accept = NODES.objectNode();
        ArrayNode offerIds = accept.putArray("offer_ids");
        JsonNode agent = MissingNode.getInstance();
        for (JsonNode reference : with.path("offers")) {
            JsonNode offer = resolve(reference);
            offerIds.add(offer.get("id"));
            agent = agent.isMissingNode() ? offer.path("agent_id") : agent;
        }
        ArrayNode operations = accept.putArray("operations");
        if (with.has("operations")) {
            resolve(with.get("operations")).forEach(operations::add);
        } else {
            ObjectNode operation = operations.addObject().put("type", "LAUNCH");
            ArrayNode tasks = operation.putObject("launch").putArray("task_infos");
            for (JsonNode task : with.path("tasks")) {
                tasks.add(task((ObjectNode) resolve(task), agent));
            }
        }
        if (with.has("filters")) {
            accept.set("filters", resolve(with.get("filters")));
        }
        lines.add(name + "> ACCEPT " + accept.path("offer_ids").size() + " offer(s)");
        lines.add(name + "< "
                + brief(send(
                        framework,
                        API,
                        callOf(framework.id, "ACCEPT", accept),
                        framework.streamId,
                        NODES.objectNode())));
    }

    /** Spells out a task: id, run, cpus and mem are short for what every task needs; all else is TaskInfo as it is. */
    private static ObjectNode task(ObjectNode brief, JsonNode agent) {
        String id = brief.path("id").asText();
        ObjectNode task = NODES.objectNode().put("name", id);
        task.putObject("task_id").put("value", id);
        task.set("agent_id", agent.deepCopy());
        if (brief.has("run")) {
            task.putObject("command").put("value", brief.get("run").asText());
        }
        ArrayNode resources = task.putArray("resources");
        for (String resource : List.of("cpus", "mem", "disk")) {
            double amount =
                    brief.path(resource).asDouble(resource.equals("cpus") ? 0.1 : resource.equals("mem") ? 32 : 0);
            if (brief.has(resource) || amount > 0) {
                resources
                        .addObject()
                        .put("name", resource)
                        .put("type", "SCALAR")
                        .putObject("scalar")
                        .put("value", amount);
            }
        }
        brief.remove(List.of("id", "run", "cpus", "mem", "disk"));
        return Canonical.overlay(task, brief);
    }

    private void acknowledge(JsonNode with) throws IOException, Stopped {
        String name = with.path("on").asText("a");
        Framework framework = framework(name);
        JsonNode status = resolve(with.get("update"));
        ObjectNode body = NODES.objectNode();
        body.set("agent_id", status.path("agent_id"));
        body.set("task_id", status.path("task_id"));
        body.set("uuid", status.path("uuid"));
        lines.add(name + "> ACKNOWLEDGE " + status.at("/task_id/value").asText() + " "
                + status.path("state").asText());
        lines.add(name + "< "
                + brief(send(
                        framework,
                        API,
                        callOf(framework.id, "ACKNOWLEDGE", body),
                        framework.streamId,
                        NODES.objectNode())));
    }

    // Plain HTTP

    private void http(JsonNode with) throws IOException, Stopped {
        String method = with.path("method").asText("POST");
        String path = resolve(with.path("path")).asText();
        byte[] body;
        if (with.has("json")) {
            body = resolve(with.get("json")).toString().getBytes(StandardCharsets.UTF_8);
        } else if (with.has("protobuf")) {
            body = Wire.PROTOBUF.encode(resolve(with.get("protobuf")));
        } else {
            body = resolve(with.path("body"))
                    .asText("")
                    .repeat(with.path("repeat").asInt(1))
                    .getBytes(StandardCharsets.UTF_8);
        }
        ObjectNode more = with.has("headers") ? (ObjectNode) resolve(with.get("headers")) : NODES.objectNode();
        if (with.path("chunked").asBoolean()) {
            more.put("Transfer-Encoding", "chunked");
            body = inChunks(body);
        }
        lines.add("> " + method + " " + symbols.in(path));
        try {
            HttpAnswer answer =
                    HttpConnection.exchange(base, method, path, headers(Map.of("Connection", "close"), more), body);
            lines.addAll(
                    with.path("brief").asBoolean()
                            ? List.of("< " + brief(answer))
                            : headerLines(
                                    "< ", answer, with.path("headers_only").asBoolean()));
        } catch (IOException hungUp) {
            lines.add("< (hangs up without an answer)");
        }
    }

    /** The body in two chunks and the last, empty one. */
    private static byte[] inChunks(byte[] body) {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        int half = body.length / 2;
        for (int[] part : new int[][] {{0, half}, {half, body.length}, {0, 0}}) {
            chunks.writeBytes((Integer.toHexString(part[1] - part[0]) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunks.write(body, part[0], part[1] - part[0]);
            chunks.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return chunks.toByteArray();
    }

    private void get(JsonNode with) throws IOException, Stopped {
        String path = resolve(with.path("path")).asText();
        HttpAnswer answer = get(path);
        lines.add("> GET " + symbols.in(path));
        lines.add("< " + answer.status() + " " + answer.header("Content-Type").orElse("without Content-Type"));
        JsonNode root = MAPPER.readTree(answer.text());
        JsonNode selected = with.has("select")
                ? Canonical.at(root, resolve(with.get("select")).asText())
                : root;
        List<String> maps = new ArrayList<>();
        with.path("maps").forEach(map -> maps.add(map.asText()));
        if (with.path("shape").asBoolean()) {
            Canonical.shape("", selected, maps).forEach(line -> lines.add("  " + line));
        }
        for (JsonNode name : with.path("names")) {
            lines.add("  " + name.asText() + ": " + Canonical.type(selected.path(name.asText())));
        }
        for (JsonNode value : with.path("values")) {
            String at = resolve(value).asText();
            JsonNode node = Canonical.at(selected, at);
            if (node.isMissingNode()) {
                lines.add("  " + symbols.in(at) + " is absent");
            } else {
                canonical.lines(symbols.in(at), node).forEach(line -> lines.add("  " + line));
            }
        }
    }

    private HttpAnswer get(String path) throws IOException {
        return HttpConnection.exchange(
                base,
                "GET",
                path,
                List.of(new Header("Accept", "application/json"), new Header("Connection", "close")),
                new byte[0]);
    }

    private void until(JsonNode with) throws IOException, InterruptedException, Stopped {
        String path = resolve(with.path("get")).asText();
        long deadline = limit(with);
        while (true) {
            JsonNode root = MAPPER.readTree(get(path).text());
            boolean all = true;
            for (Map.Entry<String, JsonNode> wanted : with.path("where").properties()) {
                String at = resolve(NODES.textNode(wanted.getKey())).asText();
                JsonNode found = Canonical.at(root, at);
                String text = found.isContainerNode() ? found.size() + " in all" : found.asText("");
                all &= text.equals(resolve(wanted.getValue()).asText());
            }
            if (all) {
                lines.add("(" + symbols.in(path) + " shows "
                        + symbols.in(resolve(with.get("where")).toString()) + ")");
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new Stopped(symbols.in(path) + " does not show "
                        + symbols.in(resolve(with.get("where")).toString()));
            }
            Thread.sleep(50);
        }
    }

    private String brief(HttpAnswer answer) {
        String type = answer.header("Content-Type").map(value -> " " + value).orElse("");
        return answer.status() + type + (answer.text().isEmpty() ? "" : " " + quoted(answer.text()));
    }

    private String quoted(String text) {
        String normal = Canonical.escape(symbols.in(text));
        return '"' + (normal.length() <= 600 ? normal : normal.substring(0, 600) + "...") + '"';
    }

    private List<String> headerLines(String prefix, HttpAnswer answer, boolean withoutBody) {
        List<String> result = new ArrayList<>();
        result.add(prefix + answer.status());
        TreeMap<String, String> headers = new TreeMap<>();
        for (Header header : answer.headers()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            if (OF_THE_CONNECTION.contains(name)) {
                continue;
            }
            String value =
                    switch (name) {
                        case "date" -> "<date>";
                        case "mesos-stream-id" -> symbols.of("stream", header.value());
                        case "content-length" ->
                            withoutBody
                                    ? "<length of the body>"
                                    : header.value()
                                                    .equals(String.valueOf(
                                                            answer.text().getBytes(StandardCharsets.UTF_8).length))
                                            ? "<length of the body>"
                                            : header.value();
                        case "location" -> header.value().replaceFirst("//[^/]+", "//<master>");
                        default -> symbols.in(header.value());
                    };
            headers.merge(name, value, (one, other) -> one + ", " + other);
        }
        headers.forEach((name, value) -> result.add("  " + name + ": " + value));
        if (!withoutBody) {
            result.add("  body: " + quoted(answer.text()));
        }
        return result;
    }

    private static List<Header> headers(Map<String, String> defaults, JsonNode more) {
        Map<String, String> merged = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        merged.putAll(defaults);
        more.properties().forEach(property -> {
            if (property.getValue().isNull()) {
                merged.remove(property.getKey());
            } else {
                merged.put(property.getKey(), property.getValue().asText());
            }
        });
        List<Header> headers = new ArrayList<>();
        merged.forEach((name, value) -> headers.add(new Header(name, value)));
        return headers;
    }

    // Variables and times

    /** Puts values in: "$o.id" becomes what that is, "x-${new.id}" a text with it inside. */
    private JsonNode resolve(JsonNode node) throws Stopped {
        if (node.isObject()) {
            ObjectNode result = NODES.objectNode();
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                result.set(property.getKey(), resolve(property.getValue()));
            }
            return result;
        }
        if (node.isArray()) {
            ArrayNode result = NODES.arrayNode();
            for (JsonNode item : node) {
                result.add(resolve(item));
            }
            return result;
        }
        if (!node.isTextual()) {
            return node;
        }
        String text = node.asText();
        if (text.startsWith("$") && !text.startsWith("${")) {
            return variable(text.substring(1));
        }
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(
                    result, Matcher.quoteReplacement(variable(matcher.group(1)).asText()));
        }
        return NODES.textNode(matcher.appendTail(result).toString());
    }

    private JsonNode variable(String path) throws Stopped {
        if (path.startsWith("new.")) {
            return variables.computeIfAbsent(path, unseen -> {
                String made = "own-" + UUID.randomUUID();
                symbols.chosen("framework", made);
                return NODES.textNode(made);
            });
        }
        int dot = path.indexOf('.');
        JsonNode root = variables.get(dot < 0 ? path : path.substring(0, dot));
        JsonNode value =
                root == null ? MissingNode.getInstance() : dot < 0 ? root : Canonical.at(root, path.substring(dot + 1));
        if (value.isMissingNode()) {
            throw new Stopped("there is no $" + path);
        }
        return value;
    }

    private Framework framework(String name) throws Stopped {
        Framework framework = frameworks.get(name);
        if (framework == null) {
            throw new Stopped("no framework " + name + " has subscribed");
        }
        return framework;
    }

    private static Subscription subscription(Framework framework) throws Stopped {
        Subscription subscription = framework.subscription;
        if (subscription == null || !subscription.isStream()) {
            throw new Stopped(framework.name + " has no stream");
        }
        return subscription;
    }

    private long limit(JsonNode with) {
        return System.nanoTime() + (long) (millis(with.path("within").asText("10s")) * patience * 1_000_000);
    }

    private static long millis(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no duration such as 500ms or 3s");
        }
        return Long.parseLong(matcher.group(1)) * (matcher.group(2).equals("s") ? 1000 : 1);
    }

    // Before and after

    /**
     * Waits until no earlier task holds anything, so that the first offers are of whole agents. Where somebody else holds
     * something for good, that is found out once, and is no hindrance: amounts are relative to the first offers.
     */
    private void awaitIdleAgents() throws IOException, InterruptedException {
        String limit = NEVER_IDLE.contains(base) ? NEVER_IDLE_LIMIT : IDLE_LIMIT;
        long deadline = System.nanoTime() + (long) (millis(limit) * patience * 1_000_000);
        while (System.nanoTime() < deadline) {
            HttpAnswer answer = get("/slaves");
            if (answer.status() != 200) {
                return;
            }
            boolean idle = true;
            for (JsonNode agent : MAPPER.readTree(answer.text()).path("slaves")) {
                idle &= agent.at("/used_resources/cpus").asDouble() == 0;
                idle &= agent.at("/offered_resources/cpus").asDouble() == 0;
            }
            if (idle) {
                NEVER_IDLE.remove(base);
                return;
            }
            Thread.sleep(50);
        }
        NEVER_IDLE.add(base);
    }

    /** Removes all frameworks of the scenario, by subscribing again where their stream is gone. */
    private void clearUp() throws IOException {
        for (Framework framework : List.copyOf(frameworks.values())) {
            Subscription subscription = framework.subscription;
            if (subscription != null) {
                subscription.close();
            }
        }
        for (String id : frameworks.values().stream()
                .map(framework -> framework.id)
                .filter(id -> !id.isEmpty())
                .distinct()
                .toList()) {
            remove(id);
        }
    }

    private void remove(String id) throws IOException {
        Framework framework = new Framework("clear up", Wire.JSON, false);
        framework.id = id;
        ObjectNode call = NODES.objectNode().put("type", "SUBSCRIBE");
        call.putObject("framework_id").put("value", id);
        ObjectNode info = call.putObject("subscribe").putObject("framework_info");
        info.put("user", "root").put("name", "conformance").putObject("id").put("value", id);
        List<Header> headers =
                headers(Map.of("Content-Type", "application/json", "Accept", "application/json"), NODES.objectNode());
        try (Subscription subscription =
                Subscription.open(base, API, Wire.JSON, headers, Wire.JSON.encode(call), head -> {}, event -> {})) {
            framework.streamId = subscription.head().header("Mesos-Stream-Id").orElse("");
            if (subscription.isStream()) {
                sendUnseen(framework, "TEARDOWN", NODES.objectNode());
            }
        }
    }
}
