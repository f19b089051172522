package io.offerplane.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.OperationState;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The auditor is worth what it catches: each of these defects, planted between the engine and everybody else, must be found. */
class SabotageTest {
    /**
     * A defect, and the rules that may find it.
     *
     * @param seeds how many of 20 must show it
     * @param change what it makes of an effect; null when it swallows it
     */
    record Defect(String name, UnaryOperator<Effect> change, List<String> rules, int seeds) {
        static Defect of(String name, UnaryOperator<Effect> change, String... rules) {
            return new Defect(name, change, List.of(rules), 15);
        }

        /** One of maintenance, which not every run comes to. */
        static Defect ofMaintenance(String name, UnaryOperator<Effect> change, String... rules) {
            return new Defect(name, change, List.of(rules), 5);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Defect> defects() {
        return List.of(
                Defect.of(
                        "offers the same resources twice",
                        effect -> effect instanceof Effect.SendOffers sent
                                ? new Effect.SendOffers(sent.frameworkId(), doubled(sent.offers()))
                                : effect,
                        "nothing is in two offers",
                        "offers are within what is free"),
                Defect.of(
                        "sends an offer twice",
                        effect -> effect instanceof Effect.SendOffers sent
                                ? new Effect.SendOffers(
                                        sent.frameworkId(),
                                        List.of(
                                                sent.offers().getFirst(),
                                                sent.offers().getFirst()))
                                : effect,
                        "an offer id is used once"),
                Defect.of(
                        "offers more than there is",
                        effect -> effect instanceof Effect.SendOffers sent
                                ? new Effect.SendOffers(
                                        sent.frameworkId(),
                                        sent.offers().stream()
                                                .map(offer -> with(
                                                        offer, offer.resources().plus(one())))
                                                .toList())
                                : effect,
                        "what guarantees lack stays free",
                        "offers are within what is free"),
                Defect.of(
                        "launches more than was offered",
                        effect -> effect instanceof Effect.LaunchTask launch
                                ? new Effect.LaunchTask(
                                        launch.agentId(),
                                        launch.frameworkId(),
                                        launch.framework(),
                                        launch.role(),
                                        bigger(launch.task()))
                                : effect,
                        "what starts was asked for, once",
                        "tasks fit their offers"),
                Defect.of(
                        "forgets a launch",
                        effect -> effect instanceof Effect.LaunchTask ? null : effect,
                        // The latter where one of the same id in the same call was refused, and told so.
                        "who is not started is told",
                        "allocated"),
                Defect.of(
                        "splits a group",
                        effect -> effect instanceof Effect.LaunchTaskGroup group
                                        && group.tasks().size() > 1
                                ? new Effect.LaunchTaskGroup(
                                        group.agentId(),
                                        group.frameworkId(),
                                        group.framework(),
                                        group.role(),
                                        group.tasks().subList(0, 1))
                                : effect,
                        "of a group all start or none"),
                Defect.of(
                        "forgets an update",
                        effect -> effect instanceof Effect.SendUpdate sent
                                        && sent.update().uuid().isPresent()
                                ? null
                                : effect,
                        "updates go on to their framework"),
                Defect.of(
                        "forgets an acknowledgement",
                        effect -> effect instanceof Effect.AcknowledgeUpdate ? null : effect,
                        "acknowledgements go on to their agent"),
                Defect.of(
                        "offers a reservation to another role",
                        effect -> effect instanceof Effect.SendOffers sent
                                ? new Effect.SendOffers(
                                        sent.frameworkId(),
                                        sent.offers().stream()
                                                .map(offer -> with(
                                                        offer,
                                                        offer.resources()
                                                                .minus(half(offer.resources()))
                                                                .plus(half(offer.resources())
                                                                        .onOther(terms -> foreign()))))
                                                .toList())
                                : effect,
                        "reservations reach their role and those below it only"),
                Defect.of(
                        "says that a change was made which was not",
                        effect -> effect instanceof Effect.SendOperationStatus status
                                        && status.state() == OperationState.ERROR
                                ? new Effect.SendOperationStatus(
                                        status.frameworkId(),
                                        status.operationId(),
                                        OperationState.FINISHED,
                                        status.agentId(),
                                        Optional.empty(),
                                        Optional.of(new UUID(1, 1)))
                                : effect,
                        "operations act on what was offered",
                        "nothing changes on bad offers",
                        "dynamic",
                        "total"),
                Defect.ofMaintenance(
                        "asks for an agent twice",
                        effect -> effect instanceof Effect.SendInverseOffers sent
                                ? new Effect.SendInverseOffers(
                                        sent.frameworkId(),
                                        List.of(
                                                sent.offers().getFirst(),
                                                sent.offers().getFirst()))
                                : effect,
                        "one inverse offer at a time"),
                Defect.ofMaintenance(
                        "hides when an agent is to be away",
                        effect -> effect instanceof Effect.SendOffers sent
                                ? new Effect.SendOffers(
                                        sent.frameworkId(),
                                        sent.offers().stream()
                                                .map(SabotageTest::timeless)
                                                .toList())
                                : effect,
                        "offers say when their agent is to be away"),
                Defect.ofMaintenance(
                        "forgets to take inverse offers back",
                        effect -> effect instanceof Effect.RescindInverseOffer ? null : effect,
                        "an agent's inverse offers end with it",
                        "inverse offers end with the time that they name",
                        "one inverse offer at a time"),
                Defect.of(
                        "forgets to rescind",
                        effect -> effect instanceof Effect.RescindOffer ? null : effect,
                        "an agent's offers end with it",
                        "a role's offers end with it",
                        "offers end when their agent's time changes",
                        "filters hold",
                        "nothing is in two offers",
                        "offers are within what is free",
                        "offered"));
    }

    private static List<Offer> doubled(List<Offer> offers) {
        List<Offer> all = new ArrayList<>(offers);
        Offer first = offers.getFirst();
        all.add(new Offer(
                new OfferId(first.id() + "-again"),
                first.frameworkId(),
                first.role(),
                first.agentId(),
                first.agent(),
                first.resources(),
                first.unavailability(),
                first.madeAt()));
        return all;
    }

    private static Offer timeless(Offer offer) {
        return new Offer(
                offer.id(),
                offer.frameworkId(),
                offer.role(),
                offer.agentId(),
                offer.agent(),
                offer.resources(),
                offer.madeAt());
    }

    private static Offer with(Offer offer, Resources resources) {
        return new Offer(
                offer.id(),
                offer.frameworkId(),
                offer.role(),
                offer.agentId(),
                offer.agent(),
                resources,
                offer.unavailability(),
                offer.madeAt());
    }

    private static Resources half(Resources resources) {
        return resources.contains(TestCluster.resources("cpus:0.5"))
                ? TestCluster.resources("cpus:0.5")
                : Resources.EMPTY;
    }

    private static Terms foreign() {
        return Terms.reservedBy(
                new Reservation(Reservation.Kind.DYNAMIC, new RolePath("nobody"), Optional.empty(), List.of()));
    }

    private static Resources one() {
        return TestCluster.resources("cpus:1");
    }

    private static TaskSpec bigger(TaskSpec task) {
        return new TaskSpec(
                task.taskId(),
                task.name(),
                task.agentId(),
                task.resources().plus(one()),
                task.executor(),
                task.fault(),
                task.resourceFault(),
                task.info());
    }

    @ParameterizedTest
    @MethodSource("defects")
    void findsAPlantedDefect(Defect defect) {
        int found = 0;
        for (long seed = 1; seed <= 20; seed++) {
            Optional<String> rule = run(seed, defect);
            if (rule.isPresent()) {
                assertThat(defect.rules()).as(rule.get()).anyMatch(expected -> rule.get()
                        .startsWith(expected + ":"));
                found++;
            }
        }
        assertThat(found).as("of 20 seeds that showed it").isGreaterThanOrEqualTo(defect.seeds());
    }

    private static Optional<String> run(long seed, Defect defect) {
        try {
            // From the 100th decision on, so that it hits a cluster at work.
            int[] decisions = {0};
            new Simulation(
                            seed,
                            decision -> decisions[0]++ < 100 ? decision : changed(decision, defect),
                            new Sightings())
                    .run(1000);
            return Optional.empty();
        } catch (AuditFailure failure) {
            return Optional.of(failure.getMessage());
        }
    }

    private static Decision changed(Decision decision, Defect defect) {
        List<Effect> effects = new ArrayList<>();
        for (Effect effect : decision.effects()) {
            Effect next = defect.change().apply(effect);
            if (next != null) {
                effects.add(next);
            }
        }
        return new Decision(decision.answer(), effects);
    }
}
