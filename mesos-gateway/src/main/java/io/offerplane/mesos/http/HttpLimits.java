package io.offerplane.mesos.http;

import java.time.Duration;

/**
 * What one client may ask for before it is answered with a 4xx.
 *
 * @param requestLineBytes longest request line; beyond it 414
 * @param headerBytes all headers together; beyond it 431
 * @param bodyBytes longest body; beyond it 413
 * @param pipelined requests of one connection that may wait for their answers; reading pauses beyond it
 * @param requestTime from a request's first byte to its last; beyond it 408
 * @param connections open at once; further ones are closed at once
 */
public record HttpLimits(
        int requestLineBytes, int headerBytes, int bodyBytes, int pipelined, Duration requestTime, int connections) {
    public static final HttpLimits DEFAULT =
            new HttpLimits(16 * 1024, 64 * 1024, 16 * 1024 * 1024, 32, Duration.ofSeconds(60), 20_000);
}
