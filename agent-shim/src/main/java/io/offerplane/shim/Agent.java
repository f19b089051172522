package io.offerplane.shim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.KeepVolumes;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.PersistentVolume;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.Registered;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.executor.ExecutorNode;
import io.offerplane.shim.executor.Executors;
import io.offerplane.shim.fetch.Fetcher;
import io.offerplane.shim.image.ContainerBases;
import io.offerplane.shim.image.Images;
import io.offerplane.shim.isolator.Isolators;
import io.offerplane.shim.journal.FileJournal;
import io.offerplane.shim.journal.JournalState;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.Node;
import io.offerplane.shim.link.LeaderMessages;
import io.offerplane.shim.link.LinkSession;
import io.offerplane.shim.local.LocalApi;
import io.offerplane.shim.nested.HostContainers;
import io.offerplane.shim.nested.NestedContainers;
import io.offerplane.shim.nested.NestedNode;
import io.offerplane.shim.oversubscription.Oversubscription;
import io.offerplane.shim.supervise.ConmonRuntime;
import io.offerplane.shim.supervise.WarmStarts;
import io.offerplane.shim.task.HeldTasks;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.Sandboxes;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running shim: what the node remembers of itself, and the wiring of journal, runtime, tasks and link. Everything that it
 * knows about tasks is in {@link HeldTasks}.
 */
