package io.offerplane.engine.recording;

import io.offerplane.engine.Decision;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import java.util.function.Function;

/** A number for all of a decision's bytes: FNV-1a, 64 bits, which tells runs apart but is no defence against forgery. */
final class DecisionDigest {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private final ValueCodec<Decision> codec;

    DecisionDigest(Function<String, TextPattern> compiler) {
        codec = ValueCodec.of(Decision.class, compiler);
    }

    long of(Decision decision) {
        long digest = OFFSET;
        for (byte b : codec.encode(decision)) {
            digest = (digest ^ (b & 0xFF)) * PRIME;
        }
        return digest;
    }
}
