package io.offerplane.operator.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes status subresources by server-side apply, as rarely as people can bear: never when nothing changed, at most once in 2 s
 * for an object (once in 1 s when a condition or phase flips or a reservation is made), and within a budget for the whole operator.
 *
 * <p>Thread-safe. Writes of one object must not overlap; a reconciler's never do.
 */
public final class StatusWriter {
    /** The field manager of every write of the operator's. */
    public static final String FIELD_MANAGER = "offerplane-operator";

    private static final Duration ROUTINE_INTERVAL = Duration.ofSeconds(2);
    private static final Duration TRANSITION_INTERVAL = Duration.ofSeconds(1);

    /** How long our own write is believed over the cache, which may not have seen it yet. */
    private static final Duration CACHE_LAG = Duration.ofSeconds(30);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final InstantSource clock;
    private final WriteBudget budget;
    private final Map<String, Written> lastWrites = new ConcurrentHashMap<>();

    private record Written(JsonNode status, Instant at) {}

    /** @param writesPerSecond of all objects together, 1 or more */
    public StatusWriter(KubernetesClient client, InstantSource clock, int writesPerSecond) {
        this.client = client;
        this.clock = clock;
        this.budget = new WriteBudget(writesPerSecond, clock);
    }

    /**
     * Makes {@code status} the object's status.
     *
     * @param seen the object as the cache has it
     * @return empty when it stands so now; otherwise how long to wait before trying again
     */
    public <S, T extends CustomResource<?, S>> Optional<Duration> write(T seen, S status) {
        String key = seen.getMetadata().getUid();
        JsonNode wanted = pruned(JSON.valueToTree(status));
        Instant now = clock.instant();
        Written last = lastWrites.get(key);
        boolean ownIsNewer = last != null && last.at().plus(CACHE_LAG).isAfter(now);
        S cached = statusOf(seen);
        JsonNode stands = ownIsNewer && last != null
                ? last.status()
                : cached == null ? NullNode.getInstance() : pruned(JSON.<JsonNode>valueToTree(cached));
        if (wanted.equals(stands)) {
            return Optional.empty();
        }
        boolean transition = isTransition(stands, wanted);
        if (last != null) {
            Instant allowed = last.at().plus(transition ? TRANSITION_INTERVAL : ROUTINE_INTERVAL);
            if (allowed.isAfter(now)) {
                return Optional.of(Duration.between(now, allowed));
            }
        }
        if (!budget.take(transition)) {
            return Optional.of(Duration.ofSeconds(1));
        }
        apply(seen, wanted);
        lastWrites.put(key, new Written(wanted, now));
        forgetOld(now);
        return Optional.empty();
    }

    @SuppressWarnings("NullAway") // fabric8 says nothing about null: an object without a status has none.
    private static <S> @Nullable S statusOf(CustomResource<?, S> object) {
        return object.getStatus();
    }

    private void apply(CustomResource<?, ?> seen, JsonNode status) {
        ObjectNode patch = JSON.createObjectNode();
        patch.put("apiVersion", seen.getApiVersion());
        patch.put("kind", seen.getKind());
        ObjectNode metadata = patch.putObject("metadata");
        metadata.put("name", seen.getMetadata().getName());
        if (seen.getMetadata().getNamespace() != null) {
            metadata.put("namespace", seen.getMetadata().getNamespace());
        }
        // A new object of the same name is another object.
        metadata.put("uid", seen.getMetadata().getUid());
        patch.set("status", status);
        client.resource(seen)
                .subresource("status")
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager(FIELD_MANAGER)
                                .withForce(true)
                                .build(),
                        patch.toString());
    }

    /**
     * The status without objects that have nothing in them: where an object was full and is applied empty, server-side apply makes a
     * null of it, which the schema refuses.
     */
    private static JsonNode pruned(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode kept = JSON.createObjectNode();
            object.properties().forEach(field -> {
                JsonNode value = pruned(field.getValue());
                if (!value.isNull() && !(value.isObject() && value.isEmpty())) {
                    kept.set(field.getKey(), value);
                }
            });
            return kept;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode kept = JSON.createArrayNode();
            array.forEach(element -> kept.add(pruned(element)));
            return kept;
        }
        return node;
    }

    /**
     * Whether people would call it news: another phase, id or state of a condition, or another reservation, which is lost with the leader
     * until it is written; counters alone are not.
     */
    private static boolean isTransition(JsonNode before, JsonNode after) {
        if (before.isNull() || before.isMissingNode()) {
            return true;
        }
        for (String field : new String[] {"phase", "frameworkId", "agentId", "reserved"}) {
            if (!before.path(field).equals(after.path(field))) {
                return true;
            }
        }
        return !conditionStates(before).equals(conditionStates(after));
    }

    private static String conditionStates(JsonNode status) {
        StringBuilder states = new StringBuilder();
        Iterator<JsonNode> conditions = status.path("conditions").elements();
        while (conditions.hasNext()) {
            JsonNode condition = conditions.next();
            states.append(condition.path("type").asText())
                    .append('=')
                    .append(condition.path("status").asText())
                    .append('/')
                    .append(condition.path("reason").asText())
                    .append(' ');
        }
        return states.toString();
    }

    private void forgetOld(Instant now) {
        if (lastWrites.size() > 10_000) {
            lastWrites.values().removeIf(written -> written.at().plus(CACHE_LAG).isBefore(now));
        }
    }
}
