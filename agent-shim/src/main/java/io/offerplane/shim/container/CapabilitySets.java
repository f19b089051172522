package io.offerplane.shim.container;

import java.util.List;

/**
 * What a container's processes may beyond what their user may.
 *
 * @param bounding the most that any process of it can ever have; kernel's names, such as CAP_CHOWN
 * @param effective what its command starts with, and the programs that it runs; no new privileges come with a program, for root neither
 */
public record CapabilitySets(List<String> bounding, List<String> effective) {

    /** What containers usually may, as root inside: nothing that reaches the node. */
    public static final List<String> USUAL = List.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_NET_BIND_SERVICE",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");

    /** What a user may whose container says nothing about it: without setuid programs, others than root have no way to any. */
    public static List<String> usualOf(ContainerUser user) {
        return user.uid() == 0 ? USUAL : List.of();
    }

    public CapabilitySets {
        bounding = List.copyOf(bounding);
        effective = List.copyOf(effective);
    }
}
