package io.offerplane.operator.status;

import io.offerplane.crd.v1alpha1.common.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The conditions of one object as one reconciliation sees them. Not thread-safe. */
public final class Conditions {
    public static final String READY = "Ready";
    public static final String STALLED = "Stalled";
    public static final String RECONCILING = "Reconciling";

    private static final int MESSAGE_LIMIT = 512;

    private final Map<String, Condition> previous = new LinkedHashMap<>();
    private final Map<String, Condition> current = new LinkedHashMap<>();
    private final long generation;
    private final Instant now;

    /**
     * @param before what the object's status says; decides when a condition last changed
     * @param generation of the spec that is judged
     */
    public Conditions(List<Condition> before, long generation, Instant now) {
        before.forEach(condition -> previous.put(condition.type(), condition));
        this.generation = generation;
        this.now = now;
    }

    /**
     * @param reason one word from the documented ones
     * @param message one sentence with numbers; cut at 512 characters
     */
    public Conditions set(String type, Condition.Status status, String reason, String message) {
        Condition before = previous.get(type);
        String since = before != null && before.status() == status
                ? before.lastTransitionTime()
                : now.truncatedTo(ChronoUnit.SECONDS).toString();
        String text = message.length() > MESSAGE_LIMIT ? message.substring(0, MESSAGE_LIMIT - 1) + "…" : message;
        current.put(type, new Condition(type, status, generation, since, reason, text));
        return this;
    }

    public Conditions setTrue(String type, String reason, String message) {
        return set(type, Condition.Status.TRUE, reason, message);
    }

    public Conditions setFalse(String type, String reason, String message) {
        return set(type, Condition.Status.FALSE, reason, message);
    }

    public Conditions setUnknown(String type, String reason, String message) {
        return set(type, Condition.Status.UNKNOWN, reason, message);
    }

    /**
     * Sets Ready to the first of these, in their order, that isn't True, with its reason and message; to True when all are.
     *
     * @param message what Ready says when all is well
     */
    public Conditions readyFrom(List<String> stages, String message) {
        for (String stage : stages) {
            Condition condition = current.get(stage);
            if (condition != null && condition.status() != Condition.Status.TRUE) {
                return set(READY, condition.status(), condition.reason(), condition.message());
            }
        }
        return setTrue(READY, "Ready", message);
    }

    public boolean isTrue(String type) {
        Condition condition = current.get(type);
        return condition != null && condition.status() == Condition.Status.TRUE;
    }

    /** Ready first, then in the order in which they were set. */
    public List<Condition> toList() {
        Map<String, Condition> ordered = new LinkedHashMap<>();
        Condition ready = current.get(READY);
        if (ready != null) {
            ordered.put(READY, ready);
        }
        current.forEach(ordered::putIfAbsent);
        return List.copyOf(ordered.values());
    }

    /** What is True, False or Unknown now and was otherwise before; for events. */
    public List<Condition> transitions() {
        return current.values().stream()
                .filter(condition -> {
                    Condition before = previous.get(condition.type());
                    return before == null
                            || before.status() != condition.status()
                            || !before.reason().equals(condition.reason());
                })
                .toList();
    }
}
