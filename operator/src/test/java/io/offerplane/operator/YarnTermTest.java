package io.offerplane.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.role.RolePath;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.controllers.ReconcileObserver;
import io.offerplane.operator.link.CallerIdentity;
import io.offerplane.operator.link.FakeAgentDirectory;
import io.offerplane.operator.link.InMemorySecrets;
import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.SimulatedShim;
import io.offerplane.operator.runtime.EngineLoop;
import io.offerplane.operator.runtime.TermGate;
import io.offerplane.operator.yarn.SimulatedHead;
import io.offerplane.protocol.link.v1.AttemptBegan;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.Granted;
import io.offerplane.protocol.link.v1.HeadAmount;
import io.offerplane.protocol.link.v1.HeadAsk;
import io.offerplane.protocol.link.v1.HeadAskKey;
import io.offerplane.protocol.link.v1.HeadQueue;
import io.offerplane.protocol.link.v1.NodeJoined;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.protocol.link.v1.ToHead;
import io.offerplane.protocol.link.v1.Wish;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A leader's term with YARN, over real TLS; Kubernetes' reviews of tokens are the test's. */
@Timeout(60)
class YarnTermTest {
    private static final String NODE = "node-a";
    private static final String SHIM_TOKEN = "shim on " + NODE;
    private static final String HEAD_TOKEN = "head on node-b";
    private static final String ATTEMPT = "appattempt_1_0001_000001";

    private final InMemorySecrets secrets = new InMemorySecrets();
    private final FakeAgentDirectory directory = new FakeAgentDirectory();
    private final AtomicLong numbers = new AtomicLong();
    private final TermGate gate = new TermGate(InstantSource.system());
    private final List<Throwable> broken = new CopyOnWriteArrayList<>();
    private LeaderTerm term;

    @AfterEach
    void stop() {
        term.stop();
        assertThat(broken).isEmpty();
    }

    private void start(String yarn) {
        directory.put(NODE, FakeAgentDirectory.agent("S1", NODE, 4, 4096));
        OperatorConfig config = OperatorConfig.read(
                "link: {port: 0, pingInterval: 200ms, maxMissedPings: 100}\nengine: {allocationInterval: 100ms}\nyarn: {"
                        + yarn + "}\n",
                Map.of());
        term = LeaderTerm.start(
                3,
                "term",
                config,
                new LeaderTerm.Surroundings(
                        InstantSource.system(),
                        numbers::incrementAndGet,
                        new NoFrameworks(gate),
                        new LinkCertificates(
                                secrets,
                                "offerplane",
                                Duration.ofDays(90),
                                config.yarn().enabled()),
                        token -> review(token, "shim on "),
                        token -> review(token, "head on "),
                        (engine, termId, reconciliations) ->
                                new FakeControllers(directory, List.of(), () -> true, SubscriptionPolicy.EVERYTHING),
                        new NoMark(),
                        effect -> {},
                        EngineLoop.Observer.NONE,
                        ReconcileObserver.NONE,
                        laterTerm -> {},
                        broken::add));
    }

    private static String review(String token, String account) throws CallerIdentity.Refused {
        if (!token.startsWith(account)) {
            throw new CallerIdentity.Refused("the token is of another account", false);
        }
        return token.substring(account.length());
    }

    private SimulatedHead head() throws Exception {
        return SimulatedHead.connect(term.linkPort(), secrets, HEAD_TOKEN);
    }

    private SimulatedShim shim() throws Exception {
        SimulatedShim shim = SimulatedShim.connect(term.linkPort(), secrets, SHIM_TOKEN);
        shim.register(NODE, "");
        return shim;
    }

    @Test
    void headIsToldTheQueuesAndGetsWhatItAsksForOnAgentsOfTheTerm() throws Exception {
        start("enabled: true");
        try (SimulatedHead head = head();
                SimulatedShim shim = shim()) {
            head.hello();
            ToHead welcome = head.await(ToHead::hasWelcome);
            assertThat(welcome.getTerm()).isEqualTo(3);
            assertThat(welcome.getWelcome().getQueuesList())
                    .extracting(HeadQueue::getPath)
                    .contains("root");
            head.synced();
            shim.await(ToAgent::hasRegistered);

            head.send(FromHead.newBuilder()
                    .setNodeJoined(NodeJoined.newBuilder()
                            .setNode("node-a:8041")
                            .setHost(NODE + ".example")
                            .setTotal(amount(4096, 4))));
            head.send(FromHead.newBuilder()
                    .setAttemptBegan(AttemptBegan.newBuilder()
                            .setAttempt(ATTEMPT)
                            .setApplication("application_1_0001")
                            .setQueue("root.default")
                            .setUser("ada")));
            head.send(FromHead.newBuilder()
                    .setAsk(HeadAsk.newBuilder()
                            .setAttempt(ATTEMPT)
                            .setKey(HeadAskKey.newBuilder().setPriority(1))
                            .setEach(amount(512, 1))
                            .addWishes(
                                    Wish.newBuilder().setPlace("*").setCount(1).setRelaxed(true))));

            Granted granted = head.await(ToHead::hasGranted).getGranted();
            assertThat(granted.getNode()).isEqualTo("node-a:8041");
            assertThat(granted.getEach()).isEqualTo(amount(512, 1).build());
            assertThat(shim.received).as("the container is the head's to start").noneMatch(ToAgent::hasLaunchTask);
        }
    }

