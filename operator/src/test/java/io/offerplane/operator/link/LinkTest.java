package io.offerplane.operator.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.operator.agent.AgentDirectory.AgentRecord;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.HeldTask;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.RevocableTask;
import io.offerplane.protocol.link.v1.ToAgent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.mesos.v1.Protos;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkTest {
    private static final String NODE = "node-a";
    private static final AgentId AGENT = new AgentId("cluster-S1");
    // Patient enough that a starved machine's pauses don't pass for silence.
    private static final LinkSettings SETTINGS =
            new LinkSettings(0, Duration.ofMillis(100), 30, 1 << 20, 100, Duration.ofSeconds(3));

    private final InMemorySecrets secrets = new InMemorySecrets();
    private final RecordingGate engine = new RecordingGate();
    private final FakeAgentDirectory directory = new FakeAgentDirectory();
    private final List<Long> laterTerms = new CopyOnWriteArrayList<>();
    private AgentSessions sessions;
    private LinkServer server;

    @BeforeEach
    void start() {
        TlsIdentity identity =
                new LinkCertificates(secrets, "offerplane", Duration.ofDays(90), false).ensure(Instant.now());
        sessions = new AgentSessions(
                engine, directory, new TextMessages(), SETTINGS, new AtomicLong()::incrementAndGet, 7, laterTerms::add);
        server = LinkServer.start(
                SETTINGS,
                identity,
                List.of(new LinkServer.Served(sessions.service(), LinkCertificates.SHIM_NAME, token -> {
                    if (!token.startsWith("of ")) {
                        throw new CallerIdentity.Refused("the token isn't valid", false);
                    }
                    return token.substring(3);
                })));
    }

    @AfterEach
    void stop() {
        sessions.close();
        server.close();
    }

    /** The node's agent, with 4 cores and 8 GiB, and its shim, which has registered. */
    private SimulatedShim registeredShim() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        SimulatedShim shim = shim();
        shim.register(NODE, AGENT.value());
        shim.await(ToAgent::hasRegistered);
        return shim;
    }

    private SimulatedShim shim() throws Exception {
        return SimulatedShim.connect(server.port(), secrets, "of " + NODE);
    }

    @Test
    void shimRegistersAndIsToldItsIdAndClaim() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        try (SimulatedShim shim = shim()) {
            shim.register(NODE, "");

            ToAgent answer = shim.await(ToAgent::hasRegistered);

            assertThat(answer.getTerm()).isEqualTo(7);
            assertThat(answer.getRegistered().getAgentId()).isEqualTo(AGENT.value());
            assertThat(answer.getRegistered().getClaim().getPodUid()).isEqualTo("uid-node-a");
            assertThat(answer.getRegistered().getClaim().getCpuMilli()).isEqualTo(4000);
            Command.RegisterAgent command = engine.await(Command.RegisterAgent.class);
            assertThat(command.total()).isEqualTo(Resources.scalar("cpus", 4).plus(Resources.scalar("mem", 8192)));
            assertThat(command.spec().version()).isEqualTo("1.1");
        }
    }

    @Test
    void shimThatCameBeforeItsClaimIsRegisteredWhenThatIsGranted() throws Exception {
        try (SimulatedShim shim = shim()) {
            shim.register(NODE, "");
            shim.await(ToAgent::hasPing);
            assertThat(engine.count(Command.RegisterAgent.class)).isZero();

            directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 1, 128));

            shim.await(ToAgent::hasRegistered);
        }
    }

    @Test
    void shimWhoseClaimDoesNotComeIsSentAwayToTryAgain() throws Exception {
        try (SimulatedShim shim = shim()) {
            shim.register(NODE, "");

            Status end = shim.awaitEnd();

            assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(shim.await(ToAgent::hasRefused).getRefused().getPermanent())
                    .isFalse();
        }
    }

    @Test
    void shimMaySpeakForItsOwnNodeOnly() throws Exception {
        directory.put("node-b", FakeAgentDirectory.agent(AGENT.value(), "node-b", 1, 128));
        try (SimulatedShim shim = shim()) {
            shim.register("node-b", "");

            assertThat(shim.awaitEnd().getDescription()).contains("the token is of node node-a, not of node-b");
            assertThat(engine.commands).isEmpty();
        }
    }

    @Test
    void callerWithoutTokenOrWithAWrongOneIsUnauthenticated() throws Exception {
        try (SimulatedShim without = SimulatedShim.connect(server.port(), secrets, null);
                SimulatedShim wrong = SimulatedShim.connect(server.port(), secrets, "forged")) {
            assertThat(without.awaitEnd().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(wrong.awaitEnd().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        }
    }

    @Test
    void callerWithoutCertificateGetsNoConnection() throws Exception {
        try (SimulatedShim shim = SimulatedShim.connectBare(server.port(), secrets, "of " + NODE)) {
            assertThat(shim.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(engine.commands).isEmpty();
        }
    }

    @Test
    void heldTasksReachTheEngine() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        try (SimulatedShim shim = shim()) {
            shim.send(FromAgent.newBuilder()
                    .setRegister(SimulatedShim.registration(NODE, AGENT.value())
                            .addTasks(HeldTask.newBuilder()
                                    .setFrameworkId("f1")
                                    .setTaskInfo(ByteString.copyFromUtf8("t1"))
                                    .setRole("eng/ads")
                                    .setLatestState("TASK_RUNNING"))));

            Command.RegisterAgent command = engine.await(Command.RegisterAgent.class);

            assertThat(command.tasks()).hasSize(1);
            assertThat(command.tasks().getFirst().state()).isEqualTo(TaskState.RUNNING);
            assertThat(command.tasks().getFirst().role().value()).isEqualTo("eng/ads");
        }
    }

    @Test
    void registrationThatMakesNoSenseIsRefusedForGood() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        try (SimulatedShim shim = shim()) {
            shim.send(FromAgent.newBuilder()
                    .setRegister(SimulatedShim.registration(NODE, AGENT.value())
                            .addTasks(HeldTask.newBuilder()
                                    .setFrameworkId("f1")
                                    .setRole("*")
                                    .setLatestState("RUNS"))));

            assertThat(shim.awaitEnd().getDescription()).contains("task state: RUNS (expected: such as TASK_RUNNING)");
        }
    }

    @Test
    void updatesGoUpAndOrdersGoDownInOrder() throws Exception {
        try (SimulatedShim shim = registeredShim()) {
            shim.send(FromAgent.newBuilder()
                    .setStatusUpdate(io.offerplane.protocol.link.v1.StatusUpdate.newBuilder()
                            .setFrameworkId("f1")
                            .setTaskStatus(ByteString.copyFromUtf8("t1"))
                            .setLatestState("TASK_FINISHED")));

            Command.UpdateTask update = engine.await(Command.UpdateTask.class);
            assertThat(update.agentId()).isEqualTo(AGENT);
            assertThat(update.update().agentId()).contains(AGENT);
            assertThat(update.latestState()).isEqualTo(TaskState.FINISHED);

            FrameworkId framework = new FrameworkId("f1");
            UUID uuid = new UUID(1, 2);
            sessions.deliver(new Effect.AcknowledgeUpdate(AGENT, framework, new TaskId("t1"), uuid));
            for (int i = 0; i < 50; i++) {
                sessions.deliver(new Effect.KillTask(AGENT, framework, new TaskId("k" + i), Optional.empty()));
            }
            sessions.deliver(new Effect.ShutdownFramework(AGENT, framework));
            ToAgent last = shim.await(ToAgent::hasShutdownFramework);
            assertThat(last.getTerm()).isEqualTo(7);
            assertThat(shim.await(ToAgent::hasAcknowledgeUpdate)
                            .getAcknowledgeUpdate()
                            .getUuid()
                            .size())
                    .isEqualTo(16);
            assertThat(shim.received.stream()
                            .filter(ToAgent::hasKillTask)
                            .map(message -> message.getKillTask().getTaskId())
                            .toList())
                    .isEqualTo(java.util.stream.IntStream.range(0, 50)
                            .mapToObj(i -> "k" + i)
                            .toList());
        }
    }

    @Test
    void newestStreamOfANodeWins() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        try (SimulatedShim first = shim();
                SimulatedShim second = shim()) {
            first.register(NODE, AGENT.value());
            first.await(ToAgent::hasRegistered);

            second.register(NODE, AGENT.value());

            second.await(ToAgent::hasRegistered);
            assertThat(first.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
            sessions.deliver(new Effect.ShutdownFramework(AGENT, new FrameworkId("f1")));
            second.await(ToAgent::hasShutdownFramework);
            // What is said of the old stream names the old stream, so that the engine can tell.
            Command.DisconnectAgent disconnect = engine.await(Command.DisconnectAgent.class);
            List<Long> connections = registeredConnections();
            assertThat(disconnect.connection())
                    .isEqualTo(connections.getFirst())
                    .isLessThan(connections.getLast());
        }
    }

    @Test
    void streamThatRegistersLastHasTheHighestNumberThoughItOpenedFirst() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        try (SimulatedShim opensFirst = shim()) {
            opensFirst.await(ToAgent::hasPing);
            try (SimulatedShim opensSecond = shim()) {
                opensSecond.register(NODE, AGENT.value());
                opensSecond.await(ToAgent::hasRegistered);

                opensFirst.register(NODE, AGENT.value());

                assertThat(opensSecond.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
                opensFirst.await(ToAgent::hasRegistered);
                // The engine refuses a registration with a lower number than the last one's.
                assertThat(registeredConnections()).hasSize(2).isSorted();
            }
        }
    }

    /** In the order in which the engine was asked to take them. */
    private List<Long> registeredConnections() {
        return engine.commands.stream()
                .filter(Command.RegisterAgent.class::isInstance)
                .map(command -> ((Command.RegisterAgent) command).connection())
                .toList();
    }

    @Test
    void changeOfTheClaimReachesEngineAndShim() throws Exception {
        try (SimulatedShim shim = registeredShim()) {
            directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 2, 4096));

            Claim told = shim.await(ToAgent::hasClaimChanged).getClaimChanged().getClaim();
            assertThat(told.getCpuMilli()).isEqualTo(2000);
            // What is offered, in Mesos' own form, for the agent's own endpoints.
            assertThat(Protos.Resource.parseFrom(told.getResources(0))
                            .getScalar()
                            .getValue())
                    .isEqualTo(2);
            assertThat(Protos.Resource.parseFrom(told.getResources(1)).getName())
                    .isEqualTo("mem");
            assertThat(engine.await(Command.UpdateAgent.class).total())
                    .isEqualTo(Resources.scalar("cpus", 2).plus(Resources.scalar("mem", 4096)));
        }
    }

    @Test
    void lostClaimLeavesNothingToOffer() throws Exception {
        try (SimulatedShim _ = registeredShim()) {
            directory.remove(NODE);

            assertThat(engine.await(Command.UpdateAgent.class).total()).isEqualTo(Resources.EMPTY);
        }
    }

    @Test
    void drainedAgentIsCordonedBeforeItRegistersAndUncordonedAfterwards() throws Exception {
        AgentRecord agent = FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192);
        directory.put(NODE, new AgentRecord(agent.id(), agent.spec(), agent.granted(), agent.claim(), true));
        try (SimulatedShim shim = shim()) {
            shim.register(NODE, AGENT.value());
            shim.await(ToAgent::hasRegistered);
            assertThat(engine.commands.getFirst()).isInstanceOf(Command.CordonAgent.class);

            directory.put(NODE, agent);

            engine.await(Command.UncordonAgent.class);
        }
    }

    @Test
    void brokenLinkDisconnectsAndLongSilenceMakesUnreachable() throws Exception {
        registeredShim().close();

        engine.await(Command.DisconnectAgent.class);
        assertThat(engine.await(Command.MarkAgentUnreachable.class).agentId()).isEqualTo(AGENT);
        assertThat(sessions.linked()).isZero();
    }

    @Test
    void shimThatAnswersNoPingsLosesItsStream() throws Exception {
        try (SimulatedShim shim = registeredShim()) {
            shim.answersPings = false;

            assertThat(shim.awaitEnd().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            engine.await(Command.DisconnectAgent.class);
        }
    }

    @Test
    void agentThatReturnsInTimeIsNotUnreachable() throws Exception {
        registeredShim().close();
        engine.await(Command.DisconnectAgent.class);
        try (SimulatedShim again = shim()) {
            again.register(NODE, AGENT.value());
            again.await(ToAgent::hasRegistered);
            int pings = SETTINGS.maxMissedPings() + 2;
            again.await(
                    message -> again.received.stream().filter(ToAgent::hasPing).count() >= pings);

            assertThat(engine.count(Command.MarkAgentUnreachable.class)).isZero();
        }
    }

    @Test
    void agentThatWasMarkedGoneIsRefusedForGood() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        engine.answer = new Decision.Answer.Refused(Decision.Answer.Reason.AGENT_REMOVED, "Agent has been marked gone");
        try (SimulatedShim shim = shim()) {
            shim.register(NODE, AGENT.value());

            assertThat(shim.await(ToAgent::hasRefused).getRefused().getPermanent())
                    .isTrue();
            assertThat(shim.awaitEnd().getDescription()).isEqualTo("Agent has been marked gone");
        }
    }

    @Test
    void registrationWaitsWhileTheEngineIsBusy() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        engine.busy = true;
        try (SimulatedShim shim = shim()) {
            shim.register(NODE, AGENT.value());
            shim.await(ToAgent::hasPing);
            engine.busy = false;

            shim.await(ToAgent::hasRegistered);
        }
    }

    @Test
    void shimThatHasSeenALaterTermIsNotServedAndTheTermIsReported() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        try (SimulatedShim shim = shim()) {
            shim.send(FromAgent.newBuilder()
                    .setRegister(SimulatedShim.registration(NODE, AGENT.value()).setHighestTerm(9)));

            assertThat(shim.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(laterTerms).containsExactly(9L);
            assertThat(engine.commands).isEmpty();
        }
    }

    @Test
    void certificatesAreReplacedUnderOpenStreams() throws Exception {
        directory.put(NODE, FakeAgentDirectory.agent(AGENT.value(), NODE, 4, 8192));
        try (SimulatedShim before = shim()) {
            before.register(NODE, AGENT.value());
            before.await(ToAgent::hasRegistered);

            Instant later = Instant.now().plus(Duration.ofDays(61));
            server.replaceIdentity(
                    new LinkCertificates(secrets, "offerplane", Duration.ofDays(90), false).ensure(later));

            sessions.deliver(new Effect.ShutdownFramework(AGENT, new FrameworkId("f1")));
            before.await(ToAgent::hasShutdownFramework);
        }
    }

    private static Protos.Resource.Builder revocable(String name, double amount) {
        return Protos.Resource.newBuilder()
                .setName(name)
                .setType(Protos.Value.Type.SCALAR)
                .setScalar(Protos.Value.Scalar.newBuilder().setValue(amount))
                .setRevocable(Protos.Resource.RevocableInfo.getDefaultInstance());
    }

    private static void report(SimulatedShim shim, Protos.Resource.Builder... lent) {
        NodeReport.Builder report = NodeReport.newBuilder();
        for (Protos.Resource.Builder resource : lent) {
            report.addOversubscribed(resource.build().toByteString());
        }
        shim.send(FromAgent.newBuilder().setNodeReport(report));
    }

    private List<Resources> lent() {
        return engine.commands.stream()
                .filter(Command.SetOversubscribed.class::isInstance)
                .map(command -> ((Command.SetOversubscribed) command).resources())
                .toList();
    }

    /** A marker behind all that was sent before it. */
    private void awaitHandled(SimulatedShim shim) throws Exception {
        shim.send(FromAgent.newBuilder()
                .setExecutorMessage(io.offerplane.protocol.link.v1.ExecutorMessage.newBuilder()
                        .setFrameworkId("f1")
                        .setExecutorId("e1")));
        engine.await(Command.MessageFramework.class);
        engine.commands.removeIf(Command.MessageFramework.class::isInstance);
    }

    @Test
    void whatANodeLendsIsToldToTheEngineWhenItChanges() throws Exception {
        try (SimulatedShim shim = registeredShim()) {
            report(shim);
            report(shim, revocable("cpus", 1.5), revocable("mem", 512));
            report(shim, revocable("cpus", 1.5), revocable("mem", 512));
            report(shim, revocable("cpus", 1));
            report(shim);
            awaitHandled(shim);

            Terms terms = new Terms(List.of(), Optional.empty(), false, true);
            assertThat(lent())
                    .containsExactly(
                            Resources.EMPTY,
                            Resources.scalar("cpus", 1.5)
                                    .plus(Resources.scalar("mem", 512))
                                    .onOther(free -> terms),
                            Resources.scalar("cpus", 1).onOther(free -> terms),
                            Resources.EMPTY);
        }
    }

    @Test
    void whatANodeCannotLendIsPassedOver() throws Exception {
        try (SimulatedShim shim = registeredShim()) {
            report(shim, revocable("cpus", 4.001));
            report(shim, revocable("cpus", 2).clearRevocable());
            report(shim, revocable("disk", 2));
            report(shim, revocable("cpus", -1));
            shim.send(FromAgent.newBuilder()
                    .setNodeReport(NodeReport.newBuilder().addOversubscribed(ByteString.copyFromUtf8("no resource"))));
            awaitHandled(shim);

            assertThat(lent()).isEmpty();
            report(shim, revocable("cpus", 4));
            awaitHandled(shim);
            assertThat(lent()).hasSize(1);
        }
    }

    @Test
    void aBusyEngineIsToldByTheNextReport() throws Exception {
        try (SimulatedShim shim = registeredShim()) {
            engine.busy = true;
            report(shim, revocable("cpus", 2));
            // Its report is kept before the engine is asked.
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (sessions.reportOf(NODE).isEmpty() && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(sessions.reportOf(NODE)).isPresent();
            engine.busy = false;
            report(shim, revocable("cpus", 2));

            assertThat(engine.await(Command.SetOversubscribed.class).resources().isEmpty())
                    .isFalse();
        }
    }

    @Test
    void tasksThatHoldMoreThanIsLentAreNamedToTheirNode() throws Exception {
        try (SimulatedShim shim = registeredShim()) {
            sessions.observe(new Effect.RevocableTasksExceed(
                    AGENT,
                    Resources.scalar("cpus", 1),
                    List.of(
                            new Effect.RevocableTasksExceed.HeldBy(new FrameworkId("f1"), new TaskId("late")),
                            new Effect.RevocableTasksExceed.HeldBy(new FrameworkId("f1"), new TaskId("early")))));

            assertThat(shim.await(ToAgent::hasReclaimRevocable)
                            .getReclaimRevocable()
                            .getTasksList())
                    .extracting(RevocableTask::getTaskId)
                    .containsExactly("late", "early");
        }
    }

    /** Messages whose bytes are just the task's name; the link must not care. */
    private static final class TextMessages implements MesosMessages {
        @Override
        public TaskSpec task(ByteString taskInfo, FrameworkId frameworkId) {
            return new TaskSpec(
                    new TaskId(taskInfo.toStringUtf8()),
                    "task",
                    AGENT,
                    Resources.scalar("cpus", 1),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Payload.copyOf(taskInfo.toByteArray()));
        }

        @Override
        public FrameworkSpec framework(ByteString frameworkInfo) {
            throw new IllegalArgumentException("no framework is held in these tests");
        }

        @Override
        public StatusUpdate status(ByteString taskStatus) {
            return new StatusUpdate(
                    new TaskId(taskStatus.toString(StandardCharsets.UTF_8)),
                    TaskState.FINISHED,
                    Optional.empty(),
                    Optional.empty(),
                    StatusSource.EXECUTOR,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(new UUID(3, 4)),
                    Instant.EPOCH,
                    Optional.empty(),
                    Payload.EMPTY);
        }
    }
}
