package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.maintenance.DrainState;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The auditor's books of maintenance: what is scheduled, who has been asked to leave, and who has said what.
 *
 * <p>Inverse offers go only to who holds something there, one at a time, and not within a refuse time; each says when the agent is to be away, as
 * offers do; what is out ends when that changes or the agent goes.
 */
final class MaintenanceAudit {
    private final Books books;
    private final Map<MachineId, Unavailability> scheduled = new LinkedHashMap<>();
    private final Set<MachineId> down = new HashSet<>();
    private final Map<AgentId, Optional<Unavailability>> cordons = new HashMap<>();
    private final Set<AgentId> draining = new HashSet<>();
    private final Map<OfferId, InverseOffer> outstanding = new LinkedHashMap<>();
    private final Map<Holder, Instant> refusals = new HashMap<>();

    record Holder(FrameworkId framework, AgentId agent) {}

    MaintenanceAudit(Books books) {
        this.books = books;
    }

    void clear() {
        scheduled.clear();
        down.clear();
        cordons.clear();
        draining.clear();
        outstanding.clear();
        refusals.clear();
    }

    private static MachineId machine(AgentId agent) {
        return MachineId.of(agent.value(), TestCluster.agentSpec(agent.value()).ip());
    }

    boolean isDown(AgentId agent) {
        return down.contains(machine(agent));
    }

    boolean isCordoned(AgentId agent) {
        return cordons.containsKey(agent);
    }

    Optional<Unavailability> awayAt(AgentId agent) {
        Unavailability byMachine = scheduled.get(machine(agent));
        return byMachine != null ? Optional.of(byMachine) : cordons.getOrDefault(agent, Optional.empty());
    }

    // --- what commands mean

    void follow(Command command, Instant now) {
        switch (command) {
            case Command.UpdateMaintenanceSchedule update -> {
                Map<AgentId, Optional<Unavailability>> before = away();
                scheduled.clear();
                update.windows()
                        .forEach(window -> window.machines().forEach(id -> scheduled.put(id, window.unavailability())));
                forgetWhereChanged(before);
            }
            case Command.StartMaintenance start ->
                start.machines().forEach(id -> {
                    down.add(id);
                    books.agents.forEach((agent, known) -> {
                        if (machine(agent).equals(id)) {
                            takeDown(agent, known);
                        }
                    });
                });
            case Command.StopMaintenance stop -> {
                Map<AgentId, Optional<Unavailability>> before = away();
                stop.machines().forEach(id -> {
                    down.remove(id);
                    scheduled.remove(id);
                    books.agents.forEach((agent, known) -> {
                        // Also one whose link has only just broken: it counts until it is given up.
                        boolean counts = known.connected || (known.deadline != null && known.connection != 0);
                        if (machine(agent).equals(id) && counts) {
                            known.counted = true;
                            known.grant(known.granted);
                        }
                    });
                });
                forgetWhereChanged(before);
            }
            case Command.CordonAgent cordon -> {
                Map<AgentId, Optional<Unavailability>> before = away();
                cordons.put(cordon.agentId(), cordon.unavailability());
                books.agents.get(cordon.agentId()).cordoned = true;
                forgetWhereChanged(before);
            }
            case Command.UncordonAgent uncordon -> {
                Map<AgentId, Optional<Unavailability>> before = away();
                cordons.remove(uncordon.agentId());
                books.agents.get(uncordon.agentId()).cordoned = false;
                forgetWhereChanged(before);
            }
            case Command.DrainAgent drain -> {
                draining.add(drain.agentId());
                books.agents.get(drain.agentId()).deactivated = true;
            }
            case Command.ActivateAgent activate -> draining.remove(activate.agentId());
            case Command.AcceptInverseOffers accept ->
                answered(accept.frameworkId(), accept.offerIds(), accept.refuseSeconds(), now);
            case Command.DeclineInverseOffers decline ->
                answered(decline.frameworkId(), decline.offerIds(), decline.refuseSeconds(), now);
            case Command.Revive revive ->
                refusals.keySet().removeIf(holder -> holder.framework().equals(revive.frameworkId()));
            case Command.Subscribe subscribe -> subscribe.frameworkId().ifPresent(this::forget);
            case Command.DisconnectFramework disconnect -> {
                if (!books.framework(disconnect.frameworkId()).connected) {
                    forget(disconnect.frameworkId());
                }
            }
            case Command.RegisterAgent register -> forgetRefusals(register.agentId());
            case Command.UpdateAgent update -> {
                forgetRefusals(update.agentId());
                if (isDown(update.agentId())) {
                    books.agents.get(update.agentId()).granted = update.total();
                }
            }
            default -> {}
        }
    }

    void takeDown(AgentId id, Books.AgentBooks agent) {
        agent.writtenOff.addAll(agent.tasks.keySet());
        agent.counted = false;
        agent.total = Resources.EMPTY;
        agent.tasks.clear();
        books.refusals.removeIf(refusal -> refusal.agent().equals(id));
    }

    private Map<AgentId, Optional<Unavailability>> away() {
        Map<AgentId, Optional<Unavailability>> away = new HashMap<>();
        books.agents.keySet().forEach(agent -> away.put(agent, awayAt(agent)));
        return away;
    }

