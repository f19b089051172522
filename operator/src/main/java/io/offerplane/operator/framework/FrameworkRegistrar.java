package io.offerplane.operator.framework;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.crd.v1alpha1.common.ApiGroup;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.framework.FrameworkSpec;
import io.offerplane.crd.v1alpha1.framework.FrameworkStatus;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.status.ObjectNames;
import io.offerplane.operator.status.StatusWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which Framework object speaks for which client. A declared object speaks for the first client that fits its match and that no
 * other object speaks for; it keeps that client until it is removed. A client that none speaks for gets an object made.
 */
public final class FrameworkRegistrar {
    private static final Logger LOG = LoggerFactory.getLogger(FrameworkRegistrar.class);

    private final KubernetesClient client;
    private final ClusterCaches caches;
    private final Settings settings;

    /** Object (namespace/name) by framework id: what was decided, perhaps not written down in status yet. */
    private final Map<FrameworkId, String> bound = new ConcurrentHashMap<>();

    /**
     * @param namespace where objects are made
     * @param principalNamespaces other namespaces for some principals
     * @param createUndeclared whether clients that no object fits are taken, and get one
     * @param builtIn the id of the framework that runs Task objects: it has no object
     */
    public record Settings(
            String namespace, Map<String, String> principalNamespaces, boolean createUndeclared, FrameworkId builtIn) {
        public Settings {
            principalNamespaces = Map.copyOf(principalNamespaces);
        }
    }

    public FrameworkRegistrar(KubernetesClient client, ClusterCaches caches, Settings settings) {
        this.client = client;
        this.caches = caches;
        this.settings = settings;
    }

    /** Sees to it that every client in the view has an object, where that is allowed. Blocks when one must be made. */
    public void register(EngineView view) {
        for (FrameworkView framework : view.frameworks()) {
            if (!framework.id().equals(settings.builtIn())
                    && objectOf(framework.id()).isEmpty()) {
                bind(framework, view);
            }
        }
        bound.keySet().removeIf(id -> view.frameworks().stream().noneMatch(f -> f.id().equals(id)));
    }

    private void bind(FrameworkView framework, EngineView view) {
        if (framework.spec().application().isPresent()) {
            // An application of YARN's: its head has let it in, and no object can be declared for it.
            make(framework);
            return;
        }
        Optional<Framework> declared = declaredFor(framework.spec()).stream()
                .filter(object -> isFree(object, view))
                .findFirst();
        if (declared.isPresent()) {
            bound.put(framework.id(), key(declared.get()));
        } else if (settings.createUndeclared() || isDeclared(framework.spec())) {
            make(framework);
        }
    }

    /** Whether a client that no object speaks for may subscribe. */
    boolean takesUndeclared() {
        return settings.createUndeclared();
    }

    /** Whether the id is that of the framework that runs Task objects. */
    boolean isBuiltIn(FrameworkId id) {
        return id.equals(settings.builtIn());
    }

    private boolean isDeclared(io.offerplane.engine.framework.FrameworkSpec client) {
        return !declaredFor(client).isEmpty();
    }

    /** The declared objects whose match fits, the oldest first. */
    private List<Framework> declaredFor(io.offerplane.engine.framework.FrameworkSpec client) {
        return caches.frameworks().stream()
                .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
                .filter(object -> !isRegistered(object))
                .filter(object -> matches(object.getSpec().match(), client))
                .sorted(OLDEST_FIRST)
                .toList();
    }

    /**
     * The object whose bounds hold for a client that wants to subscribe: of the declared ones that fit, the one that speaks for its
     * id, else the oldest that speaks for nobody, else the oldest; without any, the one that was made for its id. Doesn't block.
     */
    Optional<Framework> boundsOf(
            Optional<FrameworkId> id, io.offerplane.engine.framework.FrameworkSpec client, EngineView view) {
        List<Framework> declared = declaredFor(client);
        return declared.stream()
                .filter(object -> id.isPresent() && clientOf(object).equals(id))
                .findFirst()
                .or(() ->
                        declared.stream().filter(object -> isFree(object, view)).findFirst())
                .or(() -> declared.stream().findFirst())
                .or(() -> id.flatMap(this::objectOf).filter(FrameworkRegistrar::isRegistered));
    }

    private static final Comparator<Framework> OLDEST_FIRST = Comparator.<Framework, String>comparing(
                    object -> Objects.requireNonNullElse(object.getMetadata().getCreationTimestamp(), "9999"))
            .thenComparing(FrameworkRegistrar::key);

