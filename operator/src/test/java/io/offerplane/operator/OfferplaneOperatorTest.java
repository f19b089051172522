package io.offerplane.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.engine.Command;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.link.CallerIdentity;
import io.offerplane.operator.link.FakeAgentDirectory;
import io.offerplane.operator.link.InMemorySecrets;
import io.offerplane.operator.link.SimulatedShim;
import io.offerplane.operator.smoke.SchedulerConnection;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.HeldFramework;
import io.offerplane.protocol.link.v1.HeldTask;
import io.offerplane.protocol.link.v1.LaunchTask;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.protocol.link.v1.ToAgent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.mesos.v1.Protos;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole operator in one process, with real HTTP and gRPC; only Kubernetes and the node are simulated. */
@Timeout(120)
class OfferplaneOperatorTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NODE = "node-a";
    private static final AgentId AGENT = new AgentId("cluster-S1");
    private static final double CPUS = 4;
    private static final double MEM = 4096;

    private final SwitchableLease lease = new SwitchableLease();
    private final InMemorySecrets secrets = new InMemorySecrets();
    private final FakeAgentDirectory directory = new FakeAgentDirectory();
    private final List<Boolean> marks = new CopyOnWriteArrayList<>();
    private final AtomicInteger broken = new AtomicInteger();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
    private final AtomicBoolean following = new AtomicBoolean(true);
    private volatile SubscriptionPolicy policy = SubscriptionPolicy.EVERYTHING;
    private volatile List<Command> recovery = List.of();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private OfferplaneOperator start(String pod, String... settings) {
        StringBuilder yaml = new StringBuilder("""
                mesos: {port: 0, authentication: {mode: None}}
                link: {port: 0, pingInterval: 500ms}
                telemetry: {port: 0}
                engine: {allocationInterval: 200ms}
                election: {leaseDuration: 3s, renewDeadline: 2500ms, retryInterval: 100ms}
                """);
        for (String setting : settings) {
            yaml.append(setting).append('\n');
        }
        OperatorConfig config = OperatorConfig.read(yaml.toString(), Map.of("POD_NAME", pod));
        OfferplaneOperator operator = OfferplaneOperator.start(
                config,
                new OfferplaneOperator.Surroundings(
                        lease,
                        secrets,
                        token -> {
                            if (!token.equals("of " + NODE)) {
                                throw new CallerIdentity.Refused("the token isn't valid", false);
                            }
                            return NODE;
                        },
                        token -> {
                            throw new CallerIdentity.Refused("there is no YARN", false);
                        },
                        (engine, termId, reconciliations) -> new FakeControllers(
                                directory, recovery, following::get, application -> policy.judge(application)),
                        new LeaderTerm.Mark() {
                            @Override
                            public void put() {
                                marks.add(true);
                            }

                            @Override
                            public void remove() {
                                marks.add(false);
                            }
                        },
                        PrincipalSecrets.NONE,
                        new AtomicLong(),
                        () -> {},
                        broken::incrementAndGet));
        open.add(operator);
        return operator;
    }

    private SimulatedShim shimOf(OfferplaneOperator operator) throws Exception {
        SimulatedShim shim = SimulatedShim.connect(operator.linkPort().orElseThrow(), secrets, "of " + NODE);
        open.add(shim);
        return shim;
    }

    private SchedulerConnection subscribe(OfferplaneOperator operator, Optional<String> frameworkId) throws Exception {
        return subscribe(operator, frameworkId, List.of());
    }

    private SchedulerConnection subscribe(OfferplaneOperator operator, Optional<String> frameworkId, List<String> more)
            throws Exception {
        ObjectNode info = JSON.createObjectNode()
                .put("user", "root")
                .put("name", "in-process")
                .put("checkpoint", true)
                .put("failover_timeout", 3600.0);
        info.putArray("roles").add("*");
        ArrayNode capabilities = info.putArray("capabilities");
        capabilities.addObject().put("type", "MULTI_ROLE");
        more.forEach(type -> capabilities.addObject().put("type", type));
        frameworkId.ifPresent(id -> info.putObject("id").put("value", id));
        SchedulerConnection connection = SchedulerConnection.subscribe(
                URI.create("http://127.0.0.1:" + operator.mesosPort()), info, Optional.empty());
        open.add(connection);
        return connection;
    }

    @Test
    void taskRunsEndToEndAndItsUpdatesAreAcknowledged() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, CPUS, MEM));
        OfferplaneOperator operator = start("op-a");
        await("the operator leads", operator::isLeading);
        SimulatedShim shim = shimOf(operator);
        shim.register(NODE, "");
        shim.await(ToAgent::hasRegistered);
        SchedulerConnection framework = subscribe(operator, Optional.empty());

        JsonNode offer = nextOffer(framework);
        assertThat(offer.path("agent_id").path("value").asText()).isEqualTo(AGENT.value());
        assertThat(scalar(offer, "cpus")).isEqualTo(CPUS);
        framework.call(accept(offer, "t1", 1, 128));
        LaunchTask launch = shim.await(ToAgent::hasLaunchTask).getLaunchTask();
        Protos.TaskInfo info = Protos.TaskInfo.parseFrom(launch.getTaskInfo());
        assertThat(info.getTaskId().getValue()).isEqualTo("t1");
        report(shim, launch.getFrameworkId(), "t1", Protos.TaskState.TASK_RUNNING);

        JsonNode status = nextUpdate(framework, "TASK_RUNNING");
        acknowledge(framework, status);
        assertThat(shim.await(ToAgent::hasAcknowledgeUpdate)
                        .getAcknowledgeUpdate()
                        .getTaskId())
                .isEqualTo("t1");

        report(shim, launch.getFrameworkId(), "t1", Protos.TaskState.TASK_FINISHED);
        acknowledge(framework, nextUpdate(framework, "TASK_FINISHED"));
        // What the task held is offered again.
        JsonNode again = nextOffer(framework);
        assertThat(scalar(again, "cpus")).isLessThanOrEqualTo(CPUS);

        String metrics = get(operator.telemetryPort(), "/metrics");
        assertThat(metrics)
                .contains("offerplane_leader 1.0")
                .contains("offerplane_link_agents 1.0")
                .contains("offerplane_task_transitions_total{reason=\"\",state=\"TASK_FINISHED\"}")
                .contains("offerplane_pool_capacity{pool=\"default\",resource=\"cpu\",unit=\"core\"} 4.0");
        assertThat(marks).containsExactly(true);
    }

    @Test
    void whatANodeLendsIsOfferedAndItsTasksAreNamedWhenItLendsLess() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, CPUS, MEM));
        OfferplaneOperator operator = start("op-a");
        await("the operator leads", operator::isLeading);
        SimulatedShim shim = shimOf(operator);
        shim.register(NODE, "");
        shim.await(ToAgent::hasRegistered);
        SchedulerConnection framework = subscribe(operator, Optional.empty(), List.of("REVOCABLE_RESOURCES"));
        framework.call(accept(nextOffer(framework), "owner", CPUS, 128));
        shim.await(ToAgent::hasLaunchTask);

        shim.send(lending(1.5));
        // Memory that the owner left may be offered before, by itself.
        List<JsonNode> offers = new ArrayList<>(List.of(nextOffer(framework)));
        while (scalar(offers.getLast(), "cpus") == 0) {
            offers.add(nextOffer(framework));
        }
        JsonNode offer = offers.getLast();
        assertThat(scalar(offer, "cpus")).isEqualTo(1.5);
        for (JsonNode resource : offer.path("resources")) {
            assertThat(resource.has("revocable"))
                    .as(resource.toString())
                    .isEqualTo(resource.path("name").asText().equals("cpus"));
        }
        ObjectNode guest = accept(offer, "guest", 1, 64);
        ArrayNode ids = (ArrayNode) guest.path("accept").path("offer_ids");
        offers.subList(0, offers.size() - 1).forEach(other -> ids.add(other.path("id")));
        ((ObjectNode) guest.path("accept")
                        .path("operations")
                        .path(0)
                        .path("launch")
                        .path("task_infos")
                        .path(0)
                        .path("resources")
                        .path(0))
                .putObject("revocable");
        framework.call(guest);
        Protos.TaskInfo launched =
                Protos.TaskInfo.parseFrom(shim.await(message -> message.hasLaunchTask() && isTask(message, "guest"))
                        .getLaunchTask()
                        .getTaskInfo());
        assertThat(launched.getResources(0).hasRevocable()).isTrue();
        assertThat(get(operator.mesosPort(), "/metrics/snapshot"))
                .contains("\"master/cpus_total\":4.0")
                .contains("\"master/cpus_revocable_total\":1.5")
                .contains("\"master/cpus_revocable_used\":1.0");

        shim.send(lending(0.5));
        assertThat(shim.await(ToAgent::hasReclaimRevocable)
                        .getReclaimRevocable()
                        .getTasks(0)
                        .getTaskId())
                .isEqualTo("guest");
    }

    private static boolean isTask(ToAgent message, String task) {
        try {
            return Protos.TaskInfo.parseFrom(message.getLaunchTask().getTaskInfo())
                    .getTaskId()
                    .getValue()
                    .equals(task);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static FromAgent.Builder lending(double cpus) {
        return FromAgent.newBuilder()
                .setNodeReport(NodeReport.newBuilder()
                        .addOversubscribed(Protos.Resource.newBuilder()
                                .setName("cpus")
                                .setType(Protos.Value.Type.SCALAR)
                                .setScalar(Protos.Value.Scalar.newBuilder().setValue(cpus))
                                .setRevocable(Protos.Resource.RevocableInfo.getDefaultInstance())
                                .build()
                                .toByteString()));
    }

    @Test
    void leaderThatIsCutOffStandsDownAndItsNextTermOffersNothingTwice() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, CPUS, MEM));
        OfferplaneOperator operator = start("op-a");
        await("the operator leads", operator::isLeading);
        SimulatedShim shim = shimOf(operator);
        shim.register(NODE, "");
        shim.await(ToAgent::hasRegistered);
        SchedulerConnection framework = subscribe(operator, Optional.empty());
        framework.call(accept(nextOffer(framework), "t1", 3, 1024));
        LaunchTask launch = shim.await(ToAgent::hasLaunchTask).getLaunchTask();
        report(shim, launch.getFrameworkId(), "t1", Protos.TaskState.TASK_RUNNING);
        acknowledge(framework, nextUpdate(framework, "TASK_RUNNING"));
        shim.await(ToAgent::hasAcknowledgeUpdate);

        lease.reachable = false;
        shim.awaitEnd();
        await("the framework's stream ends", framework::isEnded);
        await("the operator leads no longer", () -> !operator.isLeading());
        assertThat(broken).hasValue(0);
        recovery = List.of(new Command.RecoverAgent(
                AGENT, FakeAgentDirectory.agent(AGENT.value(), NODE, CPUS, MEM).spec(), Instant.now()));
        lease.reachable = true;
        await("the operator leads again", operator::isLeading);
        assertThat(lease.term()).isEqualTo(2);

        SchedulerConnection back = subscribe(operator, Optional.of(framework.frameworkId()));
        assertThat(back.frameworkId()).isEqualTo(framework.frameworkId());
        // Nothing is offered before the agent has said what it holds.
        assertThat(back.nextEvent(Duration.ofMillis(600))).isEmpty();
        SimulatedShim returned = shimOf(operator);
        returned.send(FromAgent.newBuilder()
                .setRegister(SimulatedShim.registration(NODE, AGENT.value())
                        .setHighestTerm(1)
                        .addTasks(HeldTask.newBuilder()
                                .setFrameworkId(framework.frameworkId())
                                .setTaskInfo(launch.getTaskInfo())
                                .setRole("*")
                                .setLatestState("TASK_RUNNING"))
                        .addFrameworks(HeldFramework.newBuilder()
                                .setFrameworkId(framework.frameworkId())
                                .setFrameworkInfo(launch.getFrameworkInfo()))));
        ToAgent registered = returned.await(ToAgent::hasRegistered);
        assertThat(registered.getTerm()).isEqualTo(2);

        JsonNode offer = nextOffer(back);
        assertThat(scalar(offer, "cpus")).isEqualTo(CPUS - 3);
        assertThat(scalar(offer, "mem")).isEqualTo(MEM - 1024);
        assertThat(returned.received).noneMatch(ToAgent::hasKillTask).noneMatch(ToAgent::hasShutdownFramework);
    }

    @Test
    void orderlyStopHandsOverWithinASecondOrTwoAndKillsNothing() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, CPUS, MEM));
        OfferplaneOperator first = start("op-a");
        await("the first leads", first::isLeading);
        OfferplaneOperator second = start("op-b");
        SimulatedShim shim = shimOf(first);
        shim.register(NODE, "");
        shim.await(ToAgent::hasRegistered);
        SchedulerConnection framework = subscribe(first, Optional.empty());
        framework.call(accept(nextOffer(framework), "t1", 1, 128));
        shim.await(ToAgent::hasLaunchTask);
        // What the task left is out again, and unanswered.
        nextOffer(framework);

        long began = System.nanoTime();
        first.close();
        await("the second leads", second::isLeading);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        await("the framework's stream ends", framework::isEnded);
        Optional<JsonNode> last = framework.nextEvent(Duration.ofMillis(100));
        while (last.isPresent()) {
            assertThat(last.get().path("type").asText())
                    .as("the end of the stream ends the offers; they aren't taken back one by one")
                    .isNotEqualTo("RESCIND");
            last = framework.nextEvent(Duration.ofMillis(100));
        }
        assertThat(shim.awaitEnd().getDescription()).contains("steps down");
        assertThat(shim.received).noneMatch(ToAgent::hasKillTask).noneMatch(ToAgent::hasShutdownFramework);
        assertThat(marks).containsExactly(true, false, true);
    }

    @Test
    void followerRedirectsToTheLeaderAndIsReady() throws Exception {
        OfferplaneOperator leader = start("op-a");
        await("the first leads", leader::isLeading);
        OfferplaneOperator follower = start("op-b");
        await("the follower knows the leader", () -> probe(follower, "ready") == 200);

        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + follower.mesosPort() + "/api/v1/scheduler"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(307);
        assertThat(answer.headers().firstValue("Location").orElse(""))
                .startsWith("//127.0.0.1:" + leader.mesosPort() + "/")
                .endsWith("/api/v1/scheduler");
        assertThat(probe(leader, "ready")).isEqualTo(200);
        assertThat(probe(leader, "live")).isEqualTo(200);
        assertThat(probe(leader, "startup")).isEqualTo(200);
    }

    @Test
    void leaderThatNoLongerFollowsTheClusterIsNotReadyAndGoesOnLeading() throws Exception {
        OfferplaneOperator operator = start("op-a");
        await("the operator leads", operator::isLeading);
        await("it is ready", () -> probe(operator, "ready") == 200);

        following.set(false);

        assertThat(probe(operator, "ready")).isEqualTo(503);
        assertThat(get(operator.telemetryPort(), "/healthz/ready")).contains("given up following");
        assertThat(operator.isLeading()).isTrue();
        following.set(true);
        assertThat(probe(operator, "ready")).isEqualTo(200);
    }

    @Test
    void clientsAreJudgedByTheControllersOfTheTerm() throws Exception {
        OfferplaneOperator operator = start("op-a");
        await("the operator leads", operator::isLeading);
        policy = application -> application.spec().name().equals("in-process")
                ? new SubscriptionPolicy.Ruling.Refused("Not authorized to register framework with roles { * }: reason")
                : SubscriptionPolicy.Ruling.Admitted.UNBOUNDED;

        assertThatThrownBy(() -> subscribe(operator, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Not authorized to register framework with roles { * }: reason");

        policy = SubscriptionPolicy.EVERYTHING;
        assertThat(subscribe(operator, Optional.empty()).frameworkId()).isNotEmpty();
    }

    @Test
    void processWithoutALeaderIsNotReadyAndSaysWhy() throws Exception {
        lease.reachable = false;
        OfferplaneOperator operator = start("op-a");

        assertThat(probe(operator, "ready")).isEqualTo(503);
        assertThat(get(operator.telemetryPort(), "/healthz/ready")).contains("no leader is known");
        assertThat(probe(operator, "live")).isEqualTo(200);
        assertThat(get(operator.telemetryPort(), "/metrics")).contains("offerplane_apiserver_reachable 0.0");
    }

    @Test
    void clientsNeedCredentialsUnlessThatIsSwitchedOff() throws Exception {
        OfferplaneOperator operator = start("op-a", "\"mesos.authentication.mode\": Required");
        await("the operator leads", operator::isLeading);

        try {
            subscribe(operator, Optional.empty());
            throw new AssertionError("anyone was let in");
        } catch (SchedulerConnection.UnexpectedAnswer answer) {
            assertThat(answer.status()).isEqualTo(401);
        }
    }

    private int probe(OfferplaneOperator operator, String name) {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create(
                                            "http://127.0.0.1:" + operator.telemetryPort() + "/healthz/" + name))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private String get(int port, String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static void report(SimulatedShim shim, String framework, String task, Protos.TaskState state) {
        UUID uuid = UUID.randomUUID();
        Protos.TaskStatus status = Protos.TaskStatus.newBuilder()
                .setTaskId(Protos.TaskID.newBuilder().setValue(task))
                .setState(state)
                .setSource(Protos.TaskStatus.Source.SOURCE_EXECUTOR)
                .setAgentId(Protos.AgentID.newBuilder().setValue(AGENT.value()))
                .setUuid(ByteString.copyFrom(ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array()))
                .setTimestamp(System.currentTimeMillis() / 1000.0)
                .build();
        shim.send(FromAgent.newBuilder()
                .setStatusUpdate(StatusUpdate.newBuilder()
                        .setFrameworkId(framework)
                        .setTaskStatus(status.toByteString())
                        .setLatestState(state.name())));
    }

    private static JsonNode nextOffer(SchedulerConnection framework) throws Exception {
        return nextEvent(framework, "OFFERS").path("offers").path("offers").path(0);
    }

    private static JsonNode nextUpdate(SchedulerConnection framework, String state) throws Exception {
        JsonNode status = nextEvent(framework, "UPDATE").path("update").path("status");
        assertThat(status.path("state").asText()).isEqualTo(state);
        return status;
    }

    private static JsonNode nextEvent(SchedulerConnection framework, String type) throws Exception {
        for (int i = 0; i < 20; i++) {
            JsonNode event = framework
                    .nextEvent(Duration.ofSeconds(10))
                    .orElseThrow(() -> new AssertionError("no " + type + " within 10 s"));
            if (event.path("type").asText().equals(type)) {
                return event;
            }
        }
        throw new AssertionError("no " + type + " among 20 events");
    }

    private static void acknowledge(SchedulerConnection framework, JsonNode status) throws Exception {
        ObjectNode call = JSON.createObjectNode().put("type", "ACKNOWLEDGE");
        call.putObject("acknowledge")
                .<ObjectNode>set("agent_id", status.path("agent_id"))
                .<ObjectNode>set("task_id", status.path("task_id"))
                .set("uuid", status.path("uuid"));
        framework.call(call);
    }

    private static ObjectNode accept(JsonNode offer, String task, double cpus, double mem) {
        ObjectNode call = JSON.createObjectNode().put("type", "ACCEPT");
        ObjectNode accept = call.putObject("accept");
        accept.putArray("offer_ids").add(offer.path("id"));
        ObjectNode info = accept.putArray("operations")
                .addObject()
                .put("type", "LAUNCH")
                .putObject("launch")
                .putArray("task_infos")
                .addObject();
        info.put("name", task).putObject("task_id").put("value", task);
        info.set("agent_id", offer.path("agent_id"));
        info.putObject("command").put("value", "true");
        info.putArray("resources").add(scalarOf("cpus", cpus)).add(scalarOf("mem", mem));
        accept.putObject("filters").put("refuse_seconds", 0.0);
        return call;
    }

    private static ObjectNode scalarOf(String name, double value) {
        ObjectNode resource = JSON.createObjectNode().put("name", name).put("type", "SCALAR");
        resource.putObject("scalar").put("value", value);
        return resource;
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

    private static void await(String what, BooleanSupplier holds) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 15 s: " + what);
            }
            Thread.sleep(10);
        }
    }
}
