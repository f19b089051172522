package io.offerplane.shim.container;

/** The C library's descriptions of signals, as {@code strsignal} gives them on Linux: Mesos' messages contain these. */
final class SignalNames {

    private static final String[] NAMES = {
        "",
        "Hangup",
        "Interrupt",
        "Quit",
        "Illegal instruction",
        "Trace/breakpoint trap",
        "Aborted",
        "Bus error",
        "Floating point exception",
        "Killed",
        "User defined signal 1",
        "Segmentation fault",
        "User defined signal 2",
        "Broken pipe",
        "Alarm clock",
        "Terminated",
        "Stack fault",
        "Child exited",
        "Continued",
        "Stopped (signal)",
        "Stopped",
        "Stopped (tty input)",
        "Stopped (tty output)",
        "Urgent I/O condition",
        "CPU time limit exceeded",
        "File size limit exceeded",
        "Virtual timer expired",
        "Profiling timer expired",
        "Window changed",
        "I/O possible",
        "Power failure",
        "Bad system call"
    };

    /** The first real-time signal that the C library leaves to programs. */
    private static final int SIGRTMIN = 34;

    private static final int SIGRTMAX = 64;

    private SignalNames() {}

    static String of(int signal) {
        if (signal > 0 && signal < NAMES.length) {
            return NAMES[signal];
        }
        return signal >= SIGRTMIN && signal <= SIGRTMAX
                ? "Real-time signal " + (signal - SIGRTMIN)
                : "Unknown signal " + signal;
    }
}
