package io.offerplane.mesos.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import io.offerplane.mesos.Calls;
import io.offerplane.mesos.Credentials;
import io.offerplane.mesos.Eventually;
import io.offerplane.mesos.FakeGate;
import io.offerplane.mesos.FakeLeadership;
import io.offerplane.mesos.GatewayConfig;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MesosGateway;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.mesos.TestStream;
import io.offerplane.mesos.http.HttpLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The endpoint over real sockets, before an engine that says what the test wants. Texts are Mesos 1.11.0's. */
class SchedulerEndpointTest {
    private static final String SUBSCRIBE =
            "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"u\",\"name\":\"n\"}}}";
    private static final Protos.FrameworkID FAKE =
            Protos.FrameworkID.newBuilder().setValue("fake-0000").build();

    private final FakeGate gate = new FakeGate();
    private final FakeLeadership leadership = new FakeLeadership();
    private final AtomicLong connections = new AtomicLong();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private MesosGateway gateway = start(Credentials.NONE, Duration.ofSeconds(15));

    @BeforeAll
    static void watchForLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @AfterEach
    void close() {
        gateway.close();
        client.shutdownNow();
    }

    private MesosGateway start(Credentials credentials, Duration heartbeat) {
        return start(credentials, heartbeat, SubscriptionPolicy.EVERYTHING);
    }

    private MesosGateway start(Credentials credentials, Duration heartbeat, SubscriptionPolicy policy) {
        return MesosGateway.start(
                new GatewayConfig(
                        "127.0.0.1",
                        0,
                        "me.example",
                        "127.0.0.1",
                        0,
                        256 * 1024,
                        heartbeat,
                        1,
                        1,
                        connections::incrementAndGet,
                        credentials,
                        HttpLimits.DEFAULT,
                        Optional.empty(),
                        Map.of(),
                        GatewayConfig.QuotaAuthority.CLIENTS),
                gate,
                leadership,
                policy);
    }

    private HttpResponse<String> post(String body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(TestStream.endpoint(gateway.port()))
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void refuses(int status, String text, String body, String... headers)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = post(body, headers);
        assertThat(answer.body()).isEqualTo(text);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
    }

    @Test
    void checksInMesosOrder() throws IOException, InterruptedException {
        String json = "application/json";
        refuses(400, "Expecting 'Content-Type' to be present", "foo");
        refuses(
                415,
                "Expecting 'Content-Type' of application/json or application/x-protobuf",
                "foo",
                "Content-Type",
                "text/plain");
        refuses(400, "Failed to parse body into JSON: syntax error at line 1 near: oo", "foo", "Content-Type", json);
        refuses(400, "Failed to convert JSON into Call protobuf: Expecting a JSON object", "[]", "Content-Type", json);
        refuses(400, "Failed to parse body into Call protobuf", "{}", "Content-Type", "application/x-protobuf");
        refuses(400, "Failed to validate scheduler::Call: Expecting 'type' to be present", "{}", "Content-Type", json);
        refuses(
                400,
                "Failed to validate scheduler::Call: Expecting 'framework_id' to be present",
                "{\"type\":\"REVIVE\"}",
                "Content-Type",
                json);
        refuses(
                406,
                "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
                SUBSCRIBE,
                "Content-Type",
                json,
                "Accept",
                "text/html",
                "Mesos-Stream-Id",
                "x");
        refuses(
                400,
                "Subscribe calls should not include the 'Mesos-Stream-Id' header",
                SUBSCRIBE,
                "Content-Type",
                json,
                "mesos-stream-id",
                "x");
        refuses(
                400,
                "Framework cannot be found",
                "{\"type\":\"REVIVE\",\"framework_id\":{\"value\":\"f\"}}",
                "Content-Type",
                json);
        assertThat(gate.commands).isEmpty();
        assertThat(gateway.metrics().refusedCalls().sum()).isEqualTo(10);
    }

