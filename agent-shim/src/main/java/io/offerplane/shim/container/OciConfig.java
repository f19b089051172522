package io.offerplane.shim.container;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Writes a container's {@code config.json} by the OCI runtime specification 1.0.
 *
 * <p>The root filesystem is shared and read-only; {@code /tmp} and {@code /var/tmp} are folders of the container's own on
 * disk, removed with it. The container has its own process, mount and IPC namespaces and the node's network and host name,
 * as Mesos frameworks expect of a command task.
 */
public final class OciConfig {

    /** Where a task finds its sandbox, as in Mesos when a task has a root filesystem of its own. */
    public static final String SANDBOX = "/mnt/mesos/sandbox";

    static final String INIT = "/mnt/mesos/init";
    static final String STATUS = "/mnt/mesos/status";

    /** What containers usually may, as root inside: nothing that reaches the node. */
    private static final List<String> CAPABILITIES = List.of(
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

    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

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

    /** What containers usually get; much more slows programs that close every possible descriptor. */
    private static final long USUAL_OPEN_FILES = 65536;

    /** Our own hard limit: to raise it takes a capability that not every node leaves to its pods. */
    private static final long OPEN_FILES = ownOpenFiles();

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Where the parts of a container lie on the host.
     *
     * @param init the program that is process 1
     * @param status file that process 1 writes the command's end to
     * @param temporary becomes /tmp and /var/tmp
     * @param resolver file that becomes /etc/resolv.conf; absent files are left out
     * @param hosts file that becomes /etc/hosts
     */
    public record HostFiles(Path init, Path status, Path temporary, Path resolver, Path hosts) {}

    private OciConfig() {}

    private static long ownOpenFiles() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith("Max open files")) {
                    return Long.parseLong(line.strip().split(" +")[4]);
                }
            }
        } catch (IOException | NumberFormatException unreadable) {
            return USUAL_OPEN_FILES;
        }
        return USUAL_OPEN_FILES;
    }

    /**
     * Writes the file.
     *
     * @param rotateBytes size at which stdout and stderr are rotated
     * @param keptFiles rotated files kept of each
     * @param seccomp whether the node's kernel filters system calls
     */
    public static void write(
            OutputStream out, ContainerSpec spec, HostFiles files, long rotateBytes, int keptFiles, boolean seccomp)
            throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("ociVersion", "1.0.2");
            process(json, spec, rotateBytes, keptFiles);
            json.writeObjectFieldStart("root");
            json.writeStringField("path", spec.rootfs().toString());
            json.writeBooleanField("readonly", true);
            json.writeEndObject();
            mounts(json, spec, files);
            linux(json, spec, seccomp);
            json.writeEndObject();
        }
    }

    private static void process(JsonGenerator json, ContainerSpec spec, long rotateBytes, int keptFiles)
            throws IOException {
        json.writeObjectFieldStart("process");
        List<String> arguments = new ArrayList<>(List.of(
                INIT, STATUS, SANDBOX, Long.toString(rotateBytes), Integer.toString(keptFiles), spec.command()));
        arguments.addAll(spec.arguments());
        processFields(json, spec, arguments);
        json.writeEndObject();
    }

    /** Writes the {@code process} that is to run beside a running container's own. */
    public static void writeProcess(OutputStream out, ContainerSpec spec, Program program) throws IOException {
        // Here is no process 1 that could give the program another name than its own.
        List<String> arguments = new ArrayList<>(List.of(program.command()));
        arguments.addAll(program.arguments().subList(1, program.arguments().size()));
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            processFields(json, spec, arguments);
            json.writeEndObject();
        }
    }

    private static void processFields(JsonGenerator json, ContainerSpec spec, List<String> arguments)
            throws IOException {
        json.writeBooleanField("terminal", false);
        json.writeObjectFieldStart("user");
        json.writeNumberField("uid", spec.user().uid());
        json.writeNumberField("gid", spec.user().gid());
        if (!spec.user().supplementary().isEmpty()) {
            json.writeArrayFieldStart("additionalGids");
            for (int gid : spec.user().supplementary()) {
                json.writeNumber(gid);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
        strings(json, "args", arguments);
        json.writeArrayFieldStart("env");
        for (var variable : spec.environment().entrySet()) {
            json.writeString(variable.getKey() + "=" + variable.getValue());
        }
        json.writeEndArray();
        json.writeStringField("cwd", SANDBOX);
        // A user other than root gets none: without setuid programs there is no way to them.
        List<String> granted = spec.user().uid() == 0 ? CAPABILITIES : List.of();
        json.writeObjectFieldStart("capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            strings(json, set, granted);
        }
        json.writeEndObject();
        json.writeArrayFieldStart("rlimits");
        json.writeStartObject();
        json.writeStringField("type", "RLIMIT_NOFILE");
        json.writeNumberField("hard", OPEN_FILES);
        json.writeNumberField("soft", Math.min(OPEN_FILES, USUAL_OPEN_FILES));
        json.writeEndObject();
        json.writeEndArray();
        json.writeBooleanField("noNewPrivileges", true);
    }

    private static void mounts(JsonGenerator json, ContainerSpec spec, HostFiles files) throws IOException {
        json.writeArrayFieldStart("mounts");
        mount(json, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        mount(json, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        mount(json, "/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620");
        mount(json, "/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k");
        mount(json, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        mount(json, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
        mount(json, "/run", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777", "size=65536k");
        bind(json, "/tmp", files.temporary(), "rw", "nosuid", "nodev");
        if (Files.isDirectory(spec.rootfs().resolve("var/tmp"))) {
            bind(json, "/var/tmp", files.temporary(), "rw", "nosuid", "nodev");
        }
        bind(json, SANDBOX, spec.sandbox(), "rw", "nosuid", "nodev");
        bind(json, INIT, files.init(), "ro", "nosuid", "nodev");
        bind(json, STATUS, files.status(), "rw", "nosuid", "nodev", "noexec");
        if (Files.exists(files.resolver())) {
            bind(json, "/etc/resolv.conf", files.resolver(), "ro", "nosuid", "nodev", "noexec");
        }
        if (Files.exists(files.hosts())) {
            bind(json, "/etc/hosts", files.hosts(), "ro", "nosuid", "nodev", "noexec");
        }
        json.writeEndArray();
    }

    private static void linux(JsonGenerator json, ContainerSpec spec, boolean seccomp) throws IOException {
        json.writeObjectFieldStart("linux");
        json.writeStringField("cgroupsPath", spec.cgroup());
        json.writeArrayFieldStart("namespaces");
        for (String namespace : List.of("pid", "mount", "ipc")) {
            json.writeStartObject();
            json.writeStringField("type", namespace);
            json.writeEndObject();
        }
        json.writeEndArray();
        ContainerLimits limits = spec.limits();
        json.writeObjectFieldStart("resources");
        cpuAndMemory(json, limits);
        if (limits.pids().isPresent()) {
            json.writeObjectFieldStart("pids");
            json.writeNumberField("limit", limits.pids().getAsLong());
            json.writeEndObject();
        }
        json.writeArrayFieldStart("devices");
        json.writeStartObject();
        json.writeBooleanField("allow", false);
        json.writeStringField("access", "rwm");
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
        strings(json, "maskedPaths", MASKED);
        strings(json, "readonlyPaths", READ_ONLY);
        json.writeStringField("rootfsPropagation", "private");
        if (seccomp) {
            json.writeObjectFieldStart("seccomp");
            json.writeStringField("defaultAction", "SCMP_ACT_ALLOW");
            json.writeArrayFieldStart("syscalls");
            json.writeStartObject();
            strings(json, "names", REFUSED_CALLS);
            json.writeStringField("action", "SCMP_ACT_ERRNO");
            json.writeNumberField("errnoRet", 1);
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /** Writes the {@code resources} that a running container is to be held to from now on. */
    public static void writeLimits(OutputStream out, ContainerLimits limits) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            cpuAndMemory(json, limits);
            json.writeEndObject();
        }
    }

    private static void cpuAndMemory(JsonGenerator json, ContainerLimits limits) throws IOException {
        json.writeObjectFieldStart("cpu");
        json.writeNumberField("shares", limits.cpuShares());
        if (limits.cpuQuotaMicros().isPresent()) {
            json.writeNumberField("quota", limits.cpuQuotaMicros().getAsLong());
            json.writeNumberField("period", ContainerLimits.CPU_PERIOD_MICROS);
        }
        json.writeEndObject();
        json.writeObjectFieldStart("memory");
        optional(json, "limit", limits.memoryLimitBytes());
        json.writeNumberField("reservation", limits.memoryReservationBytes());
        json.writeEndObject();
    }

    private static void optional(JsonGenerator json, String name, OptionalLong value) throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(name, value.getAsLong());
        }
    }

    private static void bind(JsonGenerator json, String destination, Path source, String... options)
            throws IOException {
        String[] all = new String[options.length + 2];
        all[0] = "bind";
        all[1] = "rprivate";
        System.arraycopy(options, 0, all, 2, options.length);
        mount(json, destination, "bind", source.toString(), all);
    }

    private static void mount(JsonGenerator json, String destination, String type, String source, String... options)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("destination", destination);
        json.writeStringField("type", type);
        json.writeStringField("source", source);
        strings(json, "options", List.of(options));
        json.writeEndObject();
    }

    private static void strings(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
