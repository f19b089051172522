package io.offerplane.operator.framework;

import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.framework.FrameworkSpec;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.role.RolePath;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.queue.QueueGrants;
import io.offerplane.operator.queue.QueueRoles;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Framework objects allow their clients, asked at each subscription and update: from caches, without blocking. The bounds of a
 * declared object hold for every client that fits its match, also for a second one at the same time, which gets an object of
 * its own to be seen by. Thread-safe.
 */
public final class FrameworkAdmission implements SubscriptionPolicy {
    private static final Logger LOG = LoggerFactory.getLogger(FrameworkAdmission.class);

    /** A client that tries again and again is told of once in this time. */
    private static final Duration REPEAT = Duration.ofSeconds(30);

    /** In place of an object's key, for clients that no object speaks for. */
    private static final String NOBODY = "";

    private final ClusterCaches caches;
    private final FrameworkRegistrar registrar;
    private final EngineGate gate;
    private final BiConsumer<Framework, String> onRefusal;

    /** The last refusal by object, until a client of the object is admitted. */
    private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();

    /**
     * That a client was refused under an object.
     *
     * @param generation of the spec that was in its way
     */
    record Refusal(Instant at, long generation, String message) {}

    /** @param onRefusal told of the object and why; called on event loops, must not block */
    public FrameworkAdmission(
            ClusterCaches caches,
            FrameworkRegistrar registrar,
            EngineGate gate,
            BiConsumer<Framework, String> onRefusal) {
        this.caches = caches;
        this.registrar = registrar;
        this.gate = gate;
        this.onRefusal = onRefusal;
    }

    @Override
    public Ruling judge(Application application) {
        if (application.id().filter(registrar::isBuiltIn).isPresent()) {
            return new Ruling.Refused(notAuthorized(application)
                    + "the id belongs to Offerplane's own framework. Subscribe without an id, or with another one");
        }
        Optional<Framework> object = registrar.boundsOf(application.id(), application.spec(), gate.view());
        Ruling ruling = object.isPresent()
                ? judge(application, object.get(), caches.queues())
                : judgeUndeclared(application, registrar.takesUndeclared());
        if (ruling instanceof Ruling.Refused(String message)) {
            note(object, message);
        } else {
            object.ifPresent(admitted -> refusals.remove(FrameworkRegistrar.key(admitted)));
        }
        return ruling;
    }

    /** The last refusal under the object as it is now; empty when a client was admitted, or the object changed, since. */
    Optional<Refusal> refusalOf(Framework object) {
        return Optional.ofNullable(refusals.get(FrameworkRegistrar.key(object)))
                .filter(refusal -> refusal.generation() == generation(object));
    }

    void forget(Framework object) {
        refusals.remove(FrameworkRegistrar.key(object));
    }

    private void note(Optional<Framework> object, String message) {
        String key = object.map(FrameworkRegistrar::key).orElse(NOBODY);
        Instant now = gate.now();
        Refusal refusal =
                new Refusal(now, object.map(FrameworkAdmission::generation).orElse(0L), message);
        Refusal before = refusals.get(key);
        boolean isRepeated = before != null
                && before.at().plus(REPEAT).isAfter(now)
                && before.generation() == refusal.generation()
                && (object.isEmpty() || before.message().equals(message));
        if (isRepeated) {
            return;
        }
        refusals.put(key, refusal);
        LOG.atInfo().addKeyValue("object", key).addKeyValue("why", message).log("A client was refused");
        object.ifPresent(refusing -> onRefusal.accept(refusing, message));
    }

    static Ruling judgeUndeclared(Application application, boolean takesUndeclared) {
        if (takesUndeclared) {
            return Ruling.Admitted.UNBOUNDED;
        }
        String name = application.spec().name();
        String principal = application
                .spec()
                .principal()
                .map(said -> "the principal '" + said + "'")
                .orElse("no principal");
        return new Ruling.Refused(notAuthorized(application) + "no Framework object matches a client with the name '"
                + name + "' and " + principal
                + ", and only declared clients are taken (frameworks.createUndeclared is false)."
                + " Make a Framework whose spec.match has that name or principal");
    }

    /** What one object allows. Pure. */
    static Ruling judge(Application application, Framework object, List<Queue> queues) {
        FrameworkSpec bounds = object.getSpec();
        String who = "Framework " + FrameworkRegistrar.key(object);
        QueueGrants grants = QueueGrants.of(
                bounds.queues().stream().map(FrameworkSpec.QueueReference::path).toList(), queues);
        List<RolePath> refused = grants.refused(application.spec().roles());
        if (!refused.isEmpty()) {
            return new Ruling.Refused(notAuthorized(application) + who + " grants " + grants
                    + ", each with all below it, and not " + text(refused) + ". Subscribe with a granted role, or add "
                    + refused.stream().map(QueueRoles::pathOf).limit(8).collect(Collectors.joining(", "))
                    + " to its spec.queues");
        }
        Set<FrameworkCapability> withheld = withheld(application.spec().capabilities(), bounds.capabilities());
        if (withheld.contains(FrameworkCapability.MULTI_ROLE)) {
            // Not left out like the others: it decides which fields a subscription has.
            return new Ruling.Refused(notAuthorized(application) + who + " doesn't allow the capability MULTI_ROLE."
                    + " Subscribe with FrameworkInfo.role instead of FrameworkInfo.roles and without that capability, or"
                    + " add MultiRole to its spec.capabilities");
        }
        return new Ruling.Admitted(
                withheld, Optional.ofNullable(bounds.failoverTimeoutSeconds()).map(Duration::ofSeconds));
    }

    private static Set<FrameworkCapability> withheld(
            Set<FrameworkCapability> claimed, List<FrameworkSpec.Capability> allowed) {
        Set<FrameworkCapability> withheld = EnumSet.noneOf(FrameworkCapability.class);
        if (!allowed.isEmpty()) {
            withheld.addAll(claimed);
            allowed.forEach(capability -> withheld.remove(FrameworkCapability.valueOf(capability.name())));
        }
        return withheld;
    }

    /** The beginning of what Mesos' authorizer says. */
    private static String notAuthorized(Application application) {
        return "Not authorized to register framework "
                + application.id().map(id -> id.value() + " ").orElse("") + "with roles "
                + text(application.spec().roles()) + ": ";
    }

    private static String text(List<RolePath> roles) {
        return roles.stream().map(RolePath::value).limit(16).collect(Collectors.joining(", ", "{ ", " }"));
    }

    private static long generation(Framework object) {
        return Objects.requireNonNullElse(object.getMetadata().getGeneration(), 0L);
    }
}
