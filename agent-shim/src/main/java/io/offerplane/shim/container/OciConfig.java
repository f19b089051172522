package io.offerplane.shim.container;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Writes a container's {@code config.json} by the OCI runtime specification 1.0.
 *
 * <p>The pool's root filesystem is shared and read-only, with {@code /tmp} and {@code /var/tmp} folders of the container's own on
 * disk; an image's may be written, and what is written is the container's own. All of it is removed with the container. The container has its own process, mount and IPC namespaces and the node's network and host name,
 * as Mesos frameworks expect of a command task, unless its wishes say otherwise.
 */
public final class OciConfig {

    /** Where a task finds its sandbox, as in Mesos when a task has a root filesystem of its own. */
    public static final String SANDBOX = "/mnt/mesos/sandbox";

    static final String INIT = "/mnt/mesos/init";
    static final String STATUS = "/mnt/mesos/status";
    static final String ORDERS = "/mnt/mesos/orders";

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
     * @param plan of root filesystem and volumes
     * @param orders folder where process 1 will find what to run, of a container that is made ahead of its task; absent: it is the spec's command
     */
    public record HostFiles(
            Path init, Path status, Path temporary, Path resolver, Path hosts, MountPlan plan, Optional<Path> orders) {}

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
            process(json, spec, files.orders().isPresent(), rotateBytes, keptFiles);
            json.writeObjectFieldStart("root");
            json.writeStringField("path", files.plan().root().toString());
            json.writeBooleanField("readonly", spec.rootfs() instanceof RootFilesystem.Shared);
            json.writeEndObject();
            if (spec.wishes().hostname().isPresent()) {
                json.writeStringField("hostname", spec.wishes().hostname().get().name());
            }
            mounts(json, spec, files);
            linux(json, spec, seccomp);
            json.writeEndObject();
        }
    }

    private static void process(JsonGenerator json, ContainerSpec spec, boolean parked, long rotateBytes, int keptFiles)
            throws IOException {
        json.writeObjectFieldStart("process");
        List<String> arguments = new ArrayList<>(parked ? List.of(INIT, "--parked", ORDERS) : List.of(INIT));
        arguments.addAll(List.of(STATUS, SANDBOX, Long.toString(rotateBytes), Integer.toString(keptFiles)));
        if (!parked) {
            arguments.add(spec.command());
            arguments.addAll(spec.arguments());
        }
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

    /** Writes the {@code process} that has such a program's input and output carried by {@link ContainerSession}'s frames. */
    public static void writeSession(
            OutputStream out, ContainerSpec spec, Program program, Optional<ContainerSession.WindowSize> terminal)
            throws IOException {
        ContainerSession.WindowSize size = terminal.orElse(new ContainerSession.WindowSize(0, 0));
        List<String> arguments = new ArrayList<>(List.of(
                INIT,
                "--session",
                terminal.isPresent() ? "1" : "0",
                Integer.toString(size.rows()),
                Integer.toString(size.columns()),
                program.command()));
        arguments.addAll(program.arguments());
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
        json.writeStringField("cwd", spec.workingDirectory());
        capabilities(json, spec);
        limits(json, spec.wishes().limits());
        json.writeBooleanField("noNewPrivileges", true);
    }

    private static void capabilities(JsonGenerator json, ContainerSpec spec) throws IOException {
        boolean root = spec.user().uid() == 0;
        List<String> usual = CapabilitySets.usualOf(spec.user());
        CapabilitySets sets = spec.wishes().capabilities().orElse(new CapabilitySets(usual, usual));
        json.writeObjectFieldStart("capabilities");
        strings(json, "bounding", sets.bounding());
        strings(json, "effective", sets.effective());
        strings(json, "permitted", sets.effective());
        if (!root && !sets.effective().isEmpty()) {
            // Else they would be gone with the first program that runs.
            strings(json, "inheritable", sets.effective());
            strings(json, "ambient", sets.effective());
        }
        json.writeEndObject();
    }

    private static void limits(JsonGenerator json, List<ResourceLimit> wished) throws IOException {
        json.writeArrayFieldStart("rlimits");
        if (wished.stream().noneMatch(l -> l.type().equals("RLIMIT_NOFILE"))) {
            limit(json, new ResourceLimit("RLIMIT_NOFILE", Math.min(OPEN_FILES, USUAL_OPEN_FILES), OPEN_FILES));
        }
        for (ResourceLimit limit : wished) {
            limit(json, limit);
        }
        json.writeEndArray();
    }

    private static void limit(JsonGenerator json, ResourceLimit limit) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", limit.type());
        json.writeFieldName("hard");
        json.writeNumber(Long.toUnsignedString(limit.hard()));
        json.writeFieldName("soft");
        json.writeNumber(Long.toUnsignedString(limit.soft()));
        json.writeEndObject();
    }

    private static void mounts(JsonGenerator json, ContainerSpec spec, HostFiles files) throws IOException {
        json.writeArrayFieldStart("mounts");
        for (MountPlan.Mount base : files.plan().base()) {
            mount(json, base);
        }
        mount(json, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        mount(json, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        mount(json, "/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620");
        SharedMemory memory = spec.wishes().sharedMemory();
        if (memory.ofAgent()) {
            bind(json, "/dev/shm", Path.of("/dev/shm"), "rw", "nosuid", "noexec", "nodev");
        } else {
            String size = "size=" + memory.bytes();
            mount(json, "/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", size);
        }
        mount(json, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        mount(json, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
        if (spec.rootfs() instanceof RootFilesystem.Shared(Path shared)) {
            mount(json, "/run", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777", "size=65536k");
            bind(json, "/tmp", files.temporary(), "rw", "nosuid", "nodev");
            if (Files.isDirectory(shared.resolve("var/tmp"))) {
                bind(json, "/var/tmp", files.temporary(), "rw", "nosuid", "nodev");
            }
        }
        bind(json, SANDBOX, spec.sandbox(), "rw", "nosuid", "nodev");
        bind(json, INIT, files.init(), "ro", "nosuid", "nodev");
        bind(json, STATUS, files.status(), "rw", "nosuid", "nodev", "noexec");
        if (files.orders().isPresent()) {
            bind(json, ORDERS, files.orders().get(), "ro", "nosuid", "nodev", "noexec");
        }
        if (Files.exists(files.resolver())) {
            bind(json, "/etc/resolv.conf", files.resolver(), "ro", "nosuid", "nodev", "noexec");
        }
        if (Files.exists(files.hosts())) {
            bind(json, "/etc/hosts", files.hosts(), "ro", "nosuid", "nodev", "noexec");
        }
        for (MountPlan.Mount volume : files.plan().volumes()) {
            mount(json, volume);
        }
        json.writeEndArray();
    }

    private static void linux(JsonGenerator json, ContainerSpec spec, boolean seccomp) throws IOException {
        json.writeObjectFieldStart("linux");
        json.writeStringField("cgroupsPath", spec.cgroup());
        json.writeArrayFieldStart("namespaces");
        List<String> namespaces = new ArrayList<>(List.of("pid", "mount"));
        if (!spec.wishes().sharedMemory().ofAgent()) {
            namespaces.add("ipc");
        }
        if (spec.wishes().hostname().isPresent()) {
            namespaces.add("uts");
        }
        for (String namespace : namespaces) {
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
        boolean receiving = spec.wishes().volumes().stream().anyMatch(Volume::receivesMounts);
        json.writeStringField("rootfsPropagation", receiving ? "rslave" : "private");
        OciSeccomp.write(json, spec.wishes().systemCalls(), seccomp);
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
        if (limits.cpuShares() > 0) {
            json.writeNumberField("shares", limits.cpuShares());
        }
        if (limits.cpuQuotaMicros().isPresent()) {
            json.writeNumberField("quota", limits.cpuQuotaMicros().getAsLong());
            json.writeNumberField("period", ContainerLimits.CPU_PERIOD_MICROS);
        }
        json.writeEndObject();
        json.writeObjectFieldStart("memory");
        optional(json, "limit", limits.memoryLimitBytes());
        if (limits.memoryReservationBytes() > 0) {
            json.writeNumberField("reservation", limits.memoryReservationBytes());
        }
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

    private static void mount(JsonGenerator json, MountPlan.Mount mount) throws IOException {
        mount(
                json,
                mount.destination(),
                "bind",
                mount.source().toString(),
                mount.options().toArray(String[]::new));
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

    static void strings(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
