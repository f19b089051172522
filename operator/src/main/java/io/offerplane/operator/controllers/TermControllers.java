package io.offerplane.operator.controllers;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.agent.AgentDirectory;
import io.offerplane.operator.agent.AgentReconciler;
import io.offerplane.operator.agent.AgentRecovery;
import io.offerplane.operator.agent.CachedAgentDirectory;
import io.offerplane.operator.claim.ClaimPod;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.framework.FrameworkCredentials;
import io.offerplane.operator.framework.FrameworkFacts;
import io.offerplane.operator.framework.FrameworkReconciler;
import io.offerplane.operator.framework.FrameworkRegistrar;
import io.offerplane.operator.maintenance.ConfigMapMaintenanceStore;
import io.offerplane.operator.maintenance.MaintenanceKeeper;
import io.offerplane.operator.pool.AgentPoolReconciler;
import io.offerplane.operator.pool.PoolBootstrap;
import io.offerplane.operator.pool.ShimTemplate;
import io.offerplane.operator.queue.QueueBootstrap;
import io.offerplane.operator.queue.QueueReconciler;
import io.offerplane.operator.status.EventRecorder;
import io.offerplane.operator.status.StatusWriter;
import io.offerplane.operator.task.TaskFramework;
import io.offerplane.operator.task.TaskReconciler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The wiring of all controllers; see {@link Controllers#start}. */
final class TermControllers implements Controllers {
    private static final Logger LOG = LoggerFactory.getLogger(TermControllers.class);

    /** Reconcilers wait for the API server most of the time. */
    private static final int RECONCILER_THREADS = 8;

    private static final Duration REGISTER_INTERVAL = Duration.ofSeconds(2);

    /** After an agent's reconciliation failed, and at most between two attempts. */
    private static final Duration RETRY_FIRST = Duration.ofSeconds(1);

    private static final Duration RETRY_LAST = Duration.ofSeconds(10);

    private static final Duration MAINTENANCE_INTERVAL = Duration.ofMillis(500);

    private static final Duration WITHDRAW_INTERVAL = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final EngineGate gate;
    private final ControllersConfig config;
    private final ClusterCaches caches;
    private final CachedAgentDirectory directory;
    private final EventRecorder events;
    private final AgentReconciler agents;
    private final AgentPoolReconciler pools;
    private final QueueReconciler queues;
    private final FrameworkRegistrar registrar;
    private final FrameworkReconciler frameworks;
    private final TaskFramework taskFramework;
    private final MaintenanceKeeper maintenance;
    private final NoticeBoard notices;
    private final Operator operator;
    private final ScheduledExecutorService housekeeping = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("controllers-housekeeping").daemon(true).factory());

    TermControllers(
            KubernetesClient client, EngineGate gate, ControllersConfig config, FrameworkCredentials credentials) {
        this.client = client;
        this.gate = gate;
        this.config = config;
        InstantSource clock = InstantSource.system();
        caches = ClusterCaches.open(client);
        events = new EventRecorder(client, config.reporter());
        StatusWriter statuses = new StatusWriter(client, clock, config.statusWritesPerSecond());
        directory = new CachedAgentDirectory(caches, config.namespace(), config.version());
        agents = new AgentReconciler(
                client,
                caches,
                gate,
                directory,
                new ClaimPod.Template(
                        config.namespace(),
                        config.instance(),
                        config.version(),
                        config.shim().image(),
                        config.shim().pullPolicy()),
                statuses,
                events,
                clock);
        pools = new AgentPoolReconciler(
                client,
                caches,
                gate,
                new ShimTemplate(
                        config.namespace(),
                        config.instance(),
                        config.version(),
                        config.shim().image(),
                        config.shim().pullPolicy(),
                        config.shim().serviceAccount(),
                        config.shim().linkAddress(),
                        config.shim().linkSecret(),
                        config.shim().audience(),
                        config.shim().yarnNode(),
                        config.owners().namespaced(),
                        config.owners().clusterWide()),
                statuses,
                events,
                clock);
        queues = new QueueReconciler(caches, gate, statuses, events, clock);
        registrar = new FrameworkRegistrar(
                client,
                caches,
                new FrameworkRegistrar.Settings(
                        config.frameworks().namespace(),
                        config.frameworks().principalNamespaces(),
                        config.frameworks().createUndeclared(),
                        TaskFramework.ID));
        frameworks = new FrameworkReconciler(client, caches, gate, registrar, credentials, statuses, events, clock);
        AtomicReference<@Nullable TaskReconciler> tasks = new AtomicReference<>();
        taskFramework = new TaskFramework(gate, caches, config.connectionNumbers()::incrementAndGet, task -> {
            TaskReconciler reconciler = tasks.get();
            if (reconciler != null) {
                reconciler.look(task);
            }
        });
        TaskReconciler taskReconciler = new TaskReconciler(client, taskFramework, statuses, events, clock);
        tasks.set(taskReconciler);
        maintenance = new MaintenanceKeeper(
                new ConfigMapMaintenanceStore(
                        client,
                        config.namespace(),
                        config.instance(),
                        config.owners().namespaced()),
                gate);
        notices = new NoticeBoard(this::onNews);
        operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withMetrics(new ObservedReconciliations(config.reconciliations()))
                .checkingCRDAndValidateLocalModel(false)
                .withConcurrentReconciliationThreads(RECONCILER_THREADS));
        // Reservations outlive the leader only when they are written: however long that fails, it is tried again.
        operator.register(
                agents,
                settings -> settings.withRetry(new GenericRetry()
                        .setInitialInterval(RETRY_FIRST)
                        .setMaxInterval(RETRY_LAST.toMillis())
                        .withoutMaxAttempts()));
        operator.register(pools);
        operator.register(queues);
        operator.register(frameworks);
        operator.register(taskReconciler);
    }

    private void onNews(NoticeBoard.Moved moved) {
        if (!moved.agents().isEmpty()) {
            caches.agents().stream()
                    .filter(agent -> AgentRecovery.idOf(agent)
                            .filter(moved.agents()::contains)
                            .isPresent())
                    .forEach(agent -> agents.look(agent.getMetadata().getName()));
            pools.lookAtAll();
            queues.lookAtGuarantees();
        }
        if (!moved.frameworks().isEmpty()) {
            queues.lookAtAll();
            registrar.register(gate.view());
            moved.frameworks().forEach(frameworks::look);
        }
    }

    @Override
    public List<Command> recovery() {
        List<Command> commands = new ArrayList<>();
        commands.addAll(QueueReconciler.recovery(caches, gate.now()));
        commands.addAll(FrameworkFacts.recovery(caches, gate.now()));
        commands.addAll(AgentRecovery.commands(caches, config.version(), gate.now()));
        // After the agents: one that was being drained may not be part of a schedule when that is said again.
        commands.addAll(maintenance.recovery(gate.now()));
        LOG.atInfo().addKeyValue("facts", commands.size()).log("Facts of earlier leaders were read back");
        return List.copyOf(commands);
    }

    @Override
    public void open() {
        if (config.bootstrap()) {
            PoolBootstrap.run(client, !caches.pools().isEmpty());
            QueueBootstrap.run(client, caches.queues());
        }
        operator.start();
        notices.open();
        pools.lookAtAll();
        agents.lookAtAll();
        queues.lookAtAll();
        every(WITHDRAW_INTERVAL, pools::withdrawShims);
        // Also without news: an object may have been deleted, or declared, for a client that is there.
        every(REGISTER_INTERVAL, () -> registrar.register(gate.view()));
        every(MAINTENANCE_INTERVAL, maintenance::keep);
        taskFramework.open();
    }

    private void every(Duration interval, Runnable chore) {
        Runnable guarded = () -> {
            try {
                chore.run();
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("A chore of the controllers failed; it is tried again");
            }
        };
        var _ = housekeeping.scheduleWithFixedDelay(
                guarded, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public AgentDirectory directory() {
        return directory;
    }

    @Override
    public SubscriptionPolicy subscriptions() {
        return frameworks.admission();
    }

    @Override
    public List<AgentPoolReconciler.PoolDrift> drifts() {
        return pools.drifts();
    }

    @Override
    public boolean isFollowingTheCluster() {
        return caches.isHealthy();
    }

    @Override
    public Consumer<Effect.Notice> notices() {
        return notices;
    }

    @Override
    public boolean deliver(Effect.ToFramework effect) {
        if (!effect.frameworkId().equals(TaskFramework.ID)) {
            return false;
        }
        taskFramework.deliver(effect);
        return true;
    }

    @Override
    public void close() {
        notices.close();
        housekeeping.shutdownNow();
        taskFramework.close();
        operator.stop();
        caches.close();
        events.close();
    }
}
