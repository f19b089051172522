package io.offerplane.operator.telemetry;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A question of the kubelet's.
 *
 * @param fault asked on every request, from any thread: empty when all is well, else what is not, for whoever looks
 */
public record Probe(String name, Supplier<Optional<String>> fault) {}