    private boolean isFree(Framework object, EngineView view) {
        Optional<FrameworkId> has = clientOf(object);
        return has.isEmpty() || view.frameworks().stream().noneMatch(f -> f.id().equals(has.get()));
    }

    static boolean matches(FrameworkSpec.Match match, io.offerplane.engine.framework.FrameworkSpec client) {
        boolean principal = match.principal() == null
                || client.principal().filter(match.principal()::equals).isPresent();
        boolean name = match.name() == null || match.name().equals(client.name());
        return principal && name;
    }

    private void make(FrameworkView framework) {
        String id = framework.id().value();
        Framework object = new Framework();
        Map<String, String> labels = new TreeMap<>(Map.of(
                "app.kubernetes.io/name",
                "offerplane",
                "app.kubernetes.io/part-of",
                "offerplane",
                "app.kubernetes.io/managed-by",
                "offerplane-operator",
                ApiGroup.LABEL_ORIGIN,
                ApiGroup.ORIGIN_REGISTERED));
        if (framework.spec().application().isPresent()) {
            labels.put(ApiGroup.LABEL_PROTOCOL, ApiGroup.PROTOCOL_YARN);
        }
        object.setMetadata(new ObjectMetaBuilder()
                .withName(ObjectNames.of(framework.spec().name(), id))
                .withNamespace(namespaceFor(framework))
                .withLabels(labels)
                .addToAnnotations(ApiGroup.ANNOTATION_ID, id)
                .build());
        String name = cut(framework.spec().name());
        String principal =
                framework.spec().principal().map(FrameworkRegistrar::cut).orElse(null);
        object.setSpec(new FrameworkSpec(
                null,
                new FrameworkSpec.Match(
                        principal == null || principal.isEmpty() ? null : principal,
                        name.isEmpty() && principal == null ? "unnamed" : name.isEmpty() ? null : name),
                null,
                List.of(),
                List.of(),
                null,
                null,
                null));
        client.resource(object).fieldManager(StatusWriter.FIELD_MANAGER).serverSideApply();
        bound.put(framework.id(), key(object));
        LOG.atInfo()
                .addKeyValue("framework", id)
                .addKeyValue("object", key(object))
                .log("An undeclared framework got an object");
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(253, text.length()));
    }

    private String namespaceFor(FrameworkView framework) {
        return framework
                .spec()
                .principal()
                .map(principal -> settings.principalNamespaces().get(principal))
                .orElse(settings.namespace());
    }

    /** The object that speaks for the framework. */
    public Optional<Framework> objectOf(FrameworkId id) {
        String decided = bound.get(id);
        if (decided != null) {
            Optional<Framework> object = byKey(decided);
            if (object.isPresent()) {
                return object;
            }
        }
        return caches.frameworks().stream()
                .filter(object -> clientOf(object).filter(id::equals).isPresent())
                .findFirst();
    }

    /** Whether an object was decided on that the cache doesn't show yet. */
    boolean isPending(FrameworkId id) {
        String decided = bound.get(id);
        return decided != null && byKey(decided).isEmpty();
    }

    private Optional<Framework> byKey(String key) {
        int slash = key.indexOf('/');
        return caches.framework(key.substring(0, slash), key.substring(slash + 1));
    }

    /** The framework that the object speaks for: as decided in this term, else as status or annotation have it. */
    public Optional<FrameworkId> clientOf(Framework object) {
        for (Map.Entry<FrameworkId, String> entry : bound.entrySet()) {
            if (entry.getValue().equals(key(object))) {
                return Optional.of(entry.getKey());
            }
        }
        return recordedClientOf(object);
    }

    static Optional<FrameworkId> recordedClientOf(Framework object) {
        FrameworkStatus status = object.getStatus();
        String id = status == null ? null : status.frameworkId();
        if (id == null && isRegistered(object)) {
            id = annotatedId(object);
        }
        return Optional.ofNullable(id).map(FrameworkId::new);
    }

    private static @Nullable String annotatedId(Framework object) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(ApiGroup.ANNOTATION_ID);
    }

    /** Whether the object stands for an application of YARN's. */
    static boolean isApplication(Framework object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels != null && ApiGroup.PROTOCOL_YARN.equals(labels.get(ApiGroup.LABEL_PROTOCOL));
    }

    /** Whether the operator made the object. */
    static boolean isRegistered(Framework object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels != null && ApiGroup.ORIGIN_REGISTERED.equals(labels.get(ApiGroup.LABEL_ORIGIN));
    }

    /** Forgets an object that was deleted; its client gets another one. */
    void forget(Framework object) {
        bound.values().removeIf(key(object)::equals);
    }

    /** Namespace and name, for people and as a key. */
    static String key(Framework object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }
}
