package io.offerplane.shim;

import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.ContainerWishes;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.container.MountPlan;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.container.RootFilesystem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The yardstick of launches: {@code crun run} and nothing else, with the configuration that the shim would write, from a shell that is there already, so that
 * neither this process' start of programs nor a supervisor counts.
 */
final class BareRuntime implements AutoCloseable {

    private static final String SHELL = "umount /sys/fs/cgroup/unified 2>/dev/null;"
            + " mkdir -p /sys/fs/cgroup/unified 2>/dev/null && mount -t tmpfs none /sys/fs/cgroup/unified;"
            + " echo ready; while read -r id bundle; do"
            + " /usr/bin/crun --root=\"$ROOT\" run --bundle=\"$bundle\" \"$id\" </dev/null >/dev/null 2>&1; echo \"$?\"; done";

    private final Path folder;
    private final Path rootfs;
    private final String group;
    private final CgroupHierarchy cgroups;
    private final Process shell;
    private final BufferedReader answers;
    private final OutputStream orders;

    /** @param init the program that is process 1 of tasks */
    BareRuntime(Path folder, Path rootfs, String group, CgroupHierarchy cgroups, Path init) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.rootfs = rootfs;
        this.group = group;
        this.cgroups = cgroups;
        Files.createDirectories(folder.resolve("tmp"));
        Files.createDirectories(folder.resolve("sandbox"));
        Files.writeString(folder.resolve("status"), "");
        Files.copy(init, folder.resolve("init"));
        folder.resolve("init").toFile().setExecutable(true);
        ProcessBuilder builder =
                new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", SHELL);
        builder.environment().put("ROOT", folder.resolve("crun").toString());
        shell = builder.start();
        orders = shell.getOutputStream();
        answers = new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8));
        answers.readLine();
    }

    /** Nanoseconds from the order to the end of crun, whose container runs {@code true}. */
    long run() throws IOException {
        String id = UUID.randomUUID().toString();
        Path bundle = Files.createDirectory(folder.resolve(id));
        ContainerSpec spec = new ContainerSpec(
                id,
                group + "/" + id,
                folder.resolve("sandbox"),
                new RootFilesystem.Shared(rootfs),
                "true",
                List.of("true"),
                Map.of("PATH", "/bin"),
                new ContainerUser(0, 0, List.of(), "/"),
                OciConfig.SANDBOX,
                ContainerLimits.least(OptionalLong.empty()),
                ContainerWishes.NONE);
        Path absent = folder.resolve("absent");
        try (OutputStream out = Files.newOutputStream(bundle.resolve("config.json"))) {
            OciConfig.write(
                    out,
                    spec,
                    new OciConfig.HostFiles(
                            folder.resolve("init"),
                            folder.resolve("status"),
                            folder.resolve("tmp"),
                            absent,
                            absent,
                            MountPlan.prepare(spec, bundle, folder.resolve("stage")),
                            Optional.empty()),
                    0,
                    0,
                    true);
        }
        long began = System.nanoTime();
        orders.write((id + " " + bundle + "\n").getBytes(StandardCharsets.UTF_8));
        orders.flush();
        String code = answers.readLine();
        long took = System.nanoTime() - began;
        if (!"0".equals(code)) {
            throw new IllegalStateException("crun run answered " + code + " for " + bundle);
        }
        DefaultRootfs.removeTree(bundle);
        cgroups.remove(group + "/" + id);
        return took;
    }

    @Override
    public void close() throws IOException {
        orders.close();
        shell.onExit().join();
        cgroups.remove(group);
    }
}
