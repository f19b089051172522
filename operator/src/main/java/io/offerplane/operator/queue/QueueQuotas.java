package io.offerplane.operator.queue;

import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.engine.Command;
import io.offerplane.engine.Command.SetQuotas.RoleQuota;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.operator.status.KubernetesAmounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the engine's quotas as the Queue objects have them, one command for each role, so that what is refused of one undoes nothing
 * of another. What the engine has beyond the objects is removed: they are the only place of quotas.
 *
 * <p>Guarantees that the engine refuses stay as they were, without holding up the limits. Once any quota moved, they are tried
 * again. Capacity is no reason to refuse (the commands are forced): agents come and go, the objects stay.
 *
 * <p>Thread-safe; doesn't block, so that a caller may be the engine's thread.
 */
final class QueueQuotas {
    private static final Comparator<RolePath> TOP_FIRST =
            Comparator.comparingInt(QueueQuotas::depth).thenComparing(RolePath::value);

    private final EngineGate gate;

    /** Told of the roles that got an answer; from the engine's thread. */
    private final Consumer<RolePath> onAnswer;

    private final ConcurrentLinkedQueue<Answered> answered = new ConcurrentLinkedQueue<>();

    /** What the engine is known to have, with {@link Quota#NONE} for what this has removed. */
    private final Map<RolePath, Quota> held = new HashMap<>();

    private final Map<RolePath, Quota> pending = new HashMap<>();
    private final Map<RolePath, Refusal> refusals = new HashMap<>();
    private long changes;
    private Look last = new Look(List.of(), List.of(), -1);
    private long answers;

    /**
     * @param wanted what the object says
     * @param asked the same, or its limits with the guarantees that are in force
     */
    private record Answered(RolePath role, Quota wanted, Quota asked, Decision.Answer answer) {}

    /**
     * @param changes how many quotas had been changed then: the same would be refused until there are more
     * @param limitsToo whether even the limits alone were refused
     */
    private record Refusal(Quota wanted, String words, long changes, boolean limitsToo) {}

    /** What was seen when there was nothing left to do. */
    private record Look(List<String> queues, List<RolePath> inEngine, long answers) {}

    QueueQuotas(EngineGate gate, Consumer<RolePath> onAnswer) {
        this.gate = gate;
        this.onAnswer = onAnswer;
    }

    /** What a queue asks for. */
    static Quota of(Queue queue) {
        return new Quota(
                KubernetesAmounts.toEngine(queue.getSpec().guarantees()),
                KubernetesAmounts.toEngineWithZeroes(queue.getSpec().limits()));
    }

    /**
     * What a new leader learns before it makes offers: parents first and older queues first, and of a queue whose guarantees don't
     * fit within its parent's the limits.
     */
    static List<Command> recovery(List<Queue> queues, Instant at) {
        List<Command> commands = new ArrayList<>();
        Map<RolePath, ResourceQuantities> room = new HashMap<>();
        List<Queue> inOrder = inForce(queues).entrySet().stream()
                .sorted(Comparator.<Map.Entry<RolePath, Queue>>comparingInt(entry -> depth(entry.getKey()))
                        .thenComparing(Map.Entry::getValue, QueueReconciler.AGE))
                .map(Map.Entry::getValue)
                .toList();
        for (Queue queue : inOrder) {
            RolePath role = QueueRoles.of(queue).orElseThrow();
            Quota quota = of(queue);
            if (role.isNested()) {
                ResourceQuantities above = room.getOrDefault(role.parent(), ResourceQuantities.EMPTY);
                if (above.contains(quota.guarantees())) {
                    room.put(role.parent(), above.minus(quota.guarantees()));
                } else {
                    quota = new Quota(ResourceQuantities.EMPTY, quota.limits());
                }
            }
            room.put(role, quota.guarantees());
            if (!quota.isNone()) {
                commands.add(command(role, quota, at));
            }
        }
        return commands;
    }

    /** The queues that ask for a quota and are in order, by role. */
    private static Map<RolePath, Queue> inForce(List<Queue> queues) {
        Map<RolePath, Queue> result = new HashMap<>();
        for (Queue queue : queues) {
            boolean asks = !queue.getSpec().guarantees().isEmpty()
                    || !queue.getSpec().limits().isEmpty();
            if (asks
                    && queue.getMetadata().getDeletionTimestamp() == null
                    && QueueReconciler.fault(queue, queues).isEmpty()) {
                QueueRoles.of(queue).ifPresent(role -> result.put(role, queue));
            }
        }
        return result;
    }

