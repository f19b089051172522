package io.offerplane.engine.simulation;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The auditor's own ledger: lists, gone through from end to end. */
final class Books {
    final Map<AgentId, AgentBooks> agents = new LinkedHashMap<>();
    final Map<FrameworkId, FrameworkBooks> frameworks = new LinkedHashMap<>();
    final Map<OfferId, Offer> offers = new LinkedHashMap<>();
    final List<Refusal> refusals = new ArrayList<>();
    final Map<RolePath, Quota> quotas = new LinkedHashMap<>();
    final Map<RolePath, Boolean> reclaimable = new LinkedHashMap<>();
    final Set<FrameworkId> ended = new HashSet<>();

    static final class AgentBooks {
        Resources granted = Resources.EMPTY;
        Resources oversubscribed = Resources.EMPTY;
        Resources dynamic = Resources.EMPTY;
        Resources total = Resources.EMPTY;
        boolean counted;
        boolean connected;
        boolean deactivated;
        boolean cordoned;
        long connection;
        Instant deadline;
        final Map<SimulatedAgent.Key, TaskBooks> tasks = new LinkedHashMap<>();

        /** Told to be gone with the machine, or given up unstarted, though the node may not have heard of it. */
        final Set<SimulatedAgent.Key> writtenOff = new HashSet<>();

        /** Each reservation and volume takes the place of what it was made of; volumes first, as they are whole or not there. */
        void grant(Resources newlyGranted) {
            granted = newlyGranted;
            total = newlyGranted;
            for (boolean volumes : new boolean[] {true, false}) {
                dynamic.bound().forEach((terms, amounts) -> {
                    if (terms.volume().isPresent() == volumes) {
                        Resources wanted = Resources.of(amounts);
                        Resources there = Resources.of(total.under(origin(terms)));
                        Resources fits = wanted.minusToZero(wanted.minusToZero(there));
                        if (volumes && !fits.equals(wanted)) {
                            fits = Resources.EMPTY;
                        }
                        total = total.minus(Resources.of(origin(terms), fits.free()))
                                .plus(Resources.of(terms, fits.free()));
                    }
                });
            }
            total = total.plus(oversubscribed);
        }

        private static Terms origin(Terms terms) {
            List<Reservation> fixed = terms.reservations().stream()
                    .filter(layer -> layer.kind() == Reservation.Kind.STATIC)
                    .toList();
            return new Terms(fixed, Optional.empty(), false, false);
        }

        void change(Resources from, Resources to) {
            total = total.minus(from).plus(to);
            dynamic = dynamic.minusToZero(from).plus(to.on(terms -> !terms.equals(origin(terms))));
        }

        Resources allocated() {
            Resources sum = Resources.EMPTY;
            for (TaskBooks task : tasks.values()) {
                if (task.live) {
                    sum = sum.plus(task.resources);
                }
            }
            return sum;
        }
    }

    static final class TaskBooks {
        final Resources resources;
        final RolePath role;
        boolean live = true;

        /** Containers are granted before they are started. */
        boolean started = true;

        Set<String> tags = Set.of();
        StatusUpdate forwarded;

        TaskBooks(Resources resources, RolePath role) {
            this.resources = resources;
            this.role = role;
        }
    }

    static final class AskBooks {
        final Ask ask;
        int left;

        AskBooks(Ask ask) {
            this.ask = ask;
            left = ask.count();
        }
    }

    static final class FrameworkBooks {
        boolean connected;
        boolean refines;
        boolean takesRevocable;
        long connection;
        Instant deadline;
        Duration timeout = Duration.ZERO;
        List<RolePath> roles = List.of();
        Set<RolePath> suppressed = new HashSet<>();
        boolean isAsking;
        final Map<AskKey, AskBooks> asks = new LinkedHashMap<>();
        final Set<String> avoided = new HashSet<>();
    }

    record Refusal(FrameworkId framework, RolePath role, AgentId agent, Resources refused, Instant until) {
        boolean forbids(Offer offer, Instant now) {
            return now.isBefore(until)
                    && framework.equals(offer.frameworkId())
                    && role.equals(offer.role())
                    && agent.equals(offer.agentId())
                    && refused.contains(offer.resources());
        }
    }

    /** What counts towards a role's quota: what is reserved in its subtree, and what offers and tasks there hold of what is free. */
    long consumed(RolePath role, String name) {
        long sum = 0;
        for (AgentBooks agent : agents.values()) {
            for (var entry : agent.total.bound().entrySet()) {
                if (entry.getKey().isReserved()
                        && isWithin(entry.getKey().reservations().getLast().role(), role)) {
                    sum += entry.getValue().scalars().milli(name);
                }
            }
            for (TaskBooks task : agent.tasks.values()) {
                if (task.live && isWithin(task.role, role)) {
                    sum += task.resources.free().scalars().milli(name);
                }
            }
        }
        for (Offer offer : offers.values()) {
            if (isWithin(offer.role(), role)) {
                sum += offer.resources().free().scalars().milli(name);
            }
        }
        return sum;
    }

    static boolean isWithin(RolePath role, RolePath above) {
        return (role + "/").startsWith(above + "/");
    }

    /** By the role's own word, or that of the nearest above it that says something. */
    boolean isReclaimable(RolePath role) {
        Boolean own = reclaimable.get(role);
        if (own != null) {
            return own;
        }
        return role.isNested() && isReclaimable(role.parent());
    }

    /** Free and on offer to nobody, on agents that may be offered. */
    long idle(String name) {
        long sum = 0;
        for (Map.Entry<AgentId, AgentBooks> entry : agents.entrySet()) {
            AgentBooks agent = entry.getValue();
            if (agent.connected && !agent.deactivated && !agent.cordoned) {
                Resources left = agent.total.minusToZero(agent.allocated()).minusToZero(offeredOf(entry.getKey()));
                sum += left.free().scalars().milli(name);
            }
        }
        return sum;
    }

    /** What top-level roles still lack of what they are guaranteed. */
    long required(String name) {
        long sum = 0;
        for (Map.Entry<RolePath, Quota> entry : quotas.entrySet()) {
            sum += Math.max(0, entry.getValue().guarantees().milli(name) - consumed(entry.getKey(), name));
        }
        return sum;
    }

    void clear() {
        quotas.clear();
        reclaimable.clear();
        agents.clear();
        frameworks.clear();
        offers.clear();
        refusals.clear();
    }

    FrameworkBooks framework(FrameworkId id) {
        return frameworks.computeIfAbsent(id, i -> new FrameworkBooks());
    }

    TaskBooks task(AgentId agent, FrameworkId framework, TaskId task) {
        AgentBooks books = agents.get(agent);
        return books == null ? null : books.tasks.get(new SimulatedAgent.Key(framework, task));
    }

    boolean isRunning(SimulatedAgent.Key key) {
        return agents.values().stream().anyMatch(agent -> agent.tasks.containsKey(key));
    }

    Set<TaskId> tasksOf(FrameworkId framework) {
        Set<TaskId> found = new HashSet<>();
        agents.values().forEach(agent -> agent.tasks.keySet().stream()
                .filter(key -> key.framework().equals(framework))
                .forEach(key -> found.add(key.task())));
        return found;
    }

    Resources offeredOf(AgentId agent) {
        return offers.values().stream()
                .filter(offer -> offer.agentId().equals(agent))
                .map(Offer::resources)
                .reduce(Resources.EMPTY, Resources::plus);
    }
}
