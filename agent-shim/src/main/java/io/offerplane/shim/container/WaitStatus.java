package io.offerplane.shim.container;

/** How a command ended, with the words that Mesos has for it. */
public sealed interface WaitStatus {

    /** As wait(2) encodes it; -1 when nobody saw it end. */
    default int encoded() {
        return switch (this) {
            case Exited(int code) -> code << 8;
            case Signaled(int signal, boolean coreDumped) -> signal | (coreDumped ? 0x80 : 0);
            case Unknown() -> -1;
        };
    }

    /** It returned. */
    record Exited(int code) implements WaitStatus {
        @Override
        public String toString() {
            return "exited with status " + code;
        }
    }

    /** A signal ended it. */
    record Signaled(int signal, boolean coreDumped) implements WaitStatus {
        @Override
        public String toString() {
            return "terminated with signal " + SignalNames.of(signal) + (coreDumped ? " (core dumped)" : "");
        }
    }

    /** Nobody saw it end. */
    record Unknown() implements WaitStatus {
        @Override
        public String toString() {
            return "ended unseen";
        }
    }
}