    private void forgetWhereChanged(Map<AgentId, Optional<Unavailability>> before) {
        before.forEach((agent, was) -> {
            if (!awayAt(agent).equals(was)) {
                forgetRefusals(agent);
            }
        });
    }

    void forgetRefusals(AgentId agent) {
        refusals.keySet().removeIf(holder -> holder.agent().equals(agent));
    }

    /** It has no stream, or another: nothing that was sent on the last one counts. */
    void forget(FrameworkId framework) {
        refusals.keySet().removeIf(holder -> holder.framework().equals(framework));
        outstanding.values().removeIf(offer -> offer.frameworkId().equals(framework));
    }

    private void answered(FrameworkId framework, List<OfferId> ids, Optional<Double> seconds, Instant now) {
        for (OfferId id : ids) {
            InverseOffer offer = outstanding.get(id);
            if (offer != null && offer.frameworkId().equals(framework)) {
                outstanding.remove(id);
                double asked = seconds.orElse(5.0);
                double held = Double.isNaN(asked) || asked < 0 ? 5 : asked;
                refusals.put(
                        new Holder(framework, offer.agentId()), now.plus(Duration.ofNanos(Math.round(held * 1e9))));
            }
        }
    }

    // --- what effects must and must not be

    void see(Effect effect, Instant now) {
        if (effect instanceof Effect.SendInverseOffers sent) {
            sent.offers().forEach(offer -> asked(sent.frameworkId(), offer, now));
        } else if (effect instanceof Effect.RescindInverseOffer rescind) {
            InverseOffer offer = outstanding.remove(rescind.offerId());
            require(
                    offer != null && offer.frameworkId().equals(rescind.frameworkId()),
                    "only inverse offers that are out are rescinded",
                    rescind);
        } else if (effect instanceof Effect.SendOffers sent) {
            sent.offers()
                    .forEach(offer -> require(
                            offer.unavailability().equals(awayAt(offer.agentId())),
                            "offers say when their agent is to be away",
                            offer));
        } else if (effect instanceof Effect.FrameworkRemoved removed) {
            forget(removed.frameworkId());
        } else if (effect instanceof Effect.DrainTask drain) {
            require(draining.contains(drain.agentId()), "only draining agents are emptied", drain);
        }
    }

    private void asked(FrameworkId to, InverseOffer offer, Instant now) {
        Books.AgentBooks agent = books.agents.get(offer.agentId());
        require(offer.frameworkId().equals(to), "inverse offers go to their framework", offer);
        require(
                Optional.of(offer.unavailability()).equals(awayAt(offer.agentId())),
                "inverse offers say when their agent is to be away",
                offer);
        require(
                agent != null && agent.connected && !agent.deactivated && !isDown(offer.agentId()),
                "inverse offers of agents that are there only",
                offer);
        boolean holds = agent.tasks.entrySet().stream()
                        .anyMatch(task -> task.getKey().framework().equals(to) && task.getValue().live)
                || books.offers.values().stream()
                        .anyMatch(out ->
                                out.frameworkId().equals(to) && out.agentId().equals(offer.agentId()));
        require(holds, "inverse offers go to who holds something there", offer);
        require(
                outstanding.values().stream()
                        .noneMatch(out ->
                                out.frameworkId().equals(to) && out.agentId().equals(offer.agentId())),
                "one inverse offer at a time",
                offer);
        Instant until = refusals.getOrDefault(new Holder(to, offer.agentId()), Instant.MIN);
        require(!now.isBefore(until), "answers to inverse offers hold their time", offer);
        outstanding.put(offer.id(), offer);
    }

    /** After a command, when all its effects have been seen. */
    void settle() {
        for (InverseOffer offer : outstanding.values()) {
            Books.AgentBooks agent = books.agents.get(offer.agentId());
            require(
                    agent != null && agent.connected && !agent.deactivated && !isDown(offer.agentId()),
                    "an agent's inverse offers end with it",
                    offer);
            require(
                    Optional.of(offer.unavailability()).equals(awayAt(offer.agentId())),
                    "inverse offers end with the time that they name",
                    offer);
        }
        books.offers
                .values()
                .forEach(offer -> require(
                        offer.unavailability().equals(awayAt(offer.agentId())),
                        "offers end when their agent's time changes",
                        offer));
    }

    void compare(EngineView.AgentView agent) {
        EngineView.MaintenanceView view = agent.maintenance();
        require(view.unavailability().equals(awayAt(agent.id())), "unavailability", agent);
        require(view.down() == isDown(agent.id()), "down", agent);
        require(view.cordoned() == isCordoned(agent.id()), "cordoned", agent);
        require(view.drain().isPresent() == draining.contains(agent.id()), "drain", agent);
        require(
                view.drain()
                                .filter(drain -> drain.state() == DrainState.DRAINED)
                                .isEmpty()
                        || books.agents.get(agent.id()).tasks.isEmpty(),
                "drained agents have nothing left",
                agent);
    }

    private static void require(boolean holds, String rule, Object detail) {
        if (!holds) {
            throw new AuditFailure(rule, detail.toString());
        }
    }
}
