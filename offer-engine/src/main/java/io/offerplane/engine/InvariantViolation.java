package io.offerplane.engine;

/**
 * The engine's books contradict themselves: a defect. What it decides from then on can't be trusted, so the term must end
 * and a new one rebuild its knowledge.
 */
public final class InvariantViolation extends RuntimeException {
    InvariantViolation(String message) {
        super(message);
    }
}
