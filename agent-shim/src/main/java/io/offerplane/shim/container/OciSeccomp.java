package io.offerplane.shim.container;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes the {@code seccomp} object of a container's configuration. */
final class OciSeccomp {

    /** System calls that no task of a cluster needs and that have been ways out of containers. */
    private static final List<String> REFUSED_CALLS = List.of(
            "acct",
            "add_key",
            "bpf",
            "clock_adjtime",
            "clock_settime",
            "create_module",
            "delete_module",
            "finit_module",
            "fsconfig",
            "fsmount",
            "fsopen",
            "fspick",
            "get_kernel_syms",
            "init_module",
            "ioperm",
            "iopl",
            "kexec_file_load",
            "kexec_load",
            "keyctl",
            "lookup_dcookie",
            "mount",
            "mount_setattr",
            "move_mount",
            "nfsservctl",
            "open_by_handle_at",
            "open_tree",
            "perf_event_open",
            "pivot_root",
            "process_vm_readv",
            "process_vm_writev",
            "query_module",
            "quotactl",
            "quotactl_fd",
            "reboot",
            "request_key",
            "setns",
            "settimeofday",
            "stime",
            "swapoff",
            "swapon",
            "umount",
            "umount2",
            "unshare",
            "userfaultfd",
            "uselib",
            "vm86",
            "vm86old");

    private OciSeccomp() {}

    /** @param filtering whether the node filters the calls of containers that say nothing about them */
    static void write(JsonGenerator json, SystemCalls calls, boolean filtering) throws IOException {
        switch (calls) {
            case SystemCalls.Usual() -> {
                if (filtering) {
                    usual(json);
                }
            }
            case SystemCalls.Unconfined() -> {}
            case SystemCalls.Profile(Map<String, Object> profile) -> {
                json.writeFieldName("seccomp");
                tree(json, profile);
            }
        }
    }

    private static void usual(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("seccomp");
        json.writeStringField("defaultAction", "SCMP_ACT_ALLOW");
        json.writeArrayFieldStart("syscalls");
        json.writeStartObject();
        OciConfig.strings(json, "names", REFUSED_CALLS);
        json.writeStringField("action", "SCMP_ACT_ERRNO");
        json.writeNumberField("errnoRet", 1);
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void tree(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Map<?, ?> fields -> {
                json.writeStartObject();
                for (var field : fields.entrySet()) {
                    json.writeFieldName(String.valueOf(field.getKey()));
                    tree(json, field.getValue());
                }
                json.writeEndObject();
            }
            case List<?> items -> {
                json.writeStartArray();
                for (Object item : items) {
                    tree(json, item);
                }
                json.writeEndArray();
            }
            case Boolean truth -> json.writeBoolean(truth);
            case Number number -> json.writeNumber(number.toString());
            default -> json.writeString(value.toString());
        }
    }
}
