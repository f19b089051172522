package io.offerplane.operator.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MaintenanceKeeperTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final MachineId ONE = MachineId.of("one", "10.0.0.1");
    private static final MachineId TWO = new MachineId(Optional.of("two"), Optional.empty());
    private static final List<Window> WINDOWS = List.of(
            new Window(List.of(ONE), new Unavailability(NOW.plusSeconds(60), Optional.of(Duration.ofHours(1)))),
            new Window(List.of(TWO), Unavailability.from(NOW)));

    /** An engine behind its gate, without a thread. */
    private static final class Engine implements EngineGate {
        private final OfferEngine engine = new OfferEngine(new EngineConfig(
                "t",
                Duration.ofSeconds(1),
                Optional.empty(),
                Duration.ofMinutes(10),
                List.of(),
                Optional.empty(),
                true,
                10,
                10,
                1));

        @Override
        public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
            onAnswer.accept(engine.apply(command).answer());
            return true;
        }

        @Override
        public EngineView view() {
            return engine.view(NOW);
        }

        @Override
        public Instant now() {
            return NOW;
        }
    }

    private static final class Store implements MaintenanceStore {
        Map<String, String> content = Map.of();
        int writes;
        boolean isBroken;

        @Override
        public Map<String, String> read() {
            return content;
        }

        @Override
        public void write(Map<String, String> newContent) {
            if (isBroken) {
                throw new IllegalStateException("no API server");
            }
            content = newContent;
            writes++;
        }
    }

    @Test
    void theNextLeaderHasTheScheduleAndWhatIsDown() {
        Store store = new Store();
        Engine first = new Engine();
        MaintenanceKeeper keeper = new MaintenanceKeeper(store, first);
        assertThat(keeper.recovery(NOW)).isEmpty();
        keeper.keep();
        assertThat(store.writes).isZero();
        first.submit(new Command.UpdateMaintenanceSchedule(WINDOWS, NOW), answer -> {});
        first.submit(new Command.StartMaintenance(List.of(ONE), NOW), answer -> {});
        store.isBroken = true;
        assertThatThrownBy(keeper::keep).isInstanceOf(IllegalStateException.class);
        store.isBroken = false;
        keeper.keep();
        keeper.keep();
        assertThat(store.writes).isEqualTo(1);

        Engine second = new Engine();
        MaintenanceKeeper next = new MaintenanceKeeper(store, second);
        next.recovery(NOW)
                .forEach(command -> second.submit(
                        command, answer -> assertThat(answer).isInstanceOf(Decision.Answer.Accepted.class)));
        assertThat(second.view().maintenance()).isEqualTo(first.view().maintenance());
        next.keep();
        assertThat(store.writes).isEqualTo(1);
        second.submit(new Command.StopMaintenance(List.of(ONE), NOW), answer -> {});
        second.submit(new Command.UpdateMaintenanceSchedule(List.of(), NOW), answer -> {});
        next.keep();
        assertThat(new MaintenanceKeeper(store, new Engine()).recovery(NOW)).isEmpty();
    }

    @Test
    void whatCannotBeReadIsLeftOut() {
        Store store = new Store();
        store.content = Map.of(MaintenanceFacts.SCHEDULE, "{");
        assertThat(new MaintenanceKeeper(store, new Engine()).recovery(NOW)).isEmpty();
    }
}
