package io.offerplane.operator.queueimport;

/** A file of which no queue can be made; the message says why. */
final class UnusableFile extends Exception {
    UnusableFile(String message) {
        super(message);
    }
}