    private static Command command(RolePath role, Quota quota, Instant at) {
        return new Command.SetQuotas(List.of(new RoleQuota(role, quota)), true, at);
    }

    /**
     * Sends what differs from the objects.
     *
     * @return false when the engine was too busy to take all of it: look again shortly
     */
    synchronized boolean keep(List<Queue> queues) {
        takeAnswers();
        Map<RolePath, Quota> seen = new TreeMap<>();
        gate.view().roles().stream()
                .filter(role -> !role.quota().isNone())
                .forEach(role -> seen.put(role.role(), role.quota()));
        Look look = new Look(
                queues.stream()
                        .map(queue -> queue.getMetadata().getUid() + "/"
                                + queue.getMetadata().getGeneration() + "/"
                                + queue.getMetadata().getDeletionTimestamp())
                        .sorted()
                        .toList(),
                List.copyOf(seen.keySet()),
                answers);
        if (look.equals(last)) {
            return true;
        }
        // A picture may be older than what was told since, so it only adds.
        seen.forEach(held::putIfAbsent);
        Map<RolePath, Quota> wanted = new TreeMap<>(TOP_FIRST);
        inForce(queues).forEach((role, queue) -> wanted.put(role, of(queue)));
        held.keySet().forEach(role -> wanted.putIfAbsent(role, Quota.NONE));
        // Room is made from the leaves up, then given away from the top down, so that a parent is never below its
        // children.
        TreeSet<RolePath> lower = new TreeSet<>(TOP_FIRST.reversed());
        TreeSet<RolePath> raise = new TreeSet<>(TOP_FIRST);
        wanted.forEach(
                (role, quota) -> (held(role).guarantees().contains(quota.guarantees()) ? lower : raise).add(role));
        for (TreeSet<RolePath> roles : List.of(lower, raise)) {
            for (RolePath role : roles) {
                if (!keep(role, wanted.getOrDefault(role, Quota.NONE))) {
                    return false;
                }
            }
        }
        last = look;
        return true;
    }

    private boolean keep(RolePath role, Quota wanted) {
        Quota has = held(role);
        if (pending.containsKey(role)) {
            return true;
        }
        if (wanted.equals(has)) {
            refusals.remove(role);
            return true;
        }
        Quota asked = wanted;
        Refusal refusal = refusals.get(role);
        if (refusal != null && refusal.wanted.equals(wanted) && refusal.changes == changes) {
            asked = new Quota(has.guarantees(), wanted.limits());
            if (refusal.limitsToo || asked.equals(has) || !asked.isConsistent()) {
                return true;
            }
        }
        Quota sent = asked;
        boolean taken = gate.submit(command(role, sent, gate.now()), answer -> {
            answered.add(new Answered(role, wanted, sent, answer));
            onAnswer.accept(role);
        });
        if (taken) {
            pending.put(role, sent);
        }
        return taken;
    }

    private void takeAnswers() {
        for (Answered next = answered.poll(); next != null; next = answered.poll()) {
            answers++;
            pending.remove(next.role);
            boolean whole = next.asked.equals(next.wanted);
            if (next.answer instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String message)) {
                refusals.put(next.role, new Refusal(next.wanted, message, changes, !whole));
            } else {
                held.put(next.role, next.asked);
                changes++;
                if (whole) {
                    refusals.remove(next.role);
                }
            }
        }
    }

    private Quota held(RolePath role) {
        return held.getOrDefault(role, Quota.NONE);
    }

    /** Whether the engine hasn't answered yet. */
    synchronized boolean isAwaited(RolePath role) {
        return pending.containsKey(role);
    }

    /** The engine's words, when it refused what the role's queue asks for. */
    synchronized Optional<String> refusal(RolePath role) {
        @Nullable Refusal refusal = refusals.get(role);
        return Optional.ofNullable(refusal).map(Refusal::words);
    }

    /** What the engine is known to have for the role. */
    synchronized Quota inForce(RolePath role) {
        return held(role);
    }

    /** What all roles of the top level are sure of together. */
    synchronized ResourceQuantities guaranteed() {
        ResourceQuantities sum = ResourceQuantities.EMPTY;
        for (Map.Entry<RolePath, Quota> entry : held.entrySet()) {
            if (!entry.getKey().isNested()) {
                sum = sum.plus(entry.getValue().guarantees());
            }
        }
        return sum;
    }

    private static int depth(RolePath role) {
        return (int) role.value().chars().filter(c -> c == '/').count();
    }
}