    @Test
    void onlyPostIsAllowed() throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(TestStream.endpoint(gateway.port()))
                        .GET()
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("POST");
        assertThat(answer.body()).isEqualTo("405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.");
    }

    @Test
    void followersSendClientsToTheLeaderBeforeTheyReadAnything() throws IOException, InterruptedException {
        leadership.leads = false;
        HttpResponse<String> answer = post("garbage");
        assertThat(answer.statusCode()).isEqualTo(307);
        assertThat(answer.headers().firstValue("Location")).contains("//leader.example:5050/master/api/v1/scheduler");
        assertThat(answer.body()).isEmpty();
        leadership.leader = Optional.empty();
        refuses(503, "No leader elected", "garbage");
        leadership.leader = Optional.of(new Leadership.Address("me", 1));
        leadership.leads = true;
        leadership.recovered = false;
        refuses(503, "Master has not finished recovery", "garbage");
    }

    @Test
    void aSubscriberGetsItsIdAHeartbeatAndFurtherHeartbeats() {
        gateway.close();
        gateway = start(Credentials.NONE, Duration.ofMillis(50));
        try (TestStream stream =
                TestStream.json(gateway.port(), Calls.subscribe().build())) {
            assertThat(stream.response().statusCode()).isEqualTo(200);
            assertThat(stream.response().headers().firstValue("Content-Type")).contains("application/json");
            assertThat(stream.response().headers().firstValue("Transfer-Encoding"))
                    .contains("chunked");
            assertThat(stream.streamId()).matches("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}");
            Event.Subscribed subscribed = stream.next(Event.Type.SUBSCRIBED).getSubscribed();
            assertThat(subscribed.getFrameworkId()).isEqualTo(FAKE);
            assertThat(subscribed.getHeartbeatIntervalSeconds()).isEqualTo(0.05);
            assertThat(subscribed.getMasterInfo().getPid()).isEqualTo("master@127.0.0.1:" + gateway.port());
            assertThat(subscribed.getMasterInfo().getIp()).isEqualTo(16777343);
            stream.next(Event.Type.HEARTBEAT);
            stream.next(Event.Type.HEARTBEAT);
        }
    }

    @Test
    void aRefusedSubscriptionIsAStreamWithOneError() {
        gate.answers =
                command -> new Decision.Answer.Refused(Decision.Answer.Reason.INVALID, "Framework has been removed");
        try (TestStream stream =
                TestStream.protobuf(gateway.port(), Calls.subscribe().build())) {
            assertThat(stream.response().statusCode()).isEqualTo(200);
            assertThat(stream.next().getError().getMessage()).isEqualTo("Framework has been removed");
            stream.awaitEnd();
        }
        Call badRoles =
                Calls.subscribe(Protos.FrameworkInfo.newBuilder().addRoles("x")).build();
        try (TestStream stream = TestStream.protobuf(gateway.port(), badRoles)) {
            assertThat(stream.next().getError().getMessage())
                    .isEqualTo("'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable");
            stream.awaitEnd();
        }
        assertThat(gate.commands).hasSize(1);
    }

    private void restartWith(SubscriptionPolicy policy) {
        gateway.close();
        gateway = start(Credentials.NONE, Duration.ofSeconds(15), policy);
    }

    private static Protos.FrameworkInfo.Builder capable(Protos.FrameworkInfo.Capability.Type... types) {
        Protos.FrameworkInfo.Builder info =
                Protos.FrameworkInfo.newBuilder().setUser("root").setName("test");
        for (Protos.FrameworkInfo.Capability.Type type : types) {
            info.addCapabilitiesBuilder().setType(type);
        }
        return info;
    }

    @Test
    void whomThePolicyRefusesGetsItsWordsAndTheEngineHearsNothing() {
        List<SubscriptionPolicy.Application> seen = new CopyOnWriteArrayList<>();
        restartWith(application -> {
            seen.add(application);
            return new SubscriptionPolicy.Ruling.Refused("Not authorized to register framework with roles { web }");
        });
        Call web = Calls.subscribe(capable(Protos.FrameworkInfo.Capability.Type.MULTI_ROLE)
                        .setId(FAKE)
                        .addRoles("web"))
                .build();
        try (TestStream stream = TestStream.protobuf(gateway.port(), web)) {
            assertThat(stream.response().statusCode()).isEqualTo(200);
            assertThat(stream.next(Event.Type.ERROR).getError().getMessage())
                    .isEqualTo("Not authorized to register framework with roles { web }");
            stream.awaitEnd();
        }
        assertThat(gate.commands).isEmpty();
        assertThat(seen).singleElement().satisfies(application -> {
            assertThat(application.id()).contains(new FrameworkId("fake-0000"));
            assertThat(application.spec().roles()).containsExactly(new RolePath("web"));
        });
    }

    @Test
    void thePolicysBoundsHoldForWhatTheEngineIsTold() throws Exception {
        restartWith(application -> new SubscriptionPolicy.Ruling.Admitted(
                Set.of(FrameworkCapability.GPU_RESOURCES), Optional.of(Duration.ofSeconds(90))));
        Call greedy = Calls.subscribe(capable(
                                Protos.FrameworkInfo.Capability.Type.GPU_RESOURCES,
                                Protos.FrameworkInfo.Capability.Type.PARTITION_AWARE)
                        .setFailoverTimeout(1e6))
                .build();
        try (TestStream stream = TestStream.protobuf(gateway.port(), greedy)) {
            stream.next(Event.Type.SUBSCRIBED);
        }
        FrameworkSpec spec = ((Command.Subscribe) gate.commands.getFirst()).spec();
        assertThat(spec.capabilities()).containsExactly(FrameworkCapability.PARTITION_AWARE);
        assertThat(spec.failoverTimeout()).isEqualTo(Duration.ofSeconds(90));
        Protos.FrameworkInfo shown = Protos.FrameworkInfo.parseFrom(spec.info().toByteArray());
        assertThat(shown.getFailoverTimeout()).isEqualTo(90);
        assertThat(shown.getCapabilitiesCount()).isEqualTo(1);
        assertThat(shown.getName()).isEqualTo("test");
    }

    @Test
    void anUpdateIsJudgedLikeASubscription() throws Exception {
        restartWith(application -> application.spec().name().equals("test")
                ? new SubscriptionPolicy.Ruling.Admitted(Set.of(), Optional.of(Duration.ofSeconds(90)))
                : new SubscriptionPolicy.Ruling.Refused("Not authorized to be called so"));
        try (TestStream stream =
                TestStream.protobuf(gateway.port(), Calls.subscribe().build())) {
            stream.next(Event.Type.SUBSCRIBED);
            HttpResponse<String> refused = stream.call(update(capable().setName("other")));
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).isEqualTo("Not authorized to be called so");
            assertThat(gate.commands).noneMatch(Command.UpdateFramework.class::isInstance);
            assertThat(stream.call(update(capable().setFailoverTimeout(5e6))).statusCode())
                    .isEqualTo(200);
        }
        assertThat(gate.commands)
                .filteredOn(Command.UpdateFramework.class::isInstance)
                .singleElement()
                .satisfies(command -> assertThat(
                                ((Command.UpdateFramework) command).spec().failoverTimeout())
                        .isEqualTo(Duration.ofSeconds(90)));
    }

    private static Call update(Protos.FrameworkInfo.Builder info) {
        return Calls.of(FAKE, Call.Type.UPDATE_FRAMEWORK)
                .setUpdateFramework(Call.UpdateFramework.newBuilder().setFrameworkInfo(info.setId(FAKE)))
                .build();
    }

    @Test
    void callsNeedTheIdOfTheStreamThatIsOpen() {
        try (TestStream stream =
                TestStream.protobuf(gateway.port(), Calls.subscribe().build())) {
            stream.next(Event.Type.SUBSCRIBED);
            String revive = "{\"type\":\"REVIVE\",\"framework_id\":{\"value\":\"fake-0000\"}}";
            refuses(
                    400,
                    "All non-subscribe calls should include the 'Mesos-Stream-Id' header",
                    revive,
                    "Content-Type",
                    "application/json");
            refuses(
                    400,
                    "The stream ID 'x' included in this request didn't match the stream ID currently associated with"
                            + " framework ID fake-0000",
                    revive,
                    "Content-Type",
                    "application/json",
                    "Mesos-Stream-Id",
                    "x");
            HttpResponse<String> accepted =
                    stream.call(Calls.of(FAKE, Call.Type.REVIVE).build());
            assertThat(accepted.statusCode()).isEqualTo(202);
            assertThat(accepted.body()).isEmpty();
            assertThat(accepted.headers().firstValue("Content-Type")).isEmpty();
            assertThat(gate.commands.getLast()).isInstanceOf(Command.Revive.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void theNewStreamOfAFrameworkEndsTheOldOneWithAnError() {
        Call again =
                Calls.subscribe(Protos.FrameworkInfo.newBuilder().setId(FAKE)).build();
        try (TestStream old = TestStream.protobuf(gateway.port(), again)) {
            old.next(Event.Type.SUBSCRIBED);
            try (TestStream young = TestStream.protobuf(gateway.port(), again)) {
                young.next(Event.Type.SUBSCRIBED);
                assertThat(old.next(Event.Type.ERROR).getError().getMessage()).isEqualTo("Framework failed over");
                old.awaitEnd();
                gateway.deliver(new Effect.SendAgentFailure(
                        new FrameworkId("fake-0000"), new io.offerplane.engine.agent.AgentId("a")));
                assertThat(young.next(Event.Type.FAILURE)
                                .getFailure()
                                .getAgentId()
                                .getValue())
                        .isEqualTo("a");
            }
        }
    }

    @Test
    void theEngineHearsOfABrokenStreamByItsNumber() {
        try (TestStream stream =
                TestStream.protobuf(gateway.port(), Calls.subscribe().build())) {
            stream.next(Event.Type.SUBSCRIBED);
        }
        long connection = ((Command.Subscribe) gate.commands.getFirst()).connection();
        Eventually.await(
                "a DisconnectFramework",
                () -> gate.commands.stream()
                        .anyMatch(command ->
                                command instanceof Command.DisconnectFramework gone && gone.connection() == connection),
                () -> gate.commands.toString());
    }

    @Test
    void aFullQueueIsSaidSo() throws IOException, InterruptedException {
        gate.full = true;
        HttpResponse<String> answer = post(SUBSCRIBE, "Content-Type", "application/json");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).startsWith("The master is busy");
        assertThat(gateway.metrics().busy().sum()).isEqualTo(1);
    }

    @Test
    void whereCredentialsAreRequiredStrangersAre401AndPrincipalsMustMatch() throws IOException, InterruptedException {
        gateway.close();
        gateway = start(
                new Credentials() {
                    @Override
                    public boolean required(Realm realm) {
                        return realm == Realm.SCHEDULER;
                    }

                    @Override
                    public boolean accepts(Realm realm, String principal, String secret) {
                        return principal.equals("p") && secret.equals("s:x");
                    }
                },
                Duration.ofSeconds(15));
        for (String header : new String[] {"", "Basic", "Basic !!!", "Basic " + basic("p:wrong"), "Bearer abc"}) {
            HttpResponse<String> answer = header.isEmpty()
                    ? post(SUBSCRIBE, "Content-Type", "application/json")
                    : post(SUBSCRIBE, "Content-Type", "application/json", "Authorization", header);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.body()).isEqualTo("401 Unauthorized.");
            assertThat(answer.headers().firstValue("WWW-Authenticate"))
                    .contains("Basic realm=\"mesos-master-scheduler\"");
        }
        refuses(
                400,
                "Authenticated principal 'p' does not match principal 'q' set in `FrameworkInfo`",
                SUBSCRIBE.replace("\"name\"", "\"principal\":\"q\",\"name\""),
                "Content-Type",
                "application/json",
                "Authorization",
                "Basic " + basic("p:s:x"));
    }

    @Test
    void whereCredentialsAreOptionalARightNameCountsAndAWrongOneIsAsNone() throws IOException, InterruptedException {
        gateway.close();
        gateway = start(
                new Credentials() {
                    @Override
                    public boolean required(Realm realm) {
                        return false;
                    }

                    @Override
                    public boolean accepts(Realm realm, String principal, String secret) {
                        return principal.equals("p") && secret.equals("s");
                    }
                },
                Duration.ofSeconds(15));
        String asQ = SUBSCRIBE.replace("\"name\"", "\"principal\":\"q\",\"name\"");
        refuses(
                400,
                "Authenticated principal 'p' does not match principal 'q' set in `FrameworkInfo`",
                asQ,
                "Content-Type",
                "application/json",
                "Authorization",
                "Basic " + basic("p:s"));
        gate.full = true;
        HttpResponse<String> nobody =
                post(asQ, "Content-Type", "application/json", "Authorization", "Basic " + basic("p:wrong"));
        assertThat(nobody.statusCode()).as("as far as the engine").isEqualTo(503);
    }

    private static String basic(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aClientThatNeverReadsIsCutOffAndNobodyElseNotices() throws IOException {
        gate.answers = command -> switch (command) {
            case Command.Subscribe subscribe ->
                new Decision.Answer.Subscribed(subscribe.frameworkId().orElse(new FrameworkId("deaf")));
            default -> new Decision.Answer.Accepted();
        };
        Call reads =
                Calls.subscribe(Protos.FrameworkInfo.newBuilder().setId(FAKE)).build();
        try (TestStream reader = TestStream.protobuf(gateway.port(), reads);
                Socket deaf = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            reader.next(Event.Type.SUBSCRIBED);
            OutputStream out = deaf.getOutputStream();
            out.write(
                    ("POST /api/v1/scheduler HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                                    + SUBSCRIBE.length() + "\r\n\r\n" + SUBSCRIBE)
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            Eventually.await(
                    "both streams", () -> gateway.metrics().http().streams.get() == 2, () -> gate.commands.toString());
            String large = "x".repeat(50_000);
            Eventually.await(
                    "the deaf stream's end",
                    () -> {
                        gateway.deliver(update("deaf", large));
                        return gateway.metrics().http().slowConsumersClosed.sum() == 1;
                    },
                    () -> "bytes written: "
                            + gateway.metrics().http().streamBytes.sum());
            gateway.deliver(update("fake-0000", "small"));
            assertThat(reader.next(Event.Type.UPDATE).getUpdate().getStatus().getMessage())
                    .isEqualTo("small");
        }
    }

    private static Effect.SendUpdate update(String framework, String message) {
        return new Effect.SendUpdate(
                new FrameworkId(framework),
                new StatusUpdate(
                        new TaskId("t"),
                        TaskState.LOST,
                        Optional.empty(),
                        Optional.empty(),
                        StatusSource.MASTER,
                        Optional.empty(),
                        Optional.of(message),
                        Optional.empty(),
                        Instant.EPOCH,
                        Optional.empty(),
                        Payload.EMPTY));
    }

    @Test
    void readOnlyPagesHaveTheirShapes() throws IOException, InterruptedException {
        assertThat(get("/version").body()).contains("\"version\":\"1.11.0\"");
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(get("/redirect").headers().firstValue("Location")).contains("//leader.example:5050");
        assertThat(get("/state").body())
                .contains(
                        "\"slaves\":[]",
                        "\"frameworks\":[]",
                        "\"completed_frameworks\":[]",
                        "\"leader\":\"master@127.0.0.1:",
                        // When this term began, not when the process did.
                        "\"elected_time\":1767225600.0,");
        assertThat(get("/master/state.json").body()).isEqualTo(get("/state").body());
        assertThat(get("/tasks?jsonp=f").body()).isEqualTo("f({\"tasks\":[]})");
        assertThat(get("/metrics/snapshot").body()).contains("\"master/elected\":1.0");
        assertThat(get("/metrics/snapshot?timeout=x").body())
                .isEqualTo("Invalid timeout 'x': Failed to convert '' to number.\n");
        leadership.leads = false;
        assertThat(get("/state?a=b").headers().firstValue("Location"))
                .contains("//leader.example:5050/master/state?a=b");
        assertThat(get("/metrics/snapshot").body()).contains("\"master/elected\":0.0");
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
