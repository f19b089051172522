package io.offerplane.engine.view;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Why a framework that wants something in a role gets nothing: what keeps it from each agent, folded into one sentence. What
 * kube-scheduler's {@code Diagnosis} is to a pod and YARN's diagnostics to an application.
 *
 * @param reason the one that the sentence begins with: of agents with room if there are such, else of those with too little, else of those
 *     that will not do at all; of several the one that most agents have. Empty when no agent is in question: there is none, or too many applications run in the role
 * @param counts agents by reason, none of them zero. Those that are inactive are all counted, of the others those looked at
 * @param agents how many agents there are
 * @param lookedAt how many of them are in {@code counts}: all, or in a large cluster those with most left
 * @param inMaintenance how many of the inactive ones are away, deactivated or cordoned; the rest isn't connected
 * @param needed what would do on one agent: a container that it asks for, exactly, or the least that it wants in an offer. Empty when it
 *     takes offers of any size
 * @param best the agent that comes nearest to what is needed, with what it has left; where none is large enough, with all that it has;
 *     for one that declines, the largest that it declined
 * @param refusedUntil when the last of its refuse times ends
 * @param limitedBy the role whose limit leaves too little or lets too few in: its own or one above
 * @param sentence without a subject and a full stop, such as {@code needs 8 cpus and 16 GiB on one agent; best is 4 cpus and 12 GiB on agent
 *     S3 (node-2)}
 */
public record Diagnosis(
        FrameworkId frameworkId,
        RolePath role,
        Optional<Reason> reason,
        Map<Reason, Integer> counts,
        int agents,
        int lookedAt,
        int inMaintenance,
        ResourceQuantities needed,
        Optional<Candidate> best,
        Optional<Instant> refusedUntil,
        Optional<RolePath> limitedBy,
        String sentence) {

    public Diagnosis {
        Objects.requireNonNull(frameworkId, "frameworkId");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(needed, "needed");
        Objects.requireNonNull(sentence, "sentence");
        Map<Reason, Integer> copy = new EnumMap<>(Reason.class);
        copy.putAll(counts);
        counts = Collections.unmodifiableMap(copy);
    }

    /** An agent with what it has of what is needed, or had on offer. */
    public record Candidate(AgentId agentId, String hostname, ResourceQuantities amounts) {
        @Override
        public String toString() {
            return "agent " + agentId + " (" + hostname + ")";
        }
    }

    /** What stays the same while numbers move: who repeats the sentence can tell by it whether there is news. */
    public Gist gist() {
        return new Gist(reason, needed, limitedBy);
    }

    /** The parts of a diagnosis that don't move with each offer. */
    public record Gist(Optional<Reason> reason, ResourceQuantities needed, Optional<RolePath> limitedBy) {}

    /**
     * Why frameworks in a role, or below it, wait.
     *
     * @param waiting how many of them have a diagnosis
     * @param frameworks how many want something
     * @param counts those that wait by their reasons, none of them zero; of a framework in several roles the first one's
     * @param foremost that of a framework with the commonest reason
     * @param sentence without a subject and a full stop
     */
    public record OfRole(
            RolePath role,
            int waiting,
            int frameworks,
            Map<Reason, Integer> counts,
            Diagnosis foremost,
            String sentence) {
        public OfRole {
            Objects.requireNonNull(role, "role");
            Objects.requireNonNull(foremost, "foremost");
            Objects.requireNonNull(sentence, "sentence");
            Map<Reason, Integer> copy = new EnumMap<>(Reason.class);
            copy.putAll(counts);
            counts = Collections.unmodifiableMap(copy);
        }
    }
}
