package io.offerplane.shim.container;

/** How a command ended, with the words that Mesos has for it. */
public sealed interface WaitStatus {

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
