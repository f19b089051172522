package io.offerplane.operator.status;

import io.offerplane.crd.v1alpha1.common.Waiting;
import io.offerplane.engine.view.Diagnosis;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the engine says somebody waits for, as a status shows it. What is left on agents moves all the time, and each change would be a write: a
 * sentence stands for a minute as long as only numbers in it move, and for ten seconds in any case. Thread-safe.
 *
 * @param <K> what tells those apart who wait
 */
public final class WaitingStatus<K> {
    private static final Duration STANDS = Duration.ofMinutes(1);
    private static final Duration STANDS_AT_LEAST = Duration.ofSeconds(10);
    private static final int MESSAGE_LIMIT = 512;

    /** @param gist of the diagnosis that it was said of */
    private record Said(Diagnosis.Gist gist, String word, String sentence, Instant at) {}

    private final Map<K, Said> said = new ConcurrentHashMap<>();

    /**
     * @param sentence the diagnosis' own, or one made of it; cut at 512 characters
     * @param since when the wait began
     */
    public Waiting of(K who, Diagnosis diagnosis, String sentence, Instant since, Instant now) {
        Said standing = said.compute(
                who,
                (key, last) -> last == null || isNews(last, diagnosis, now) ? newly(diagnosis, sentence, now) : last);
        return new Waiting(since.truncatedTo(ChronoUnit.SECONDS).toString(), standing.word(), standing.sentence());
    }

    private static boolean isNews(Said last, Diagnosis diagnosis, Instant now) {
        Duration stands = last.gist().equals(diagnosis.gist()) ? STANDS : STANDS_AT_LEAST;
        return !now.isBefore(last.at().plus(stands));
    }

    private static Said newly(Diagnosis diagnosis, String sentence, Instant now) {
        String text = sentence.length() > MESSAGE_LIMIT ? sentence.substring(0, MESSAGE_LIMIT - 1) + "…" : sentence;
        return new Said(diagnosis.gist(), word(diagnosis), text, now);
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
                    case QUOTA_LIMIT, USER_LIMIT, MASTER_LIMIT -> "AtLimit";
                    case BELOW_MINIMUM,
                            RESERVED_FOR_OTHERS,
                            HELD_FOR_GUARANTEES,
                            SET_ASIDE,
                            ASK_DOES_NOT_FIT,
                            WAITS_FOR_LOCALITY,
                            GANG_INCOMPLETE,
                            LOST_TO_LOWER_SHARE -> "Starved";
                })
                .orElse(diagnosis.limitedBy().isPresent() ? "AtLimit" : "NoMatchingAgent");
    }
}
