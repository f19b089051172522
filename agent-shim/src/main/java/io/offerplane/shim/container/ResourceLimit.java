package io.offerplane.shim.container;

/**
 * A limit of setrlimit(2) for each process of a container.
 *
 * @param type the kernel's name, such as RLIMIT_NOFILE
 * @param soft unsigned, in the type's own unit; {@link #UNLIMITED} for none
 * @param hard the same
 */
public record ResourceLimit(String type, long soft, long hard) {

    /** The kernel's RLIM_INFINITY. */
    public static final long UNLIMITED = -1;
}
