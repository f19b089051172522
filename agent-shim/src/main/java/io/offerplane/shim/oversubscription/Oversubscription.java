package io.offerplane.shim.oversubscription;

import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.ReclaimRevocable;
import io.offerplane.protocol.link.v1.RevocableTask;
import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.cgroup.GroupLoad;
import io.offerplane.shim.cgroup.Pressure;
import io.offerplane.shim.executor.Executors;
import io.offerplane.shim.journal.ExecutorKey;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.task.HeldContainer;
import io.offerplane.shim.task.HeldTasks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures what containers use, tells how much of what they were given may be lent, and ends revocable ones when it is needed. Of containers of the node's
 * own programs nothing is lent, as they may be resized at any moment; what they use counts. Safe for use by several threads.
 */
public final class Oversubscription implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Oversubscription.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /**
     * What it needs of the node.
     *
     * @param claim as it was last told
     * @param group the claim's control group; empty while it isn't there
     * @param proc the kernel's files
     */
    public record Node(
            CgroupHierarchy cgroups,
            HeldTasks tasks,
            Executors executors,
            Supplier<Claim> claim,
            Supplier<String> group,
            Path proc) {}

    private final OversubscriptionSettings settings;
    private final Node node;
    private final Runnable lentLess;
    private final ResourceEstimator estimator;
    private final QosController controller;
    private final Set<TaskKey> named = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicLong preempted = new AtomicLong();
    private volatile Amount lendable = Amount.NONE;
    private @Nullable Future<?> looks;

    // Of the thread that looks: of one at a time.
    private @Nullable UseHistory claimUse;
    private Map<Pressure.Kind, Double> stalledBefore = Map.of();
    private Duration lookedAt = Duration.ZERO;

    /** @param lentLess told, on any thread, when less may be lent than before, so that the leader hears of it at once */
    public Oversubscription(OversubscriptionSettings settings, Node node, Runnable lentLess) {
        this.settings = settings;
        this.node = node;
        this.lentLess = lentLess;
        this.estimator = new ResourceEstimator(settings);
        this.controller = new QosController(settings.stopAt());
    }

    /** Begins to look, each second, where anything is lent at all. */
    public void start(ScheduledExecutorService timers) {
        if (settings.enabled()) {
            looks = timers.scheduleAtFixedRate(
                    () -> Thread.ofVirtual().name("oversubscription").start(this::lookUnlessLooking),
                    0,
                    INTERVAL.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** What may be lent in sum, including what is; for the leader. */
    public List<Resource> resources() {
        return lendable.revocable();
    }

    /** How many containers were ended to get back what they had been lent, since this process began. */
    public long preempted() {
        return preempted.get();
    }

    /** The leader finds tasks that hold more than there is to be lent. Where lending was turned off they all end. */
    public void reclaim(ReclaimRevocable message) {
        for (RevocableTask task : message.getTasksList()) {
            named.add(new TaskKey(task.getFrameworkId(), task.getTaskId()));
        }
        if (!settings.enabled()) {
            Thread.ofVirtual().name("oversubscription").start(this::lookUnlessLooking);
        }
    }

    private void lookUnlessLooking() {
        // Where nobody looks by the clock, what came during a look is looked at after it.
        do {
            if (!looking.compareAndSet(false, true)) {
                return;
            }
            try {
                look(Duration.ofNanos(System.nanoTime()));
            } catch (RuntimeException e) {
                log.error("Cannot weigh what is idle", e);
            } finally {
                looking.set(false);
            }
        } while (!settings.enabled() && !named.isEmpty());
    }

    private void look(Duration at) {
        Set<TaskKey> asked = new HashSet<>(named);
        named.removeAll(asked);
        Claim told = node.claim().get();
        String group = node.group().get();
        Optional<GroupLoad> all =
                group.isEmpty() ? Optional.empty() : node.cgroups().load(group);
        if (all.isEmpty()) {
            return;
        }
        Amount claim = new Amount(told.getCpuMilli(), told.getMemoryBytes());
        Amount use = use(at, all.get());
        Map<Pressure.Kind, Double> stalled = stalled(at);
        List<HeldContainer> containers = containers();
        List<Sample> samples = new ArrayList<>();
        for (HeldContainer container : containers) {
            node.cgroups()
                    .load(container.cgroup())
                    .ifPresent(load -> samples.add(new Sample(
                            container.containerId(),
                            container.acceptedAtMillis(),
                            Amount.of(container.resources(), false),
                            Amount.of(container.resources(), true),
                            load)));
        }
        Amount estimate = settings.enabled() ? estimator.observe(at, samples, claim) : Amount.NONE;
        List<QosController.Held> revocable = samples.stream()
                .filter(sample -> !sample.lent().isNone())
                .map(sample -> new QosController.Held(
                        sample.containerId(),
                        sample.acceptedAtMillis(),
                        sample.lent(),
                        estimator.use(sample.containerId())))
                .toList();
        QosController.Verdict verdict = controller.judge(
                new QosController.Situation(at, claim, use, stalled, revocable, estimate, ids(containers, asked)));
        Amount held = revocable.stream().map(QosController.Held::lent).reduce(Amount.NONE, Amount::plus);
        tell(verdict.lends() ? estimate : estimate.atMost(held));
        containers.stream()
                .filter(container -> verdict.ends().containsKey(container.containerId()))
                .forEach(container -> end(container, verdict.ends().get(container.containerId())));
    }

    private void tell(Amount now) {
        Amount before = lendable;
        lendable = now;
        if (!before.minusToZero(now).isNone()) {
            lentLess.run();
        }
    }

    private void end(HeldContainer container, @Nullable String why) {
        log.info("Container {} of {} is ended: {}", container.containerId(), container.tasks(), why);
        preempted.incrementAndGet();
        if (container.executor().isPresent()) {
            node.executors().preempt(container.executor().get());
        } else {
            container.tasks().forEach(node.tasks()::preempt);
        }
    }

    private static Set<String> ids(List<HeldContainer> containers, Set<TaskKey> asked) {
        Set<String> ids = new HashSet<>();
        for (HeldContainer container : containers) {
            if (container.tasks().stream().anyMatch(asked::contains)) {
                ids.add(container.containerId());
            }
        }
        return ids;
    }

    /** Those of tasks, and those of custom executors with what these have themselves. */
    private List<HeldContainer> containers() {
        List<HeldContainer> containers = new ArrayList<>();
        Map<ExecutorKey, HeldContainer> ofExecutors = node.tasks().containersOfExecutors();
        for (Executors.View executor : node.executors().views()) {
            HeldContainer tasks = ofExecutors.get(executor.key());
            containers.add(HeldContainer.ofExecutor(
                    executor.key(),
                    executor.containerId(),
                    executor.cgroup(),
                    executor.info().getResourcesList(),
                    tasks));
        }
        containers.addAll(node.tasks().ownContainers());
        return containers.stream()
                .filter(container -> !container.cgroup().isEmpty())
                .toList();
    }

    private Amount use(Duration at, GroupLoad load) {
        UseHistory history = claimUse;
        if (history == null) {
            claimUse = new UseHistory(settings.window(), at, load);
            return Amount.NONE;
        }
        history.observe(at, load);
        return history.current();
    }

    /** Of the time since the last look, from the kernel's sums: its averages would show for half a minute what is over. */
    private Map<Pressure.Kind, Double> stalled(Duration at) {
        Map<Pressure.Kind, Double> totals = new EnumMap<>(Pressure.Kind.class);
        Pressure.ofNode(node.proc())
                .forEach((kind, pressure) -> totals.put(kind, pressure.some().totalSeconds()));
        double seconds = at.minus(lookedAt).toNanos() / 1e9;
        Map<Pressure.Kind, Double> percent = new EnumMap<>(Pressure.Kind.class);
        totals.forEach((kind, total) -> {
            Double before = stalledBefore.get(kind);
            if (before != null && seconds > 0) {
                percent.put(kind, Math.clamp((total - before) / seconds * 100, 0, 100));
            }
        });
        stalledBefore = totals;
        lookedAt = at;
        return percent;
    }

    /** Ends the looks; what is lent stays so. */
    @Override
    public void close() {
        Future<?> going = looks;
        if (going != null) {
            going.cancel(false);
        }
    }
}
