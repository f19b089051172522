package io.offerplane.operator.smoke;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Subscribes as a Mesos framework, runs one command task, and waits for it to finish. {@code SmokeTest http://host:port [seconds]}.
 *
 * <p>{@code OFFERPLANE_SMOKE_PRINCIPAL} and {@code OFFERPLANE_SMOKE_SECRET} are sent where they are set. Exit code 0 when the task has
 * finished; 1 when it has not, with what went wrong and what to look at next; 64 when called wrongly.
 */
public final class SmokeTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double CPUS = 0.1;
    private static final double MEM = 32;

    private final URI master;
    private final long deadline;
    private final Optional<SchedulerConnection.Credential> credential;
    private final PrintStream out;

    /** What kept the task from finishing, and what to do about it. */
    static final class Failed extends Exception {
        Failed(String what, String next) {
            super(what + "\n  Next: " + next);
        }
    }

    SmokeTest(URI master, Duration patience, Optional<SchedulerConnection.Credential> credential, PrintStream out) {
        this.master = master;
        this.deadline = System.nanoTime() + patience.toNanos();
        this.credential = credential;
        this.out = out;
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.println("usage: SmokeTest http://host:port [seconds]");
            System.exit(64);
            return;
        }
        Duration patience = Duration.ofSeconds(arguments.length == 2 ? Long.parseLong(arguments[1]) : 120);
        try {
            new SmokeTest(URI.create(arguments[0]), patience, credentialOf(System.getenv()), System.out).run();
        } catch (Failed failed) {
            System.err.println("FAILED: " + failed.getMessage());
            System.exit(1);
        }
    }

    private static Optional<SchedulerConnection.Credential> credentialOf(Map<String, String> environment) {
        String principal = environment.get("OFFERPLANE_SMOKE_PRINCIPAL");
        String secret = environment.get("OFFERPLANE_SMOKE_SECRET");
        return principal == null || secret == null
                ? Optional.empty()
                : Optional.of(new SchedulerConnection.Credential(principal, secret));
    }

    void run() throws Failed, InterruptedException {
        try (SchedulerConnection connection = subscribe()) {
            out.println("Subscribed as framework " + connection.frameworkId() + ".");
            JsonNode offer = awaitOffer(connection);
            String host = offer.path("hostname").asText();
            out.println("Got an offer of " + host + ": " + amounts(offer) + ".");
            String task = "smoke-" + UUID.randomUUID();
            connection.call(accept(offer, task));
            awaitFinish(connection, task, host);
            connection.call(JSON.createObjectNode().put("type", "TEARDOWN"));
            out.println("OK: Offerplane runs Mesos tasks.");
        } catch (IOException broken) {
            throw new Failed(
                    "the connection broke: " + broken.getMessage(),
                    "kubectl logs of the operator's pods; the leader is the one labelled offerplane.io/leader=true");
        }
    }

    /** Tries again until there is a leader: right after an installation there may be none yet. */
    private SchedulerConnection subscribe() throws Failed, InterruptedException {
        String last = "";
        while (System.nanoTime() < deadline) {
            try {
                ObjectNode info = JSON.createObjectNode()
                        .put("user", "root")
                        .put("name", "offerplane-smoke-test")
                        .put("failover_timeout", 0.0);
                info.putArray("roles").add("*");
                info.putArray("capabilities").addObject().put("type", "MULTI_ROLE");
                credential.ifPresent(given -> info.put("principal", given.principal()));
                return SchedulerConnection.subscribe(master, info, credential);
            } catch (SchedulerConnection.UnexpectedAnswer answer) {
                if (answer.status() == 401 || answer.status() == 403) {
                    throw new Failed(
                            "the master wants credentials: " + answer.getMessage(),
                            "give this test a Framework object's principal and secret in OFFERPLANE_SMOKE_PRINCIPAL and"
                                    + " OFFERPLANE_SMOKE_SECRET, or set config.mesos.authentication.mode=None on a"
                                    + " network that is shut off");
                }
                last = answer.getMessage();
            } catch (IOException unreachable) {
                last = String.valueOf(unreachable);
            }
            Thread.sleep(500);
        }
        throw new Failed(
                "no master could be subscribed to at " + master + "; the last answer was: " + last,
                "kubectl get pods --selector app.kubernetes.io/component=operator: one must be ready and labelled"
                        + " offerplane.io/leader=true");
    }

    private JsonNode awaitOffer(SchedulerConnection connection) throws Failed, IOException, InterruptedException {
        while (System.nanoTime() < deadline) {
            JsonNode event = next(connection, "no offer came");
            if (event.path("type").asText().equals("OFFERS")) {
                for (JsonNode offer : event.path("offers").path("offers")) {
                    if (scalar(offer, "cpus") >= CPUS && scalar(offer, "mem") >= MEM) {
                        return offer;
                    }
                }
            }
        }
        throw noOffer();
    }

    private static Failed noOffer() {
        return new Failed(
                "no offer of " + CPUS + " cpus and " + MEM + " MiB came in time",
                "kubectl get agentpools,agents: is a pool there, are its agents Active, and is their claim granted?"
                        + " kubectl get pods for the claims and the agent-shim pods");
    }

    private void awaitFinish(SchedulerConnection connection, String task, String host)
            throws Failed, IOException, InterruptedException {
        while (System.nanoTime() < deadline) {
            JsonNode event = next(connection, "the task did not finish in time");
            JsonNode status = event.path("update").path("status");
            if (!event.path("type").asText().equals("UPDATE")
                    || !status.path("task_id").path("value").asText().equals(task)) {
                continue;
            }
            if (status.has("uuid")) {
                ObjectNode acknowledge = JSON.createObjectNode().put("type", "ACKNOWLEDGE");
                acknowledge
                        .putObject("acknowledge")
                        .<ObjectNode>set("agent_id", status.path("agent_id"))
                        .<ObjectNode>set("task_id", status.path("task_id"))
                        .set("uuid", status.path("uuid"));
                connection.call(acknowledge);
            }
            String state = status.path("state").asText();
            out.println("Task " + task + " on " + host + ": " + state + " "
                    + status.path("message").asText());
            switch (state) {
                case "TASK_FINISHED" -> {
                    return;
                }
                case "TASK_STAGING", "TASK_STARTING", "TASK_RUNNING" -> {}
                default ->
                    throw new Failed(
                            "the task ended as " + state + ", reason "
                                    + status.path("reason").asText() + ": "
                                    + status.path("message").asText(),
                            "the log of the agent-shim pod on " + host);
            }
        }
        throw new Failed("the task did not finish in time", "the log of the agent-shim pod on " + host);
    }

    private JsonNode next(SchedulerConnection connection, String otherwise)
            throws Failed, IOException, InterruptedException {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        Optional<JsonNode> event = connection.nextEvent(left);
        if (event.isPresent() && event.get().path("type").asText().equals("ERROR")) {
            throw new Failed(
                    "the master ended the subscription: "
                            + event.get().path("error").path("message").asText(),
                    "the operator's log");
        }
        if (event.isEmpty() && connection.isEnded()) {
            throw new IOException("the master closed the event stream");
        }
        if (event.isEmpty()) {
            throw otherwise.startsWith("no offer") ? noOffer() : new Failed(otherwise, "the agent-shim pods' logs");
        }
        return event.get();
    }

    private static ObjectNode accept(JsonNode offer, String task) {
        ObjectNode call = JSON.createObjectNode().put("type", "ACCEPT");
        ObjectNode accept = call.putObject("accept");
        accept.putArray("offer_ids").add(offer.path("id"));
        ObjectNode launch = accept.putArray("operations").addObject().put("type", "LAUNCH");
        ObjectNode info = launch.putObject("launch").putArray("task_infos").addObject();
        info.put("name", "offerplane-smoke-test");
        info.putObject("task_id").put("value", task);
        info.set("agent_id", offer.path("agent_id"));
        info.putObject("command").put("shell", true).put("value", "echo Offerplane runs on $(hostname)");
        ArrayNode resources = info.putArray("resources");
        addScalar(resources, "cpus", CPUS);
        addScalar(resources, "mem", MEM);
        accept.putObject("filters").put("refuse_seconds", 5.0);
        return call;
    }

    private static void addScalar(ArrayNode resources, String name, double value) {
        resources
                .addObject()
                .put("name", name)
                .put("type", "SCALAR")
                .putObject("scalar")
                .put("value", value);
    }

    private static double scalar(JsonNode offer, String name) {
        double sum = 0;
        for (JsonNode resource : offer.path("resources")) {
            if (resource.path("name").asText().equals(name)) {
                sum += resource.path("scalar").path("value").asDouble();
            }
        }
        return sum;
    }

    private static String amounts(JsonNode offer) {
        return "cpus " + scalar(offer, "cpus") + ", mem " + scalar(offer, "mem") + " MiB";
    }
}
