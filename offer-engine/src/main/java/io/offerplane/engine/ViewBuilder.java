package io.offerplane.engine;

import io.offerplane.engine.FrameworkBook.Completed;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.engine.view.EngineView.ApplicationView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.engine.view.EngineView.OfferCounts;
import io.offerplane.engine.view.EngineView.SetAsideView;
import io.offerplane.engine.view.EngineView.TaskView;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Copies the books into an immutable picture. */
final class ViewBuilder {
    private final Cluster cluster;
    private final Explanation explanation;
    private final AskHeadroom headrooms;

    ViewBuilder(Cluster cluster, Explanation explanation) {
        this.cluster = cluster;
        this.explanation = explanation;
        headrooms = new AskHeadroom(cluster);
    }

    EngineView build(Instant at) {
        explanation.begin();
        return new EngineView(
                at,
                cluster.agents.values().stream()
                        .sorted(Comparator.comparing(agent -> agent.id))
                        .map(ViewBuilder::agent)
                        .toList(),
                cluster.frameworks.all().stream()
                        .map(framework -> framework(framework, Optional.empty()))
                        .toList(),
                cluster.frameworks.completed().stream().map(this::completed).toList(),
                new RoleViews(cluster).build(),
                explanation.rejections(),
                MaintenanceViews.schedule(cluster.maintenance),
                new Diagnostics(cluster, explanation).build());
    }

    private static AgentView agent(Agent agent) {
        return new AgentView(
                agent.id,
                agent.spec,
                agent.phase,
                agent.deactivated || agent.cordoned,
                agent.ledger.total(),
                agent.dynamic,
                agent.ledger.allocated(),
                agent.ledger.offered(),
                agent.ledger.shortfall(),
                agent.registered,
                agent.reregistered,
                MaintenanceViews.of(agent),
                Optional.ofNullable(agent.setAside)
                        .map(setAside -> new SetAsideView(
                                setAside.subscription().framework.id,
                                setAside.subscription().role,
                                setAside.need(),
                                setAside.until())));
    }

    private FrameworkView completed(Completed completed) {
        return framework(completed.framework(), Optional.of(completed.at()));
    }

    private FrameworkView framework(Framework framework, Optional<Instant> unregistered) {
        TreeSet<RolePath> suppressed = new TreeSet<>();
        framework.subscriptions.values().stream()
                .filter(subscription -> subscription.suppressed)
                .forEach(subscription -> suppressed.add(subscription.role));
        return new FrameworkView(
                framework.id,
                framework.spec,
                framework.connected,
                framework.connected,
                framework.recovered,
                framework.registered,
                framework.reregistered,
                unregistered,
                framework.failoverDeadline,
                suppressed,
                allocated(framework),
                offered(framework),
                framework.offers.stream().map(offer -> offer.offer).toList(),
                framework.inverseOffers.values().stream()
                        .map(offer -> offer.offer)
                        .toList(),
                tasks(framework.tasks.values()),
                tasks(framework.unreachableTasks.values()),
                tasks(framework.completedTasks),
                new OfferCounts(
                        framework.offersSent,
                        framework.offersAccepted,
                        framework.offersDeclined,
                        framework.offersRescinded),
                framework.failovers,
                Optional.ofNullable(framework.application)
                        .map(application -> new ApplicationView(
                                application.asks.values().stream()
                                        .map(PendingAsk::rest)
                                        .toList(),
                                new TreeSet<>(application.avoided),
                                headrooms.of(framework),
                                application.admitted)));
    }

    private static Resources allocated(Framework framework) {
        return framework.subscriptions.values().stream()
                .map(RoleViews::allocated)
                .reduce(Resources.EMPTY, Resources::plus);
    }

    private static Resources offered(Framework framework) {
        return framework.offers.stream().map(offer -> offer.offer.resources()).reduce(Resources.EMPTY, Resources::plus);
    }

    private static List<TaskView> tasks(Collection<Task> tasks) {
        return tasks.stream()
                .map(task -> new TaskView(
                        task.framework().id, task.spec, task.agentId, task.charged.role, task.state, task.statuses()))
                .toList();
    }
}
