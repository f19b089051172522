package io.offerplane.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class QueueQuotasTest {
    private final Gate gate = new Gate();
    private final QueueQuotas quotas = new QueueQuotas(gate, role -> {});

    /** The real engine, asked at once; can be full. */
    private static final class Gate implements EngineGate {
        private final OfferEngine engine = new OfferEngine(new EngineConfig(
                "term",
                Duration.ofSeconds(1),
                Optional.empty(),
                Duration.ofMinutes(10),
                List.of(),
                Optional.empty(),
                true,
                10,
                10,
                1));
        private final List<RolePath> asked = new ArrayList<>();
        private boolean full;

        @Override
        public boolean submit(Command command, Consumer<Decision.Answer> onAnswer) {
            if (full) {
                return false;
            }
            if (command instanceof Command.SetQuotas set) {
                set.quotas().forEach(quota -> asked.add(quota.role()));
            }
            onAnswer.accept(engine.apply(command).answer());
            return true;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public EngineView view() {
            return engine.view(now());
        }

        private Quota quota(String role) {
            return view().roles().stream()
                    .filter(known -> known.role().value().equals(role))
                    .map(EngineView.RoleView::quota)
                    .findFirst()
                    .orElse(Quota.NONE);
        }

        private long guaranteed(String role) {
            return quota(role).guarantees().milli("cpus");
        }
    }

    private static Queue queue(String path, int generation, int guaranteed, int limit) {
        Queue queue = new Queue();
        queue.setMetadata(new ObjectMetaBuilder()
                .withName(path)
                .withUid(path)
                .withGeneration((long) generation)
                .build());
        queue.setSpec(new QueueSpec(path, null, null, cpus(guaranteed), cpus(limit), null, null, null));
        return queue;
    }

    private static Map<String, Quantity> cpus(int amount) {
        return amount == 0 ? Map.of() : Map.of("cpu", new Quantity(Integer.toString(amount)));
    }

    private void settle(Queue... queues) {
        int before;
        int rounds = 0;
        do {
            before = gate.asked.size();
            assertThat(quotas.keep(List.of(queues))).isTrue();
            assertThat(rounds++).as("it comes to rest").isLessThan(10);
        } while (gate.asked.size() > before);
    }

    @Test
    void parentsComeFirstWhenThereIsMoreAndLastWhenThereIsLess() {
        settle(queue("root.a.b.c", 1, 1, 0), queue("root.a", 1, 3, 0), queue("root.a.b", 1, 2, 0));
        assertThat(gate.asked).containsExactly(new RolePath("a"), new RolePath("a/b"), new RolePath("a/b/c"));
        gate.asked.clear();
        settle();
        assertThat(gate.asked).containsExactly(new RolePath("a/b/c"), new RolePath("a/b"), new RolePath("a"));
        assertThat(gate.view().roles()).allMatch(role -> role.quota().isNone());
    }

    @Test
    void whatIsRefusedIsNotAskedForAgainUntilSomethingMoved() {
        Queue parent = queue("root.a", 1, 2, 0);
        Queue child = queue("root.a.b", 1, 3, 5);
        settle(parent, child);
        assertThat(quotas.refusal(new RolePath("a/b"))).isPresent();
        assertThat(gate.quota("a/b").limitMilli("cpus")).hasValue(5000);
        int asked = gate.asked.size();
        settle(parent, child);
        settle(parent, child);
        assertThat(gate.asked).hasSize(asked);
        settle(queue("root.a", 2, 3, 0), child);
        assertThat(quotas.refusal(new RolePath("a/b"))).isEmpty();
        assertThat(gate.guaranteed("a/b")).isEqualTo(3000);
    }

    @Test
    void aParentThatIsLoweredTooFarKeepsItsGuaranteesAndSoDoItsChildren() {
        settle(queue("root.a", 1, 4, 0), queue("root.a.b", 1, 3, 0));
        settle(queue("root.a", 2, 2, 6), queue("root.a.b", 1, 3, 0));
        assertThat(quotas.refusal(new RolePath("a"))).isPresent();
        assertThat(gate.guaranteed("a")).isEqualTo(4000);
        assertThat(gate.quota("a").limitMilli("cpus"))
                .as("the limit holds all the same")
                .hasValue(6000);
        assertThat(gate.guaranteed("a/b")).isEqualTo(3000);
        settle(queue("root.a", 2, 2, 6), queue("root.a.b", 2, 1, 0));
        assertThat(quotas.refusal(new RolePath("a"))).isEmpty();
        assertThat(gate.guaranteed("a")).isEqualTo(2000);
    }

    @Test
    void aFullEngineIsAskedAgain() {
        Queue queue = queue("root.a", 1, 0, 2);
        gate.full = true;
        assertThat(quotas.keep(List.of(queue))).isFalse();
        gate.full = false;
        settle(queue);
        assertThat(gate.quota("a").limitMilli("cpus")).hasValue(2000);
    }

    @Test
    void quotasThatNoQueueHasAreRemoved() {
        QueueQuotas.recovery(List.of(queue("root.gone", 1, 1, 2)), gate.now())
                .forEach(command -> gate.submit(command, answer -> {}));
        assertThat(gate.quota("gone").isNone()).isFalse();
        settle();
        assertThat(gate.quota("gone").isNone()).isTrue();
    }

    @Test
    void aNewLeaderIsToldOnlyWhatItsEngineTakes() {
        List<Queue> queues = List.of(
                queue("root.a.z", 1, 2, 9),
                queue("root.a.b", 1, 2, 0),
                queue("root.orphans.child", 1, 1, 1),
                queue("root.a", 1, 3, 0));
        for (Command command : QueueQuotas.recovery(queues, gate.now())) {
            gate.submit(command, answer -> assertThat(answer).isInstanceOf(Decision.Answer.Accepted.class));
        }
        assertThat(gate.guaranteed("a")).isEqualTo(3000);
        assertThat(gate.guaranteed("a/b"))
                .as("of the same age the first by name")
                .isEqualTo(2000);
        assertThat(gate.guaranteed("a/z")).isZero();
        assertThat(gate.quota("a/z").limitMilli("cpus")).hasValue(9000);
        assertThat(gate.quota("orphans/child").isNone()).as("out of order").isTrue();
    }

    @Test
    void orderAndUsersAreTheEnginesPolicy() {
        assertThat(QueueReconciler.order(queue("root.a", 1, 0, 0))).isEmpty();
        Queue queue = queue("root.a", 1, 0, 0);
        queue.setSpec(new QueueSpec(
                "root.a", null, null, Map.of(), Map.of(), null, QueueSpec.Ordering.FIFO, new QueueSpec.Users(25, 150)));
        assertThat(QueueReconciler.order(queue))
                .contains(new QueuePolicy(
                        QueuePolicy.Ordering.FIFO,
                        25,
                        Optional.of(150),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void columnsSayWhatIsNamedAndNothingElse() {
        assertThat(QueueReconciler.display(
                        QueueQuotas.of(queue("root.a", 1, 0, 0)).limits()))
                .isNull();
        Queue queue = queue("root.a", 1, 0, 0);
        queue.setSpec(new QueueSpec(
                "root.a",
                null,
                null,
                Map.of(),
                Map.of("cpu", new Quantity("1500m"), "memory", new Quantity("160Gi"), "gold", new Quantity("0")),
                null,
                null,
                null));
        assertThat(QueueReconciler.display(QueueQuotas.of(queue).limits())).isEqualTo("1.5c/0 gold/160Gi");
    }
}