public final class Agent implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Agent.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Mesos' disk_watch_interval: a disk may fill fast. */
    private static final long COLLECT_SECONDS = 60;

    /** Of {@code starttime}, counted after the process's name, in {@code /proc/<pid>/stat}. */
    private static final int STARTED_FIELD = 19;

    private final ShimConfig config;
    private final CgroupHierarchy cgroups;
    private final FileJournal journal;
    private final ConmonRuntime runtime;
    private final HeldTasks tasks;
    private final Sandboxes sandboxes;
    private final Executors executors;
    private final NestedContainers nested;
    private final LinkSession link;
    private final ScheduledThreadPoolExecutor timers;
    private final Images images;
    private final ContainerBases bases;
    private final Isolators isolators;
    private final LocalApi local;
    private final Oversubscription oversubscription;
    private final String bootId;
    private final long startedMillis = System.currentTimeMillis();
    private volatile Node remembered;
    private volatile String podGroup = "";
    private volatile String searched = "";
    private volatile boolean recovered;
    private @Nullable Future<?> collector;

    /** Folders of the volumes that the leader last named; null before it has: nothing is known of any then. */
    private volatile @Nullable Set<Path> keptVolumes;

    /**
     * Takes up what the node's disk holds; connects when {@link #start} is called.
     *
     * @param rootfs the unpacked default root filesystem
     * @throws IOException when the disk or the control groups aren't as needed
     */
    public Agent(ShimConfig config, Path rootfs, Fetcher fetcher) throws IOException, InterruptedException {
        this.config = config;
        this.images = Images.open(config.images());
        this.bases = new ContainerBases(rootfs, images, config.images().registry());
        this.isolators = new Isolators(config.containers(), config.workDir(), config.nodeIp());
        this.bootId = bootId();
        this.cgroups = CgroupHierarchy.detect(config.cgroupRoot());
        this.journal = FileJournal.open(config.workDir().resolve("meta"));
        this.timers = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("timers").daemon().factory());
        timers.setRemoveOnCancelPolicy(true);
        this.runtime = new ConmonRuntime(
                new ConmonRuntime.Settings(
                        config.workDir().resolve("runtime"),
                        config.conmon(),
                        config.crun(),
                        config.cgroupRoot(),
                        config.rotateBytes(),
                        config.keptFiles(),
                        config.seccomp(),
                        config.nodeIp()),
                cgroups);
        this.sandboxes = new Sandboxes(config.workDir(), config.keepSandboxes());
        this.link = new LinkSession(config.link(), new Leader(), timers);
        this.tasks = new HeldTasks(
                journal,
                runtime,
                fetcher,
                sandboxes,
                timers,
                Clock.systemUTC(),
                Thread.ofVirtual().name("task-", 0).factory(),
                (StatusUpdate update) -> link.send(update));
        this.executors = new Executors(
                new ExecutorNode(
                        this::identity,
                        journal,
                        tasks.streams(),
                        runtime,
                        fetcher,
                        sandboxes,
                        this::endWithin,
                        timers,
                        Clock.systemUTC(),
                        config.executorTimeouts()),
                Thread.ofVirtual().name("executor-", 0).factory(),
                (FromAgent message) -> link.send(message));
        tasks.hostExecutors(executors);
        tasks.hostInner(this::endWithin);
        this.nested = new NestedContainers(
                new NestedNode(
                        this::identity,
                        journal,
                        runtime,
                        fetcher,
                        config.workDir().resolve("nested"),
                        new HostContainers(tasks, executors)),
                Thread.ofVirtual().name("nested-", 0).factory());
        Isolators forLocal = new Isolators(
                config.containers().withFolders(config.local().folders()), config.workDir(), config.nodeIp());
        this.local = new LocalApi(
                config.local(),
                config.workDir(),
                runtime,
                fetcher,
                sandboxes,
                timers,
                Clock.systemUTC(),
                () -> identity(forLocal),
                this::claim,
                this::taskGroup);
        this.oversubscription = new Oversubscription(
                config.oversubscription(),
                new Oversubscription.Node(cgroups, tasks, executors, this::claim, () -> podGroup, Path.of("/proc")),
                link::reportNow);
        recover();
    }

    private void endWithin(ContainerName container) throws InterruptedException {
        nested.endWithin(container);
    }

    private void recover() throws IOException, InterruptedException {
        JournalState state = journal.state();
        remembered = state.node();
        boolean rebooted = !remembered.getBootId().isEmpty()
                && !remembered.getBootId().equals(bootId)
                && nothingLives(Claim.parseFrom(remembered.getClaim()));
        if (rebooted) {
            log.info("The node was rebooted since the last shim ran");
            runtime.forgetEarlierBoot();
        } else if (!remembered.getClaim().isEmpty()) {
            useClaim(Claim.parseFrom(remembered.getClaim()));
        }
        nested.restore(state);
        executors.recover(state);
        tasks.recover(state, identity(), rebooted);
        executors.resume(rebooted);
        nested.resume(rebooted);
        local.recover(rebooted);
        recovered = true;
        removeOrphans();
        runtime.keepWarm(config.warmSlots(), bases.usual(), config.pidsLimit());
        // Only now: a crash before this line finds the old boot's id, and sees the reboot again.
        remember(remembered.toBuilder().setBootId(bootId).build());
    }

    /**
     * The kernel's boot id and the start of the node's first process, which the shim sees as process 1: a node may be a set of
     * namespaces that ends and starts again under one kernel.
     */
    private static String bootId() throws IOException {
        String kernel = Files.readString(BOOT_ID).strip();
        if (ProcessHandle.current().pid() == 1) {
            return kernel;
        }
        String stat = Files.readString(Path.of("/proc/1/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return kernel + "-" + fields[STARTED_FIELD];
    }

    /** A shim that sees other processes than the one before it, by a changed pod template, must not take living tasks for gone. */
    private boolean nothingLives(Claim claim) throws IOException {
        if (claim.getPodUid().isEmpty()) {
            return true;
        }
        Optional<String> group = cgroups.podGroup(claim.getPodUid());
        return group.isEmpty()
                || cgroups.processes(group.get() + ConmonRuntime.TASKS).isEmpty();
    }

    /**
     * Connects to the leader, for ever, and hears the node's own programs.
     *
     * @throws IOException when those can't be heard
     */
    public void start() throws IOException {
        local.listen();
        link.start();
        oversubscription.start(timers);
        collector = timers.scheduleWithFixedDelay(
                () -> Thread.ofVirtual().start(this::collect), COLLECT_SECONDS, COLLECT_SECONDS, TimeUnit.SECONDS);
    }

    private void collect() {
        settleVolumes();
        try {
            isolators.persistentVolumes().collect(Instant.now().minus(sandboxes.maxAge()));
        } catch (IOException e) {
            log.warn("Cannot look for destroyed volumes", e);
        }
        try {
            int removed = images.collect(runtime::layersInUse, Instant.now());
            if (removed > 0) {
                log.info("Removed {} images, as the disk is nearly full", removed);
            }
        } catch (IOException e) {
            log.warn("Cannot collect images", e);
        }
        try {
            int removed = sandboxes.collect(this::containers, Instant.now());
            if (removed > 0) {
                log.info("Removed {} old sandboxes", removed);
            }
        } catch (IOException e) {
            log.warn("Cannot collect old sandboxes", e);
        }
    }

    /** All that somebody still has to do with. */
    private Set<String> containers() {
        Set<String> all = new HashSet<>(tasks.containers());
        all.addAll(local.containers());
        all.addAll(nested.containers());
        return all;
    }

    /** Again and again, as a volume may go only when its last task has ended. */
    private void settleVolumes() {
        Set<Path> kept = keptVolumes;
        if (kept == null) {
            return;
        }
        try {
            isolators.persistentVolumes().retire(kept, this::volumesInUse, Instant.now());
        } catch (IOException e) {
            log.warn("Cannot put destroyed volumes aside", e);
        }
    }

    private Set<Path> volumesInUse() {
        List<Resource> resources = new ArrayList<>();
        for (HeldTasks.View held : tasks.views()) {
            resources.addAll(held.task().getResourcesList());
            resources.addAll(held.task().getExecutor().getResourcesList());
        }
        executors.views().forEach(executor -> resources.addAll(executor.info().getResourcesList()));
        return isolators.persistentVolumes().folders(resources);
    }

    private void keepVolumes(KeepVolumes message) {
        Set<Path> kept = new HashSet<>();
        for (PersistentVolume volume : message.getVolumesList()) {
            try {
                kept.add(isolators.persistentVolumes().path(volume.getRole(), volume.getId()));
            } catch (IllegalArgumentException e) {
                log.warn("The leader names a volume that can't be on this node: {}", e.getMessage());
            }
        }
        keptVolumes = Set.copyOf(kept);
        settleVolumes();
    }

    private synchronized void remember(Node node) throws IOException {
        if (!node.equals(remembered)) {
            journal.append(Entry.newBuilder().setNode(node).build());
            remembered = node;
        }
    }

    /** What this node is, to its tasks and to those who look. */
    public NodeIdentity identity() {
        return identity(isolators);
    }

    private NodeIdentity identity(Isolators does) {
        return new NodeIdentity(
                remembered.getAgentId(),
                config.nodeIp(),
                config.httpPort(),
                bases,
                config.hardCpu(),
                config.pidsLimit(),
                does);
    }

    public ShimConfig config() {
        return config;
    }

    public HeldTasks tasks() {
        return tasks;
    }

    public Executors executors() {
        return executors;
    }

    /** How containers have started since this process did. */
    public WarmStarts warmStarts() {
        return runtime.warmStarts();
    }

    public NestedContainers nested() {
        return nested;
    }

    public Sandboxes sandboxes() {
        return sandboxes;
    }

    public Oversubscription oversubscription() {
        return oversubscription;
    }

    /** This node, as executors are told of it. */
    public AgentInfo info() {
        AgentInfo.Builder info = AgentInfo.newBuilder()
                .setHostname(config.hostname())
                .setPort(config.httpPort())
                .setId(AgentID.newBuilder().setValue(remembered.getAgentId()));
        try {
            for (ByteString resource : claim().getResourcesList()) {
                info.addResources(Resource.parseFrom(resource));
            }
            for (ByteString attribute : claim().getAttributesList()) {
                info.addAttributes(Attribute.parseFrom(attribute));
            }
        } catch (InvalidProtocolBufferException e) {
            log.warn("The claim holds a resource or attribute that is none", e);
        }
        return info.build();
    }

    public CgroupHierarchy cgroups() {
        return cgroups;
    }

    /** The claim as it was last told; the default instance before the first registration. */
    public Claim claim() {
        try {
            return Claim.parseFrom(remembered.getClaim());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the journal holds a claim that is none", e);
        }
    }

    public boolean isRegistered() {
        return link.isRegistered();
    }

    /** When this process took up its work, in milliseconds of the epoch. */
    public long startedMillis() {
        return startedMillis;
    }

    /** Once for each claim that this process comes to know, and not before it knows its own tasks. */
    private void removeOrphans() {
        if (recovered && !podGroup.isEmpty() && !podGroup.equals(searched)) {
            searched = podGroup;
            try {
                runtime.removeUnknown(containers());
            } catch (IOException e) {
                log.warn("Cannot look for containers that nobody knows", e);
            }
        }
    }

    private void useClaim(Claim claim) {
        if (claim.getPodUid().isEmpty()) {
            return;
        }
        try {
            Optional<String> group = cgroups.podGroup(claim.getPodUid());
            if (group.isEmpty()) {
                log.warn(
                        "Claim pod {}/{} ({}) has no control group on this node below {}",
                        claim.getNamespace(),
                        claim.getPodName(),
                        claim.getPodUid(),
                        config.cgroupRoot());
                podGroup = "";
                return;
            }
            runtime.boundWarm(claim.getMemoryBytes());
            runtime.useClaim(group.get());
            podGroup = group.get();
            removeOrphans();
        } catch (IOException e) {
            log.error("Cannot use the claim's control group", e);
            podGroup = "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where new tasks' groups go; looked up again while the claim pod's group wasn't there yet. */
    private String taskGroup() {
        if (podGroup.isEmpty()) {
            useClaim(claim());
        }
        return podGroup.isEmpty() ? "" : podGroup + ConmonRuntime.TASKS;
    }

    /** Resident memory of this process, in bytes; 0 when the kernel doesn't say. */
    public static long residentBytes() {
        try {
            return CgroupHierarchy.keyed(
                                    Files.readString(Path.of("/proc/self/status"))
                                            .replace("kB", "")
                                            .replaceAll("[:\t ]+", " ")
                                            .replace(" \n", "\n"),
                                    "VmRSS")
                            .orElse(0)
                    * 1024;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Leaves tasks running; a later shim takes them up. */
    @Override
    public void close() throws IOException {
        link.close();
        oversubscription.close();
        tasks.close();
        executors.close();
        nested.close();
        local.close();
        runtime.close();
        if (collector != null) {
            collector.cancel(false);
        }
        timers.shutdownNow();
        journal.close();
    }

    private final class Leader implements LeaderMessages {
        @Override
        public Register registration() {
            return Register.newBuilder()
                    .setAgentId(remembered.getAgentId())
                    .setNodeName(config.nodeName())
                    .setHostname(config.hostname())
                    .setIp(config.nodeIp())
                    .setPort(config.httpPort())
                    .setBootId(bootId)
                    .setVersion(Version.TEXT)
                    .setHighestTerm(remembered.getHighestTerm())
                    .addAllTasks(tasks.held())
                    .addAllFrameworks(tasks.frameworks())
                    .build();
        }

        @Override
        public NodeReport report() {
            NodeReport.Builder report = NodeReport.newBuilder()
                    .setRunningContainers(tasks.running() + local.running())
                    .setShimResidentBytes(residentBytes())
                    .setCgroupVersion(cgroups.version());
            oversubscription.resources().forEach(resource -> report.addOversubscribed(resource.toByteString()));
            try {
                FileStore disk = Files.getFileStore(config.workDir());
                report.setDiskTotalBytes(disk.getTotalSpace()).setDiskFreeBytes(disk.getUsableSpace());
            } catch (IOException e) {
                log.warn("Cannot measure the disk of {}", config.workDir(), e);
            }
            return report.build();
        }

        @Override
        public long highestTerm() {
            return remembered.getHighestTerm();
        }

        @Override
        public void sawTerm(long term) {
            try {
                synchronized (Agent.this) {
                    remember(remembered.toBuilder().setHighestTerm(term).build());
                }
            } catch (IOException e) {
                // The stream still obeys; only after a crash could an older leader be believed, until the newer one
                // speaks.
                log.error("Cannot write down term {}", term, e);
            }
        }

        @Override
        public void registered(Registered message) {
            try {
                synchronized (Agent.this) {
                    remember(remembered.toBuilder()
                            .setAgentId(message.getAgentId())
                            .setClaim(message.getClaim().toByteString())
                            .build());
                }
            } catch (IOException e) {
                log.error("Cannot write down the agent id {}", message.getAgentId(), e);
            }
            useClaim(message.getClaim());
            tasks.resend();
        }

        @Override
        public void received(ToAgent message) {
            switch (message.getMessageCase()) {
                case LAUNCH_TASK -> {
                    try {
                        tasks.launch(message.getLaunchTask(), identity(), taskGroup());
                    } catch (InvalidProtocolBufferException e) {
                        log.error("The leader's launch can't be read", e);
                    }
                }
                case LAUNCH_TASK_GROUP -> {
                    try {
                        tasks.launchGroup(message.getLaunchTaskGroup(), identity(), taskGroup());
                    } catch (InvalidProtocolBufferException e) {
                        log.error("The leader's launch of a group can't be read", e);
                    }
                }
                case KILL_TASK -> tasks.kill(message.getKillTask());
                case ACKNOWLEDGE_UPDATE -> tasks.acknowledge(message.getAcknowledgeUpdate());
                case SHUTDOWN_EXECUTOR -> {
                    var shutdown = message.getShutdownExecutor();
                    tasks.shutdownExecutor(shutdown.getFrameworkId(), shutdown.getExecutorId());
                }
                case KEEP_VOLUMES -> keepVolumes(message.getKeepVolumes());
                case RECLAIM_REVOCABLE -> oversubscription.reclaim(message.getReclaimRevocable());
                case EXECUTOR_MESSAGE -> executors.message(message.getExecutorMessage());
                case SHUTDOWN_FRAMEWORK ->
                    tasks.shutdownFramework(message.getShutdownFramework().getFrameworkId());
                case REPORT_TASK_UNKNOWN -> tasks.reportUnknown(message.getReportTaskUnknown(), identity());
                case CLAIM_CHANGED -> {
                    Claim claim = message.getClaimChanged().getClaim();
                    try {
                        synchronized (Agent.this) {
                            remember(remembered.toBuilder()
                                    .setClaim(claim.toByteString())
                                    .build());
                        }
                    } catch (IOException e) {
                        log.error("Cannot write down the changed claim", e);
                    }
                    useClaim(claim);
                }
                // The link's own.
                case REGISTERED, PING, REFUSED, MESSAGE_NOT_SET -> {}
            }
        }
    }
}
