package io.offerplane.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EngineLoopTest {
    private static final EngineLoop.Settings SETTINGS =
            new EngineLoop.Settings(4, 2, Duration.ofSeconds(1), Duration.ofMillis(10));

    private final ScriptedEngine engine = new ScriptedEngine();
    private final HandClock clock = new HandClock();
    private final List<String> order = new ArrayList<>();
    private final List<Throwable> breaks = new ArrayList<>();

    private EngineLoop loop() {
        return new EngineLoop(
                engine,
                effects -> effects.forEach(
                        effect -> order.add("effect " + ((Effect.FrameworkChanged) effect).frameworkId())),
                clock,
                SETTINGS,
                EngineLoop.Observer.NONE,
                breaks::add);
    }

    private Command command(String framework) {
        return new Command.TeardownFramework(new FrameworkId(framework), clock.instant());
    }

    @Test
    void senderIsAnsweredBeforeTheEffectsOfItsCommandLeave() {
        EngineLoop loop = loop();
        loop.submit(command("a"), answer -> order.add("answer a"));
        loop.submit(command("b"), answer -> order.add("answer b"));

        loop.doWork();

        assertThat(order).startsWith("answer a", "effect f1", "answer b", "effect f2");
    }

    @Test
    void aCopyIsTakenInItsTurnAndIsNoCommand() {
        EngineLoop loop = loop();
        loop.submit(command("a"), answer -> order.add("answer a"));
        assertThat(loop.whatIf(copy -> order.add("copy"))).isTrue();

        loop.doWork();

        assertThat(order).startsWith("answer a", "effect f1", "copy");
        assertThat(engine.copiesTaken).hasValue(1);
        assertThat(engine.applied.size() - engine.ticks()).isEqualTo(1);
    }

    @Test
    void aFullQueueTakesNoCopy() {
        EngineLoop loop = loop();
        for (int i = 0; i < 4; i++) {
            loop.submit(command("f"), answer -> {});
        }

        assertThat(loop.whatIf(copy -> order.add("never"))).isFalse();
    }

    @Test
    void batchIsBoundedAndTheRestComesNext() {
        EngineLoop loop = loop();
        for (int i = 0; i < 4; i++) {
            loop.submit(command("f"), answer -> {});
        }

        loop.doWork();

        assertThat(loop.queued()).isEqualTo(2);
    }

    @Test
    void fullQueueRefusesAndCounts() {
        EngineLoop loop = loop();
        for (int i = 0; i < 4; i++) {
            assertThat(loop.submit(command("f"), answer -> {})).isTrue();
        }

        assertThat(loop.submit(command("f"), answer -> order.add("never"))).isFalse();
        assertThat(loop.refusals()).isEqualTo(1);
        loop.doWork();
        assertThat(order).doesNotContain("never");
    }

    @Test
    void ticksWhenTheEngineIsDueButNotMoreOftenThanCoalescingAllows() {
        EngineLoop loop = loop();
        loop.doWork();
        assertThat(engine.ticks()).isZero();

        engine.nextDue = java.util.Optional.of(clock.instant());
        loop.doWork();
        assertThat(engine.ticks()).isEqualTo(1);

        engine.nextDue = java.util.Optional.of(clock.instant());
        clock.advance(Duration.ofMillis(9));
        loop.doWork();
        assertThat(engine.ticks()).isEqualTo(1);

        clock.advance(Duration.ofMillis(1));
        loop.doWork();
        assertThat(engine.ticks()).isEqualTo(2);
    }

    @Test
    void ticksAtTheAllocationIntervalWithNothingDue() {
        EngineLoop loop = loop();
        clock.advance(Duration.ofMillis(989));
        loop.doWork();
        assertThat(engine.ticks()).isZero();

        clock.advance(Duration.ofMillis(1));
        loop.doWork();

        assertThat(engine.ticks()).isEqualTo(1);
    }

    @Test
    void secondThreadMayNotDriveTheEngine() throws Exception {
        EngineLoop loop = loop();
        loop.doWork();

        Throwable thrown = CompletableFuture.supplyAsync(() -> {
                    try {
                        loop.doWork();
                        return null;
                    } catch (IllegalStateException wrong) {
                        return wrong;
                    }
                })
                .get();

        assertThat(thrown).hasMessageContaining("the engine belongs to thread");
    }

    @Test
    void readersShareAPictureWhileNothingChanges() {
        EngineLoop loop = new EngineLoop(engine, effects -> {}, clock, SETTINGS, EngineLoop.Observer.NONE, breaks::add);
        loop.start();
        try {
            apply(loop, command("a"));
            EngineView first = loop.view();

            for (int i = 0; i < 100; i++) {
                assertThat(loop.view()).isSameAs(first);
            }
        } finally {
            loop.close();
        }
    }

    @Test
    void aReaderSeesAllThatWasAppliedBeforeItAsked() {
        EngineLoop loop = new EngineLoop(engine, effects -> {}, clock, SETTINGS, EngineLoop.Observer.NONE, breaks::add);
        EngineView before = loop.view();
        loop.start();
        try {
            for (int i = 0; i < 100; i++) {
                apply(loop, command("a"));

                EngineView after = loop.view();

                assertThat(after).isNotSameAs(before);
                before = after;
            }
        } finally {
            loop.close();
        }
    }

    @Test
    void dearPicturesLeaveTheEngineNineTenthsOfItsTime() throws Exception {
        EngineLoop loop = loop();
        loop.doWork();
        engine.whileTakingAView = () -> clock.advance(Duration.ofMillis(100));
        loop.wantPicture();
        loop.doWork();
        int taken = engine.viewsTaken.get();

        loop.wantPicture();
        clock.advance(Duration.ofMillis(899));
        loop.doWork();
        assertThat(engine.viewsTaken.get()).isEqualTo(taken);

        clock.advance(Duration.ofMillis(1));
        loop.doWork();
        assertThat(engine.viewsTaken.get()).isEqualTo(taken + 1);
    }

    @Test
    void closingAppliesWhatWaitsAndTakesNoMore() throws Exception {
        EngineLoop loop = new EngineLoop(
                engine, effects -> {}, InstantSource.system(), SETTINGS, EngineLoop.Observer.NONE, breaks::add);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        loop.start();
        loop.submit(command("first"), answer -> {
            entered.countDown();
            awaitQuietly(release);
        });
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Decision.Answer> waiting = new CompletableFuture<>();
        loop.submit(command("second"), waiting::complete);

        CompletableFuture<Void> closed = CompletableFuture.runAsync(loop::close);
        while (loop.submit(command("intake is still open"), answer -> {})) {
            Thread.onSpinWait();
        }
        release.countDown();
        closed.get(10, TimeUnit.SECONDS);

        assertThat(waiting).isCompleted();
        assertThat(loop.submit(command("late"), answer -> {})).isFalse();
    }

    @Test
    void brokenEngineEndsTheLoopAndIsReportedOnce() throws Exception {
        CompletableFuture<Throwable> broken = new CompletableFuture<>();
        EngineLoop loop = new EngineLoop(
                engine, effects -> {}, InstantSource.system(), SETTINGS, EngineLoop.Observer.NONE, broken::complete);
        loop.start();
        engine.broken = true;
        loop.submit(command("a"), answer -> order.add("answered"));

        assertThat(broken.get(10, TimeUnit.SECONDS)).hasMessage("a resource in two offers");
        assertThat(loop.submit(command("b"), answer -> {})).isFalse();
        assertThat(order).isEmpty();
    }

    @Test
    void recoveryComesBeforeTheFirstCommand() {
        EngineLoop loop = loop();
        loop.submit(command("client"), answer -> {});

        loop.recover(List.of(command("recovered")));
        loop.doWork();

        assertThat(engine.applied.getFirst()).isEqualTo(command("recovered"));
        loop.start();
        assertThatThrownBy(() -> loop.recover(List.of())).isInstanceOf(IllegalStateException.class);
        loop.abandon();
    }

    @Test
    void dispatcherGoesOnAfterAReceiverThatFails() {
        EffectDispatcher dispatcher = new EffectDispatcher();
        FrameworkId bad = new FrameworkId("bad");
        FrameworkId good = new FrameworkId("good");
        List<FrameworkId> seen = new ArrayList<>();
        dispatcher.routeOtherFrameworks(effect -> {
            if (effect.frameworkId().equals(bad)) {
                throw new IllegalStateException("stream is gone");
            }
            seen.add(effect.frameworkId());
        });

        dispatcher.accept(List.of(new Effect.CloseStream(bad), new Effect.CloseStream(good)));

        assertThat(seen).containsExactly(good);
    }

    @Test
    void ownFrameworkTakesItsMessagesAndNobodyElses() {
        EffectDispatcher dispatcher = new EffectDispatcher();
        FrameworkId own = new FrameworkId("own");
        FrameworkId other = new FrameworkId("other");
        List<String> seen = new ArrayList<>();
        dispatcher.routeOwnFramework(
                effect -> effect.frameworkId().equals(own) && seen.add("own " + effect.frameworkId()));
        dispatcher.routeOtherFrameworks(effect -> seen.add("gateway " + effect.frameworkId()));

        dispatcher.accept(List.of(new Effect.CloseStream(own), new Effect.CloseStream(other)));

        assertThat(seen).containsExactly("own own", "gateway other");
    }

    @Test
    void fencedDispatcherLetsNothingOut() {
        EffectDispatcher dispatcher = new EffectDispatcher();
        List<Effect> seen = new ArrayList<>();
        dispatcher.routeOtherFrameworks(seen::add);

        dispatcher.fence();
        dispatcher.accept(List.of(new Effect.CloseStream(new FrameworkId("a"))));

        assertThat(seen).isEmpty();
    }

    @Test
    void clockStandsStillWhereTheWallStepsBack() {
        HandClock wall = new HandClock();
        MonotonicClock monotonic = new MonotonicClock(wall);
        java.time.Instant before = monotonic.instant();

        wall.advance(Duration.ofSeconds(-5));

        assertThat(monotonic.instant()).isEqualTo(before);
    }

    private static void apply(EngineLoop loop, Command command) {
        CompletableFuture<Decision.Answer> answered = new CompletableFuture<>();
        loop.submit(command, answered::complete);
        answered.join();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            var _ = latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
