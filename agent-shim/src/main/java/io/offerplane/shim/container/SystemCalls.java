package io.offerplane.shim.container;

import java.util.Map;

/** Which system calls a container's processes may make. */
public sealed interface SystemCalls {

    /** All but those that are ways out of containers; all of them where the node's setting says so. */
    record Usual() implements SystemCalls {}

    /** All. */
    record Unconfined() implements SystemCalls {}

    /**
     * Those that a profile of the node's allows.
     *
     * @param seccomp the {@code seccomp} object of an OCI configuration as maps, lists, texts, numbers and booleans
     */
    record Profile(Map<String, Object> seccomp) implements SystemCalls {
        public Profile {
            seccomp = Map.copyOf(seccomp);
        }
    }
}
