package io.offerplane.yarn.gateway.node;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers for a while what was found out about a token: nodes beat every second, and Kubernetes is not to be asked each time. Only good
 * answers are remembered, by the token's digest. A token that Kubernetes stops believing is good here for that while longer.
 */
public final class RememberedTokens implements NodeTokens {
    private record Known(NodeIdentity identity, Instant until) {}

    private final NodeTokens asked;
    private final Duration memory;
    private final int most;
    private final InstantSource clock;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /**
     * @param asked about a token that isn't remembered
     * @param memory how long an answer is good for
     * @param most answers that are remembered; beyond it all that have run out are dropped, and if none has, all are
     */
    public RememberedTokens(NodeTokens asked, Duration memory, int most, InstantSource clock) {
        this.asked = asked;
        this.memory = memory;
        this.most = most;
        this.clock = clock;
    }

    @Override
    public NodeIdentity nodeOf(String token) throws Refused {
        String digest = digest(token);
        Instant now = clock.instant();
        Known before = known.get(digest);
        if (before != null && now.isBefore(before.until())) {
            return before.identity();
        }
        NodeIdentity identity = asked.nodeOf(token);
        if (known.size() >= most) {
            known.values().removeIf(old -> !now.isBefore(old.until()));
            if (known.size() >= most) {
                known.clear();
            }
        }
        known.put(digest, new Known(identity, now.plus(memory)));
        return identity;
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
