package io.offerplane.operator.status;

import io.offerplane.crd.v1alpha1.common.Waiting;
import io.offerplane.engine.view.Diagnosis;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the engine says somebody waits for, as a status shows it. What is left on agents moves all the time, and each change would be a write: as
 * long as only numbers move, a sentence stands for a minute. Thread-safe.
 *
 * @param <K> what tells those apart who wait
 */
public final class WaitingStatus<K> {
    private static final Duration STANDS = Duration.ofMinutes(1);
    private static final int MESSAGE_LIMIT = 512;

    /** @param gist of the diagnosis that it was said of */
    private record Said(Diagnosis.Gist gist, String sentence, Instant at) {}

    private final Map<K, Said> said = new ConcurrentHashMap<>();

    /**
     * @param sentence the diagnosis' own, or one made of it; cut at 512 characters
     * @param since when the wait began
     */
    public Waiting of(K who, Diagnosis diagnosis, String sentence, Instant since, Instant now) {
        Said last = said.get(who);
        boolean news = last == null
                || !last.gist().equals(diagnosis.gist())
                || !now.isBefore(last.at().plus(STANDS));
        if (news) {
            last = new Said(
                    diagnosis.gist(),
                    sentence.length() > MESSAGE_LIMIT ? sentence.substring(0, MESSAGE_LIMIT - 1) + "…" : sentence,
                    now);
            said.put(who, last);
        }
        return new Waiting(since.truncatedTo(ChronoUnit.SECONDS).toString(), word(diagnosis), last.sentence());
    }

    /** It waits no more. */
    public void forget(K who) {
        said.remove(who);
    }

    /** One word that scripts may rely on. */
    private static String word(Diagnosis diagnosis) {
        return diagnosis
                .reason()
                .map(reason -> switch (reason) {
                    case AGENT_INACTIVE,
                            GPU_UNAWARE,
                            REGION_UNAWARE,
                            OFFER_CONSTRAINTS,
                            AVOIDED_BY_APPLICATION,
                            PLACEMENT_CONSTRAINTS -> "NoMatchingAgent";
                    case FILTERED -> "DecliningAll";
                    case QUOTA_LIMIT -> "AtLimit";
                    case BELOW_MINIMUM,
                            RESERVED_FOR_OTHERS,
                            HELD_FOR_GUARANTEES,
                            SET_ASIDE,
                            ASK_DOES_NOT_FIT,
                            WAITS_FOR_LOCALITY,
                            GANG_INCOMPLETE,
                            LOST_TO_LOWER_SHARE -> "Starved";
                })
                .orElse("NoMatchingAgent");
    }
}
