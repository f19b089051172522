package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.ask.Placement.Neighbours;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.Standing;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What an application does that asks for containers: it asks, starts what it is granted on the nodes itself, or gives it back. */
final class SimulatedAsking {
    private final SimulatedFramework framework;
    private final Simulation simulation;
    private final World world;
    private final Set<TaskId> unwanted = new HashSet<>();

    SimulatedAsking(SimulatedFramework framework, Simulation simulation) {
        this.framework = framework;
        this.simulation = simulation;
        this.world = simulation.world;
    }

    /** States what is wanted now, all of it anew; in calm times only what can be had. */
    void ask() {
        List<Ask> asks = new ArrayList<>();
        for (int priority = 0; priority < 3; priority++) {
            int count = framework.demands ? world.upTo(4) : 0;
            boolean plain = !world.troubled || world.chance(0.4);
            asks.add(new Ask(
                    new AskKey(priority, 0),
                    plain ? size("cpus:0.5;mem:64") : drawSize(),
                    priority == 0 && framework.demands ? 1 + count : count,
                    plain ? Locality.ANYWHERE : drawLocality(),
                    plain ? Placement.ANY : drawPlacement(),
                    !plain && world.chance(0.2) ? Optional.of("gang") : Optional.empty(),
                    priority == 0 && world.chance(0.1)));
        }
        List<String> avoided = world.trouble(0.1) ? List.of("agent" + world.upTo(6)) : List.of();
        List<String> noLonger = world.troubled ? List.of() : hosts();
        framework.call(() -> new Command.UpdateAsks(framework.id.orElseThrow(), asks, avoided, noLonger, world.now()));
    }

    private static List<String> hosts() {
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            hosts.add("agent" + i);
        }
        return hosts;
    }

    private static ResourceQuantities size(String text) {
        return TestCluster.resources(text).scalars();
    }

    private ResourceQuantities drawSize() {
        int halves = 1 + world.upTo(4);
        return size("cpus:" + 0.5 * halves + ";mem:" + 128 * halves);
    }

    private Locality drawLocality() {
        TreeMap<String, Integer> wanted = new TreeMap<>();
        for (int i = world.upTo(3); i >= 0; i--) {
            wanted.merge("agent" + world.upTo(8), 1, Integer::sum);
        }
        return new Locality(wanted, new TreeMap<>(), world.chance(0.5));
    }

    private Placement drawPlacement() {
        Neighbours.Scope scope = world.chance(0.8) ? Neighbours.Scope.HOST : Neighbours.Scope.RACK;
        Neighbours neighbours =
                switch (world.upTo(3)) {
                    case 0 -> Neighbours.antiAffinity(scope, "web");
                    case 1 -> Neighbours.affinity(scope, "web");
                    default -> new Neighbours(scope, "web", 0, 1);
                };
        return new Placement(List.of(), world.chance(0.5) ? List.of(neighbours) : List.of(), Set.of("web"));
    }

    void granted(Effect.GrantContainers granted) {
        framework.offersSinceCalm++;
        for (Grant grant : granted.grants()) {
            framework.beliefs.put(grant.container(), new SimulatedFramework.Belief(grant.agentId()));
            if (!framework.demands || world.trouble(0.1)) {
                giveBack(grant.container());
            } else {
                world.after(world.between(0, world.trouble(0.1) ? 10 : 0.5), () -> start(granted.frameworkId(), grant));
            }
        }
    }

    private void start(FrameworkId id, Grant grant) {
        TaskSpec whole =
                TestCluster.task(grant.container().value(), grant.agentId().value(), "");
        TaskSpec task = new TaskSpec(
                whole.taskId(),
                whole.name(),
                grant.agentId(),
                resources(grant.size()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                whole.info(),
                new Standing(grant.key().priority(), grant.applicationMaster()));
        boolean known = framework.id.equals(Optional.of(id)) && !framework.ended;
        if (known
                && framework.beliefs.get(grant.container()).state == TaskState.STAGING
                && simulation.startContainer(id, framework.spec(), grant, task)) {
            return;
        }
        if (known) {
            giveBack(grant.container());
        }
    }

    private static Resources resources(ResourceQuantities size) {
        return Resources.of(new Amounts(size, new TreeMap<>(), new TreeMap<>()));
    }

    private void giveBack(TaskId container) {
        unwanted.add(container);
        release(container);
    }

    /** Of what it gives back unstarted it hears nothing more. */
    void release(TaskId container) {
        framework.callUntilHeard(() -> {
            SimulatedFramework.Belief belief = framework.beliefs.get(container);
            if (belief != null && belief.state == TaskState.STAGING) {
                belief.state = TaskState.KILLED;
            }
            return new Command.ReleaseContainers(framework.id.orElseThrow(), List.of(container), world.now());
        });
    }

    /** It is told that it still has what it gave back, or meant to. */
    void toldOf(TaskId container, TaskState state) {
        if (state == TaskState.STAGING && unwanted.contains(container)) {
            release(container);
        }
    }
}