    @Test
    void agentsOfANewTermWaitForTheHead() throws Exception {
        start("enabled: true, headPatience: 10m");
        try (SimulatedHead head = head();
                SimulatedShim shim = shim()) {
            // The registration is on its way before the head has said anything.
            shim.await(ToAgent::hasPing);
            head.hello();
            head.await(ToHead::hasWelcome);
            assertThat(term.loop().view().agents()).isEmpty();

            head.synced();

            shim.await(ToAgent::hasRegistered);
            assertThat(term.loop().view().agents()).hasSize(1);
        }
    }

    @Test
    void agentsWaitForNoHeadWithoutYarn() throws Exception {
        start("enabled: false, headPatience: 10m");
        try (SimulatedShim shim = shim()) {
            shim.await(ToAgent::hasRegistered);
        }
    }

    @Test
    void headIsToldOfQueuesThatChange() throws Exception {
        start("enabled: true");
        try (SimulatedHead head = head()) {
            head.hello();
            head.await(ToHead::hasWelcome);
            head.synced();

            boolean taken = term.loop()
                    .submit(
                            new Command.SetRoleWeight(
                                    new RolePath("eng"), 3, term.loop().now()),
                            answer -> {});

            assertThat(taken).isTrue();
            assertThat(head.await(ToHead::hasQueues).getQueues().getQueuesList())
                    .filteredOn(queue -> queue.getPath().equals("root.eng"))
                    .extracting(HeadQueue::getWeight)
                    .containsExactly(3.0);
        }
    }

    @Test
    void shimCannotCallAsTheHead() throws Exception {
        start("enabled: true");
        try (SimulatedHead withItsOwnToken =
                        SimulatedHead.connectAs(LinkCertificates.SHIM_SECRET, term.linkPort(), secrets, SHIM_TOKEN);
                SimulatedHead withTheHeadsToken =
                        SimulatedHead.connectAs(LinkCertificates.SHIM_SECRET, term.linkPort(), secrets, HEAD_TOKEN);
                SimulatedHead withTheHeadsCertificate = SimulatedHead.connect(term.linkPort(), secrets, SHIM_TOKEN)) {
            assertThat(withItsOwnToken.awaitEnd().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(withTheHeadsToken.awaitEnd().getDescription())
                    .contains("CN=offerplane-shim (expected: CN=offerplane-yarn-head)");
            assertThat(withTheHeadsCertificate.awaitEnd().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        }
    }

    @Test
    void headCannotCallAsAShim() throws Exception {
        start("enabled: true");
        try (SimulatedShim head =
                SimulatedShim.connectAs(LinkCertificates.HEAD_SECRET, term.linkPort(), secrets, SHIM_TOKEN)) {
            assertThat(head.awaitEnd().getDescription())
                    .contains("CN=offerplane-yarn-head (expected: CN=offerplane-shim)");
        }
    }

    @Test
    void withoutYarnThereIsNeitherAServiceNorACertificateForAHead() throws Exception {
        start("enabled: false");
        assertThat(secrets.content).doesNotContainKey(LinkCertificates.HEAD_SECRET);
        try (SimulatedHead stranger =
                SimulatedHead.connectAs(LinkCertificates.SHIM_SECRET, term.linkPort(), secrets, HEAD_TOKEN)) {
            assertThat(stranger.awaitEnd().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    void endOfATermSendsTheHeadToTheNextLeader() throws Exception {
        start("enabled: true");
        try (SimulatedHead head = head()) {
            head.hello();
            head.await(ToHead::hasWelcome);

            term.stop();

            Status end = head.awaitEnd();
            assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(end.getDescription()).contains("steps down");
        }
    }

    private static HeadAmount.Builder amount(long memory, int vcores) {
        return HeadAmount.newBuilder().setMemoryMib(memory).setVcores(vcores);
    }

    /** Mesos has no part in this. */
    private record NoFrameworks(TermGate gate) implements LeaderTerm.Gateway {
        @Override
        public void deliver(Effect.ToFramework effect) {
            throw new AssertionError("meant for the head, not for Mesos: " + effect);
        }

        @Override
        public void admitBy(SubscriptionPolicy policy) {}

        @Override
        public void observe(Effect.Notice notice) {}

        @Override
        public void endStreams() {}
    }

    private static final class NoMark implements LeaderTerm.Mark {
        @Override
        public void put() {}

        @Override
        public void remove() {}
    }
}
