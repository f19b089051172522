package io.offerplane.shim.supervise;

import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.container.ContainerSession;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerWishes;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.container.MountPlan;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.RootFilesystem;
import io.offerplane.shim.container.WaitStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers under conmon and crun.
 *
 * <p>On disk, below one folder: {@code bundles/<id>} with {@code config.json}, process numbers, the command's end as process 1
 * wrote it, what becomes /tmp, and what it wrote above an image's layers; {@code exits/<id>}, which conmon writes when the container has ended; {@code crun}, the
 * runtime's own state; {@code stage}, empty but in the spawner's mount namespace. All of it dates from the current boot: see {@link #forgetEarlierBoot}.
 */
public final class ConmonRuntime implements ContainerRuntime, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConmonRuntime.class);

    /** The group, below the claim pod's, of conmon processes and the spawner. */
    public static final String SUPERVISORS = "/offerplane-supervisors";

    /** The group, below the claim pod's, whose children are the tasks. */
    public static final String TASKS = "/offerplane";

    /** Between two looks at containers whose supervisor might have died without a word. */
    private static final Duration RESCAN = Duration.ofSeconds(10);

    /** How long a container's processes may take to vanish after SIGKILL before the removal is put off. */
    private static final Duration DEATH = Duration.ofSeconds(10);

    /** How long process 1 may take from its start to the point where it listens to signals. */
    private static final Duration LISTENING = Duration.ofSeconds(2);

    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** crun's words for a limit of processes that the kernel didn't take. */
    private static final Pattern LIMIT = Pattern.compile("setrlimit .?RLIMIT_(\\w+).?: (.*)");

    /** Of SIGTERM, 15, in the kernel's signal masks. */
    private static final long SIGTERM_BIT = 1L << 14;

    /** A page, as the kernel reads no more of them. */
    private static final int MOUNT_OPTIONS_BYTES = 4096;

    /** What a container that waits for its order takes, its supervisor included, in bytes: measured, and rounded up. */
    private static final long SLOT_BYTES = 2L << 20;

    private static final Path NODE_NAME = Path.of("/proc/sys/kernel/hostname");

    /** How long orders of an earlier shim's spawner may still run. */
    private static final Duration EARLIER_ORDERS = Duration.ofSeconds(15);

    /**
     * What the runtime is made of.
     *
     * @param folder where everything lies
     * @param conmon the supervisor's program
     * @param crun the OCI runtime's program
     * @param cgroupRoot the host's control groups, as this process sees them
     * @param rotateBytes size at which stdout and stderr are rotated; 0 means never
     * @param keptFiles rotated files kept of each
     * @param seccomp whether to filter system calls
     * @param nodeIp what the node's name stands for in containers, unless the node says otherwise
     */
    public record Settings(
            Path folder,
            Path conmon,
            Path crun,
            Path cgroupRoot,
            long rotateBytes,
            int keptFiles,
            boolean seccomp,
            String nodeIp) {}

    private final Settings settings;
    private final CgroupHierarchy cgroups;
    private final Path bundles;
    private final Path exits;
    private final Path crunRoot;
    private final Path stage;
    private final Path init;
    private final Path script;
    private final Path resolver;
    private final Path hosts;
    private final WatchService watch;
    private final Map<String, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();
    private final Map<String, ContainerSpec> specs = new ConcurrentHashMap<>();
    /** More starts at a time than cores can carry would all end late instead of one after the other. */
    private final Semaphore starts =
            new Semaphore(Math.max(2, 2 * Runtime.getRuntime().availableProcessors()), true);

    /** One at a time is enough for all that start; it blocks in the kernel, so it has a thread of its own. */
    private final ThreadPoolExecutor rehearsals = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().name("rehearsals").daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());

    private final WarmSlots slots = new WarmSlots(new SlotMaker());
    private final AtomicLong warmStarts = new AtomicLong();
    private final AtomicLong coldStarts = new AtomicLong();
    /** Of containers made ahead; null as long as none are. */
    private volatile @Nullable SlotModel slotModel;

    private final OomWatch memory = new OomWatch(this::outOfMemory);
    private final ReentrantLock spawnerLock = new ReentrantLock();
    private volatile @Nullable Spawner spawner;
    private volatile @Nullable String podGroup;

    /**
     * Makes the folders and starts watching. No process is started before {@link #useClaim}.
     *
     * @throws IOException when the folder isn't writable
     */
    public ConmonRuntime(Settings settings, CgroupHierarchy cgroups) throws IOException {
        this.settings = settings;
        this.cgroups = cgroups;
        Path folder = settings.folder();
        this.bundles = folder.resolve("bundles");
        this.exits = folder.resolve("exits");
        this.crunRoot = folder.resolve("crun");
        this.stage = folder.resolve("stage");
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        for (Path sub : List.of(bundles, exits, crunRoot, stage)) {
            Files.createDirectories(sub);
        }
        Files.setPosixFilePermissions(bundles, PosixFilePermissions.fromString("rwx------"));
        Path programs = folder.resolve("programs");
        Files.createDirectories(programs);
        this.init = program(programs, "/io/offerplane/shim/container/task-init", "task-init");
        this.script = program(programs, "/io/offerplane/shim/supervise/spawner.sh", "spawner.sh");
        this.resolver = copy(Path.of("/etc/resolv.conf"), programs.resolve("resolv.conf"));
        this.hosts = HostsFile.write(
                Path.of("/etc/hosts"),
                read(NODE_NAME).orElse("").strip(),
                settings.nodeIp(),
                programs.resolve("hosts"));
        this.watch = folder.getFileSystem().newWatchService();
        exits.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
        memory.start();
        Thread.ofPlatform().name("exits").daemon().start(this::watch);
        Thread.ofPlatform().name("exits-rescan").daemon().start(this::rescan);
    }

    /** Puts a program of the jar on the host's disk, by content: a running container keeps the one that it started with. */
    private static Path program(Path folder, String resource, String name) throws IOException {
        byte[] content;
        try (InputStream in = ConmonRuntime.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("the shim's jar lacks " + resource + "; build agent-shim with Maven");
            }
            content = in.readAllBytes();
        }
        Path file = folder.resolve(name + "-" + Integer.toHexString(java.util.Arrays.hashCode(content)));
        if (!Files.exists(file)) {
            Path partial = folder.resolve(name + ".partial");
            Files.write(partial, content);
            Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return file;
    }

    private static Path copy(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-r--r--"));
        }
        return to;
    }

    /** After a reboot nothing of what the folders say is true any more: process numbers belong to others. */
    public void forgetEarlierBoot() throws IOException {
        for (Path folder : List.of(bundles, exits, crunRoot)) {
            try (var entries = Files.list(folder)) {
                for (Path entry : entries.toList()) {
                    DefaultRootfs.removeTree(entry);
                }
            }
        }
    }

    /**
     * Makes the claim pod's group the home of supervisors and tasks from now on. What runs elsewhere stays there. Waits for
     * orders that a killed shim's spawner still carries out, so that no container appears behind a recovering shim's back.
     *
     * @param podGroup the pod's group, relative to the root of each hierarchy
     */
    public void useClaim(String podGroup) throws IOException, InterruptedException {
        spawnerLock.lock();
        try {
            if (podGroup.equals(this.podGroup) && spawner != null && spawner.isAlive()) {
                return;
            }
            cgroups.create(podGroup + SUPERVISORS);
            cgroups.create(podGroup + TASKS);
            if (spawner != null) {
                spawner.close();
                spawner = null;
            }
            awaitEarlierOrders(podGroup + SUPERVISORS);
            Spawner started = Spawner.start(
                    script, settings.conmon(), settings.crun(), crunRoot, exits, stage, settings.cgroupRoot());
            try {
                cgroups.join(podGroup + SUPERVISORS, started.pid());
            } catch (IOException e) {
                started.close();
                throw new IOException("cannot move the spawner into " + podGroup + SUPERVISORS, e);
            }
            if (this.podGroup == null) {
                endEarlierSessions(podGroup + TASKS);
            }
            this.spawner = started;
            this.podGroup = podGroup;
            slots.useGroup(podGroup + TASKS);
        } finally {
            spawnerLock.unlock();
        }
    }

    /** Sessions end with their shim; what their commands left in the background is found by its mark. */
    private void endEarlierSessions(String tasks) throws IOException {
        List<Path> containers;
        try (var entries = Files.list(bundles)) {
            containers = entries.toList();
        }
        for (Path bundle : containers) {
            try (var left = Files.newDirectoryStream(bundle, SessionProcess.FOLDER + "*")) {
                for (Path folder : left) {
                    String mark = SessionProcess.mark(String.valueOf(bundle.getFileName()), folder);
                    new MarkedProcesses(cgroups, tasks, mark).end();
                    DefaultRootfs.removeTree(folder);
                }
            }
        }
    }

    private void awaitEarlierOrders(String group) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + EARLIER_ORDERS.toNanos();
        while (true) {
            List<Long> orders = cgroups.processes(group).stream()
                    .filter(pid -> !name(pid).equals("conmon"))
                    .toList();
            if (orders.isEmpty()) {
                return;
            }
            // Nobody waits for what these run: it would be as long as that takes.
            orders.stream().filter(ConmonRuntime::isExec).forEach(ConmonRuntime::kill);
            if (System.nanoTime() > deadline) {
                log.warn("Ending processes {} of an earlier spawner", orders);
                orders.forEach(ConmonRuntime::kill);
            }
            Thread.sleep(20);
        }
    }

    private static boolean isExec(long pid) {
        return read(Path.of("/proc", Long.toString(pid), "cmdline"))
                .filter(line -> List.of(line.split("\0")).containsAll(List.of("exec", "--process")))
                .isPresent();
    }

    private static String name(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
                    .strip();
        } catch (IOException gone) {
            return "conmon";
        }
    }

    private Spawner spawner() throws IOException, InterruptedException {
        spawnerLock.lock();
        try {
            Spawner current = spawner;
            if (current != null && current.isAlive()) {
                return current;
            }
            if (podGroup == null) {
                throw new IOException("no claim pod is known on this node yet");
            }
            useClaim(podGroup);
            if (spawner == null) {
                throw new IllegalStateException("useClaim starts a spawner or throws");
            }
            return spawner;
        } finally {
            spawnerLock.unlock();
        }
    }

    /**
     * Keeps containers ready ahead of tasks from now on: {@link #newId} hands them out. To be called once all that an earlier shim started is known.
     *
     * @param wanted how many, if the claim has room for them; 0 means none
     * @param rootfs that they stand on
     * @param pids processes and threads that each may have
     */
    public void keepWarm(int wanted, RootFilesystem rootfs, OptionalLong pids) {
        slotModel = new SlotModel(rootfs, pids);
        slots.keep(wanted);
    }

    /** Keeps no more of them than take a hundredth of the claim's memory, in bytes, from now on. */
    public void boundWarm(long claimBytes) {
        slots.bound((int) Math.min(Integer.MAX_VALUE, claimBytes / 100 / SLOT_BYTES));
    }

    /** How containers have started since this process did. */
    public WarmStarts warmStarts() {
        return new WarmStarts(slots.parked(), warmStarts.get(), coldStarts.get());
    }

    @Override
    public String newId(String cgroup, boolean plain) {
        return slots.take(cgroup, plain).orElseGet(() -> UUID.randomUUID().toString());
    }

    @Override
    public void abandon(String id) {
        if (slots.redeem(id)) {
            String pod = podGroup;
            Thread.ofVirtual().start(() -> removeQuietly(id, pod + TASKS + "/" + id));
        }
    }

    @Override
    public Optional<Path> preparedSandbox(String id) {
        return Optional.of(new ParkedContainer(bundles.resolve(id)).sandbox()).filter(Files::isDirectory);
    }

    @Override
    public void start(ContainerSpec spec) throws ContainerLaunchException, InterruptedException {
        Path bundle = bundles.resolve(spec.id());
        specs.put(spec.id(), spec);
        slots.startBegan();
        try {
            boolean parked = ParkedContainer.isIn(bundle);
            if (parked && handOver(spec, new ParkedContainer(bundle))) {
                return;
            }
            if (!parked && Files.exists(bundle.resolve("pid"))) {
                resume(spec);
                return;
            }
            if (Files.exists(bundle)) {
                // An earlier attempt ended in the middle.
                remove(spec);
                specs.put(spec.id(), spec);
            }
            coldStarts.incrementAndGet();
            launch(spec, bundle, false);
        } catch (IOException e) {
            throw new ContainerLaunchException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        } finally {
            slots.startEnded();
        }
    }

    /**
     * Has a container that was made ahead go on as the spec says, if that hasn't begun already. Returns false when it can't: then it is of no use to
     * anybody.
     */
    private boolean handOver(ContainerSpec spec, ParkedContainer parked) throws IOException {
        if (parked.isOrdered()) {
            parked.wake();
            return true;
        }
        boolean ours = slots.redeem(spec.id());
        SlotModel model = slotModel;
        boolean fits = model != null && model.serves(spec);
        if (!ours || !fits || init(spec).isEmpty()) {
            log.info("Container {}, made ahead, {}", spec.id(), ours ? "can't be used" : "is an earlier shim's");
            return false;
        }
        ContainerLimits limits = spec.limits();
        cgroups.limit(
                spec.cgroup(),
                limits.cpuShares(),
                limits.cpuQuotaMicros(),
                limits.memoryLimitBytes(),
                limits.memoryReservationBytes());
        parked.order(spec);
        warmStarts.incrementAndGet();
        return true;
    }

    /** Makes containers whose process 1 waits for its order, and removes those that get none. */
    private final class SlotMaker implements WarmSlots.Maker {
        @Override
        public void make(SlotPool.Slot slot) throws ContainerLaunchException, InterruptedException {
            SlotModel model = Objects.requireNonNull(slotModel, "none is made before it is known what they are");
            Path bundle = bundles.resolve(slot.id());
            try {
                launch(model.container(slot, new ParkedContainer(bundle).sandbox()), bundle, true);
            } catch (IOException e) {
                throw new ContainerLaunchException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public void remove(SlotPool.Slot slot) {
            removeQuietly(slot.id(), slot.cgroup());
        }
    }

    /** @param parked whether its process 1 is to wait for an order, instead of running the spec's command */
    private void launch(ContainerSpec spec, Path bundle, boolean parked)
            throws IOException, ContainerLaunchException, InterruptedException {
        long began = System.nanoTime();
        rehearsals.execute(this::rehearseMove);
        MountPlan plan = write(spec, bundle, parked);
        long written = System.nanoTime();
        starts.acquire();
        long admitted = System.nanoTime();
        Spawner.Answer answer;
        try {
            Spawner with = spawner();
            with.putSecrets(stage.resolve(spec.id()), plan.secrets(), spec.user());
            answer = with.start(spec.id(), bundle);
            with.tidy(spec.cgroup());
        } finally {
            starts.release();
        }
        log.debug(
                "Container {}: bundle {} us, waited {} us, create and start {} us",
                spec.id(),
                (written - began) / 1000,
                (admitted - written) / 1000,
                (System.nanoTime() - admitted) / 1000);
        if (!answer.succeeded()) {
            throw new ContainerLaunchException(reason(answer.text()));
        }
    }

    /** Beside the bundle's writing and conmon's start, after which crun moves process 1 into its groups. */
    private void rehearseMove() {
        Spawner current = spawner;
        String pod = podGroup;
        if (current != null && pod != null && current.isAlive()) {
            try {
                cgroups.rehearseMove(pod + SUPERVISORS, current.pid());
            } catch (IOException e) {
                log.debug("No rehearsal of a move; it only takes longer", e);
            }
        }
    }

    private void resume(ContainerSpec spec) throws IOException, InterruptedException, ContainerLaunchException {
        // crun keeps this pipe until the container is told to start.
        if (!Files.exists(exits.resolve(spec.id()))
                && Files.exists(crunRoot.resolve(spec.id()).resolve("exec.fifo"))) {
            Spawner.Answer answer = spawner().resume(spec.id());
            if (!answer.succeeded() && Files.exists(crunRoot.resolve(spec.id()).resolve("exec.fifo"))) {
                throw new ContainerLaunchException(reason(answer.text()));
            }
        }
    }

    /** The runtime's own words, without conmon's wrapping. */
    private static String reason(String text) {
        String said = text;
        int message = said.indexOf("\"message\": \"");
        if (message >= 0) {
            said = said.substring(message + 12);
            int end = said.lastIndexOf('"');
            said = (end < 0 ? said : said.substring(0, end)).replace("\\n", " ");
        }
        if (said.startsWith("Failed to mount ")) {
            return said.strip();
        }
        Matcher limit = LIMIT.matcher(said);
        if (limit.find()) {
            return "Failed to set RLMT_" + limit.group(1) + " limit: "
                    + limit.group(2).strip();
        }
        return "The OCI runtime refused: " + (said.isBlank() ? "it said nothing" : said.strip());
    }

    private MountPlan write(ContainerSpec spec, Path bundle, boolean parked) throws IOException {
        Files.createDirectory(bundle);
        Optional<Path> orders =
                parked ? Optional.of(ParkedContainer.prepare(bundle).orders()) : Optional.empty();
        Path status = bundle.resolve("status");
        Files.createFile(status, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Path temporary = bundle.resolve("tmp");
        Files.createDirectory(temporary);
        Files.setAttribute(temporary, "unix:mode", 01777);
        if (spec.user().uid() != 0) {
            Files.setAttribute(status, "unix:uid", spec.user().uid());
        }
        MountPlan plan = MountPlan.prepare(spec, bundle, stage.resolve(spec.id()));
        if (!plan.hostPaths().isEmpty() || !plan.secrets().isEmpty()) {
            Files.write(
                    bundle.resolve("stage"),
                    plan.hostPaths().stream()
                            .map(h -> h.name() + " " + h.identity() + " " + h.path())
                            .toList());
        }
        if (spec.rootfs() instanceof RootFilesystem.Layered layered) {
            writeLayers(layered.layers(), bundle);
        }
        Path names = hosts;
        if (spec.wishes().hostname().isPresent()) {
            ContainerWishes.Hostname own = spec.wishes().hostname().get();
            names = bundle.resolve("hosts");
            Files.writeString(names, read(hosts).orElse("") + "\n" + own.address() + " " + own.name() + "\n");
        }
        try (OutputStream out = Files.newOutputStream(bundle.resolve("config.json"))) {
            OciConfig.write(
                    out,
                    spec,
                    new OciConfig.HostFiles(init, status, temporary, resolver, names, plan, orders),
                    settings.rotateBytes(),
                    settings.keptFiles(),
                    settings.seccomp());
        }
        return plan;
    }

    /** What the spawner is to mount: the folder of the layers, options for mount(8), and the names of the layers. */
    private static void writeLayers(List<Path> layers, Path bundle) throws IOException {
        Path upper = Files.createDirectory(bundle.resolve("upper"));
        Files.setPosixFilePermissions(upper, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path work = Files.createDirectory(bundle.resolve("work"));
        List<String> names = layers.stream()
                .map(layer -> String.valueOf(layer.getFileName()))
                .toList();
        String options = "nosuid,nodev,lowerdir=" + String.join(":", names) + ",upperdir=" + upper + ",workdir=" + work;
        if (options.length() >= MOUNT_OPTIONS_BYTES) {
            throw new IOException("Failed to mount the image: it has " + names.size()
                    + " layers, more than fit into one mount; build it with fewer");
        }
        List<String> lines =
                new ArrayList<>(List.of(String.valueOf(layers.getFirst().getParent()), options));
        lines.addAll(names);
        Files.write(bundle.resolve("layers"), lines);
    }

    /**
     * Names of the folders of layers that containers stand on.
     *
     * @throws IOException when it can't be told, so that none may be removed
     */
    public Set<String> layersInUse() throws IOException {
        Set<String> names = new TreeSet<>();
        try (var entries = Files.list(bundles)) {
            for (Path bundle : entries.toList()) {
                Path file = bundle.resolve("layers");
                if (Files.exists(file)) {
                    names.addAll(Files.readAllLines(file));
                }
            }
        } catch (NoSuchFileException removedMeanwhile) {
            return layersInUse();
        }
        return names;
    }

    @Override
    public ContainerExit awaitExit(ContainerSpec spec) throws InterruptedException {
        specs.put(spec.id(), spec);
        CompletableFuture<Void> ended = awaited.computeIfAbsent(spec.id(), id -> new CompletableFuture<>());
        if (Files.exists(exits.resolve(spec.id()))) {
            ended.complete(null);
        }
        Path bundle = bundles.resolve(spec.id());
        if (!Files.exists(bundle)) {
            // Without its folder there is no container.
            ended.complete(null);
        }
        memory.add(spec.id(), cgroups.oomCounter(spec.cgroup()));
        try {
            ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing fails this", e);
        } finally {
            awaited.remove(spec.id(), ended);
            memory.remove(spec.id());
        }
        return new ContainerExit(statusOf(spec.id(), bundle), outOfMemory(spec));
    }

    @Override
    public void update(ContainerSpec spec) throws IOException, InterruptedException {
        if (init(spec).isEmpty()) {
            return;
        }
        Path wanted = bundles.resolve(spec.id()).resolve("limits.json");
        try (OutputStream out = Files.newOutputStream(wanted)) {
            OciConfig.writeLimits(out, spec.limits());
        }
        Spawner.Answer answer = spawner().update(spec.id(), wanted);
        if (!answer.succeeded() && init(spec).isPresent()) {
            throw new IOException(reason(answer.text()));
        }
    }

    @Override
    public WaitStatus exec(ContainerSpec spec, String purpose, Program program, Duration timeout)
            throws IOException, TimeoutException, InterruptedException {
        if (init(spec).isEmpty()) {
            throw new IOException("the container doesn't run");
        }
        Path folder = bundles.resolve(spec.id()).resolve("exec-" + purpose);
        return new ContainerExec(cgroups, spec, folder).exec(spawner(), program, timeout);
    }

    @Override
    public ContainerSession join(ContainerSpec spec, Program program, Optional<ContainerSession.WindowSize> terminal)
            throws IOException, InterruptedException {
        if (init(spec).isEmpty()) {
            throw new IOException("the container doesn't run");
        }
        Path folder = bundles.resolve(spec.id()).resolve(SessionProcess.FOLDER + UUID.randomUUID());
        return SessionProcess.start(spawner(), cgroups, spec, folder, program, terminal);
    }

    /** Process 1's word on its command; else what conmon saw of process 1 itself. */
    private WaitStatus statusOf(String id, Path bundle) {
        String[] words = read(bundle.resolve("status")).orElse("").strip().split(" ");
        try {
            return switch (words[0]) {
                case "exited" -> new WaitStatus.Exited(Integer.parseInt(words[1]));
                case "signaled" -> new WaitStatus.Signaled(Integer.parseInt(words[1]), words[2].equals("1"));
                default -> ofInit(read(exits.resolve(id)).orElse("").strip());
            };
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException scribbled) {
            // The file is within the task's reach.
            return new WaitStatus.Unknown();
        }
    }

    private static WaitStatus ofInit(String code) {
        if (code.isEmpty()) {
            return new WaitStatus.Unknown();
        }
        int number = Integer.parseInt(code);
        return number > 128 ? new WaitStatus.Signaled(number - 128, false) : new WaitStatus.Exited(number);
    }

    private Optional<ContainerExit.OutOfMemory> outOfMemory(ContainerSpec spec) {
        Optional<ContainerUsage> usage = usage(spec);
        if (usage.isEmpty() || usage.get().oomKills() == 0) {
            return Optional.empty();
        }
        String statistics = "";
        try {
            statistics = cgroups.memoryStatistics(spec.cgroup()).orElse("");
        } catch (IOException gone) {
            log.debug("No memory statistics of {}", spec.id(), gone);
        }
        return Optional.of(new ContainerExit.OutOfMemory(
                spec.limits().memoryLimitBytes(), usage.get().memoryPeakBytes(), statistics));
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    @Override
    public void signal(ContainerSpec spec, Signal signal) {
        // Process 1 passes others to all, and answers USR2 by killing all but itself, so that it can still write what
        // they said.
        String name = signal == Signal.KILL ? "USR2" : signal.name();
        try {
            Optional<Long> init = init(spec);
            if (init.isEmpty()) {
                log.debug("No {} to container {}, which doesn't run", name, spec.id());
                return;
            }
            awaitListening(init.get());
            Spawner.Answer answer = spawner().signal(spec.id(), name, init.get());
            if (!answer.succeeded()) {
                log.debug("No {} to container {}: {}", name, spec.id(), answer.text());
            }
        } catch (IOException e) {
            log.warn("Cannot send {} to container {}", name, spec.id(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (signal == Signal.KILL) {
            Thread.ofVirtual().start(() -> killWhatIsLeft(spec));
        }
    }

    /**
     * Waits until process 1 has taken over its signals. Before that the kernel drops what it has no handler for, and a task that
     * is killed in the instant of its start would not hear of it.
     */
    private static void awaitListening(long pid) throws InterruptedException {
        long deadline = System.nanoTime() + LISTENING.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<String> status = read(Path.of("/proc", Long.toString(pid), "status"));
            if (status.isEmpty()) {
                return;
            }
            for (String line : status.get().split("\n")) {
                if (line.startsWith("SigBlk:")
                        && (Long.parseUnsignedLong(
                                                line.substring("SigBlk:".length())
                                                        .strip(),
                                                16)
                                        & SIGTERM_BIT)
                                != 0) {
                    return;
                }
            }
            Thread.sleep(2);
        }
    }

    /** The number of process 1, as the node sees it, once it is sure that it isn't somebody else's by now. */
    private Optional<Long> init(ContainerSpec spec) {
        try {
            String pid =
                    Files.readString(bundles.resolve(spec.id()).resolve("pid")).strip();
            String groups = Files.readString(Path.of("/proc", pid, "cgroup"));
            return groups.contains(spec.id()) ? Optional.of(Long.parseLong(pid)) : Optional.empty();
        } catch (IOException | NumberFormatException gone) {
            return Optional.empty();
        }
    }

    /** When process 1 itself hangs, such as on a dead disk, everything goes by the control group. */
    private void killWhatIsLeft(ContainerSpec spec) {
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            while (System.nanoTime() < deadline) {
                if (Files.exists(exits.resolve(spec.id()))
                        || cgroups.processes(spec.cgroup()).isEmpty()) {
                    return;
                }
                Thread.sleep(50);
            }
            killAll(spec.cgroup());
        } catch (IOException e) {
            log.warn("Cannot kill what is left of container {}", spec.id(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGKILL; nothing happens when there is no such process. */
    static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    private void killAll(String cgroup) throws IOException {
        for (long pid : cgroups.processes(cgroup)) {
            kill(pid);
        }
    }

    @Override
    public void remove(ContainerSpec spec) throws IOException, InterruptedException {
        remove(spec.id(), spec.cgroup());
    }

    /**
     * Ends and removes containers below the present claim that nobody knows: a shim that lost its journal, or died at the wrong moment,
     * left them. As Mesos' agent does with orphans when it recovers. Returns when it has seen which; they go on threads of their own.
     *
     * @param known ids of the containers that are to stay; none may be started before this returns but those
     */
    public void removeUnknown(Set<String> known) throws IOException {
        String pod = podGroup;
        if (pod == null) {
            return;
        }
        Set<String> unknown = new TreeSet<>(cgroups.children(pod + TASKS));
        for (Path folder : List.of(bundles, exits, crunRoot)) {
            try (var entries = Files.list(folder)) {
                entries.forEach(e -> unknown.add(e.getFileName().toString()));
            }
        }
        unknown.removeIf(name -> known.contains(name)
                || slots.isOwn(name)
                || !CONTAINER_ID.matcher(name).matches());
        for (String id : unknown) {
            log.info("Removing container {}, which nobody knows", id);
            Thread.ofVirtual().start(() -> removeQuietly(id, pod + TASKS + "/" + id));
        }
    }

    /** Of a container that no task has. */
    private void removeQuietly(String id, String cgroup) {
        try {
            remove(id, cgroup);
        } catch (IOException e) {
            log.warn("Cannot remove container {}, which nobody knows; the next shim will", id, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void enclose(String cgroup, ContainerLimits limits) throws IOException {
        OptionalLong memory = limits.memoryLimitBytes();
        if (cgroups.exists(cgroup)) {
            OptionalLong before =
                    cgroups.usage(cgroup).map(ContainerUsage::memoryLimitBytes).orElse(OptionalLong.empty());
            if (memory.isPresent() && before.isPresent()) {
                memory = OptionalLong.of(Math.max(memory.getAsLong(), before.getAsLong()));
            }
        } else {
            cgroups.create(cgroup);
        }
        cgroups.limit(cgroup, limits.cpuShares(), limits.cpuQuotaMicros(), memory, limits.memoryReservationBytes());
    }

    @Override
    public void release(String cgroup) throws IOException {
        cgroups.remove(cgroup);
    }

    private void remove(String id, String cgroup) throws IOException, InterruptedException {
        Path bundle = bundles.resolve(id);
        // What "crun delete" would do, without starting a program for it, and also when no spawner can.
        long deadline = System.nanoTime() + DEATH.toNanos();
        while (true) {
            killAll(cgroup);
            try {
                // Also when it seems to be gone: an earlier removal may have ended in the middle.
                cgroups.remove(cgroup);
                break;
            } catch (IOException busy) {
                if (System.nanoTime() > deadline) {
                    throw new IOException(
                            "processes of container " + id + " don't end: " + cgroups.processes(cgroup), busy);
                }
                Thread.sleep(20);
            }
        }
        awaitSupervisor(bundle, deadline);
        DefaultRootfs.removeTree(crunRoot.resolve(id));
        DefaultRootfs.removeTree(bundle);
        Files.deleteIfExists(exits.resolve(id));
        specs.remove(id);
        slots.removed(id);
        CompletableFuture<Void> waiting = awaited.remove(id);
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    /** conmon writes the exit file as the last thing; it must not come back after it was removed. */
    private static void awaitSupervisor(Path bundle, long deadline) throws InterruptedException {
        Optional<String> text = read(bundle.resolve("conmon.pid"));
        if (text.isEmpty()) {
            return;
        }
        try {
            long pid = Long.parseLong(text.get().strip());
            while (isAlive(pid) && name(pid).equals("conmon") && System.nanoTime() < deadline) {
                Thread.sleep(5);
            }
        } catch (NumberFormatException torn) {
            log.debug("No process number in {}", bundle, torn);
        }
    }

    /** False for a process that has ended and that its parent, on some nodes never, has not yet taken notice of. */
    private static boolean isAlive(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat")).orElse("");
        int name = stat.lastIndexOf(')');
        return name >= 0 && !stat.startsWith(" Z", name + 1);
    }

    @Override
    public Optional<ContainerUsage> usage(ContainerSpec spec) {
        try {
            return cgroups.usage(spec.cgroup());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private void outOfMemory(String id) {
        ContainerSpec spec = specs.get(id);
        if (spec != null) {
            log.info("Container {} is out of memory", id);
            Thread.ofVirtual().start(() -> signal(spec, Signal.KILL));
        }
    }

    private void watch() {
        while (true) {
            WatchKey key;
            try {
                key = watch.take();
            } catch (InterruptedException | ClosedWatchServiceException e) {
                return;
            }
            for (WatchEvent<?> event : key.pollEvents()) {
                if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
                    look();
                    continue;
                }
                String id = String.valueOf(event.context());
                CompletableFuture<Void> ended = awaited.get(id);
                if (ended != null) {
                    ended.complete(null);
                }
                slots.ended(id);
            }
            key.reset();
        }
    }

    private void rescan() {
        try {
            while (true) {
                Thread.sleep(RESCAN);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Finds ends that no event told of: a lost event, or a supervisor that was killed. */
    private void look() {
        awaited.forEach((id, ended) -> {
            ContainerSpec spec = specs.get(id);
            try {
                if (Files.exists(exits.resolve(id))) {
                    ended.complete(null);
                } else if (spec != null && cgroups.processes(spec.cgroup()).isEmpty()) {
                    // conmon may be about to write; it gets a moment.
                    CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> ended.complete(null));
                }
            } catch (IOException e) {
                log.warn("Cannot look after container {}", id, e);
            }
        });
    }

    /** Stops watching and lets the spawner end. Containers and their supervisors go on. */
    @Override
    public void close() throws IOException {
        slots.close();
        watch.close();
        memory.close();
        rehearsals.shutdown();
        spawnerLock.lock();
        try {
            if (spawner != null) {
                spawner.close();
            }
        } finally {
            spawnerLock.unlock();
        }
    }
}
