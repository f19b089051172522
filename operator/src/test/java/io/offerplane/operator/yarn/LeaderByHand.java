package io.offerplane.operator.yarn;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.view.EngineView;
import io.offerplane.protocol.link.v1.AttemptBegan;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.Granted;
import io.offerplane.protocol.link.v1.HeadAmount;
import io.offerplane.protocol.link.v1.HeadAsk;
import io.offerplane.protocol.link.v1.HeadAskKey;
import io.offerplane.protocol.link.v1.Holds;
import io.offerplane.protocol.link.v1.NodeJoined;
import io.offerplane.protocol.link.v1.Synced;
import io.offerplane.protocol.link.v1.ToHead;
import io.offerplane.protocol.link.v1.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The head's books on the real engine, in one thread and with a clock that moves when told to; the test is the head. */
final class LeaderByHand {
    static final Duration FAILOVER = Duration.ofMinutes(1);
    static final String APPLICATION = "application_1_0001";
    static final String ATTEMPT = "appattempt_1_0001_000001";

    final OfferEngine engine;
    final HeadBooks books = new HeadBooks(FAILOVER, VcoreSize.CORE);
    final List<ToHead> sent = new ArrayList<>();
    final List<Effect> others = new ArrayList<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long connections;

    LeaderByHand(String term) {
        engine = new OfferEngine(new EngineConfig(
                term,
                Duration.ofMillis(50),
                Optional.empty(),
                Duration.ofMinutes(10),
                List.of(),
                Optional.empty(),
                true,
                100,
                10,
                42));
    }

    // --- the engine's side

    Decision.Answer apply(Command command) {
        Decision decision = engine.apply(command);
        dispatch(decision);
        return decision.answer();
    }

    private void dispatch(Decision decision) {
        for (Effect effect : decision.effects()) {
            boolean taken =
                    switch (effect) {
                        case Effect.ToFramework toFramework -> books.takes(toFramework, now);
                        case Effect.ToAgent toAgent -> books.takes(toAgent);
                        case Effect.FrameworkRemoved removed -> {
                            books.removed(removed.frameworkId(), removed.cause());
                            yield true;
                        }
                        case Effect.Notice _ -> true;
                    };
            if (!taken) {
                others.add(effect);
            }
        }
        perform();
    }

    private void perform() {
        for (List<Step> steps = books.take(); !steps.isEmpty(); steps = books.take()) {
            for (Step step : steps) {
                switch (step) {
                    case Step.Send(ToHead message) -> sent.add(message);
                    case Step.Tell(Command command) -> apply(command);
                    case Step.Subscribe subscribe -> {
                        Decision decision = engine.apply(subscribe.command());
                        books.subscribed(subscribe.application(), decision.answer());
                        dispatch(decision);
                    }
                    case Step.Ask ask -> {
                        Decision decision = engine.apply(ask.command());
                        books.asked(ask.application(), ask.key(), ask.issued(), now);
                        dispatch(decision);
                    }
                }
            }
        }
    }

    void pass(Duration time) {
        now = now.plus(time);
        apply(new Command.Tick(now));
        books.passed(now);
        perform();
    }

    AgentId agent(String host, double cpus, double memory) {
        AgentId id = new AgentId(host + "-S");
        apply(books.withContainers(new Command.RegisterAgent(
                id,
                new AgentSpec(host, "10.0.0.1", 5051, host, "pool", List.of(), Optional.empty(), "1"),
                Resources.scalars(Map.of("cpus", Quantity.of(cpus), "mem", Quantity.of(memory))),
                List.of(),
                List.of(),
                1,
                now)));
        return id;
    }

    double allocatedCpus() {
        double cpus = 0;
        for (EngineView.AgentView agent : engine.view(now).agents()) {
            cpus += agent.allocated().scalars().get("cpus").units();
        }
        return cpus;
    }

    Optional<EngineView.FrameworkView> framework(String id) {
        return engine.view(now).frameworks().stream()
                .filter(framework -> framework.id().equals(new FrameworkId(id)))
                .findFirst();
    }

    // --- the head's side

    long open(String incarnation) {
        books.opened(incarnation, ++connections);
        perform();
        return connections;
    }

    void close(long connection) {
        books.closed(connection, now);
        perform();
    }

    void hear(FromHead.Builder message) {
        FromHead whole = message.build();
        HeadMessages.fault(whole).ifPresent(fault -> {
            throw new AssertionError(fault);
        });
        books.heard(whole, now);
        perform();
    }

    void synced() {
        hear(FromHead.newBuilder().setSynced(Synced.newBuilder()));
        cycle();
    }

    private void cycle() {
        pass(Duration.ofMillis(100));
    }

    void node(String host) {
        hear(FromHead.newBuilder()
                .setNodeJoined(NodeJoined.newBuilder()
                        .setNode(host + ":1")
                        .setHost(host)
                        .setTotal(amount(4096, 8))));
    }

    void attempt(String queue) {
        attempt(APPLICATION, ATTEMPT, queue);
    }

    void attempt(String application, String attempt, String queue) {
        hear(FromHead.newBuilder()
                .setAttemptBegan(AttemptBegan.newBuilder()
                        .setApplication(application)
                        .setAttempt(attempt)
                        .setQueue(queue)
                        .setUser("ada")));
    }

    void ask(int count, long seen, long answered) {
        hear(FromHead.newBuilder()
                .setAsk(HeadAsk.newBuilder()
                        .setAttempt(ATTEMPT)
                        .setKey(HeadAskKey.newBuilder().setPriority(1))
                        .setEach(amount(512, 1))
                        .setGrantsSeen(seen)
                        .setGrantsAnswered(answered)
                        .addWishes(
                                Wish.newBuilder().setPlace("*").setCount(count).setRelaxed(true))));
        cycle();
    }

    void holds(String container, String grant, String host) {
        hear(FromHead.newBuilder()
                .setHolds(Holds.newBuilder()
                        .setContainer(container)
                        .setGrant(grant)
                        .setAttempt(ATTEMPT)
                        .setApplication(APPLICATION)
                        .setKey(HeadAskKey.newBuilder().setPriority(1))
                        .setNode(host + ":1")
                        .setEach(amount(512, 1))));
    }

    List<Granted> grants() {
        return sent.stream().filter(ToHead::hasGranted).map(ToHead::getGranted).toList();
    }

    List<String> lost() {
        return sent.stream()
                .filter(ToHead::hasContainerLost)
                .map(message -> message.getContainerLost().getContainer())
                .toList();
    }

    List<String> removed() {
        return sent.stream()
                .filter(ToHead::hasApplicationRemoved)
                .map(message -> message.getApplicationRemoved().getApplication())
                .toList();
    }

    static HeadAmount amount(long memory, int vcores) {
        return HeadAmount.newBuilder().setMemoryMib(memory).setVcores(vcores).build();
    }
}
