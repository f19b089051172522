package io.offerplane.operator;

import io.offerplane.engine.SetAsideRules;
import io.offerplane.engine.ask.AskRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All settings of the operator, typed. Each is declared once, with its default, unit and range; the reference page is checked
 * against these declarations.
 *
 * <p>Values come from the YAML file that {@code OFFERPLANE_CONFIG} names, and from variables such as
 * {@code OFFERPLANE_SET_MESOS_PORT}, which win. Who this process is comes from the downward API: {@code POD_NAME},
 * {@code POD_NAMESPACE}, {@code POD_IP}.
 */
public record OperatorConfig(
        Pod pod,
        Mesos mesos,
        Engine engine,
        Link link,
        Election election,
        Telemetry telemetry,
        Agents agents,
        Frameworks frameworks,
        YarnSettings yarn,
        boolean bootstrap) {

    /**
     * This process's own pod.
     *
     * @param name unique among replicas
     * @param ip what other replicas and clients reach it by
     */
    public record Pod(String name, String namespace, String ip) {}

    /**
     * Mesos' HTTP API.
     *
     * @param port 0 for any free one
     */
    public record Mesos(
            int port,
            AuthenticationMode authenticationMode,
            String credentialsSecret,
            long maxBodyBytes,
            Duration heartbeatInterval,
            String cluster) {}

    /** Whether Mesos clients must prove their principal. */
    public enum AuthenticationMode {
        /** Without good credentials: 401. */
        Required,
        /** Credentials are checked where a client sends them. */
        Optional,
        /** Nobody is asked: anyone who reaches the port may run what they like. Only for networks that are shut off. */
        None
    }

    /** The engine and its loop; see {@link io.offerplane.engine.EngineConfig}. */
    public record Engine(
            Duration allocationInterval,
            Optional<Duration> offerTimeout,
            Duration agentReregisterTimeout,
            Optional<String> region,
            boolean filterGpuAgents,
            Set<String> fairSharingExcluded,
            AskRules askRules,
            SetAsideRules setAside,
            int completedTasksPerFramework,
            int completedFrameworks,
            int queueCapacity,
            int maxBatch,
            Duration coalescing) {}

    /** The link to the agents' shims. */
    public record Link(
            int port,
            Duration pingInterval,
            int maxMissedPings,
            long maxMessageBytes,
            int outboundQueue,
            String audience,
            String shimServiceAccount,
            Duration certificateLifetime) {}

    /** Who leads. */
    public record Election(String leaseName, Duration leaseDuration, Duration renewDeadline, Duration retryInterval) {}

    /** Metrics and probes, on one port. */
    public record Telemetry(int port, int maxFrameworks, Duration stallLimit) {}

    /** What the controllers need to know to place shims and claims. */
    public record Agents(String shimImage, String imagePullPolicy, String instance, String linkAddress) {}

    /** What the controllers need to know about Framework objects. */
    public record Frameworks(
            String namespace,
            Map<String, String> principalNamespaces,
            boolean createUndeclared,
            int statusWritesPerSecond) {}

    private static final Setting<Integer> MESOS_PORT = Setting.integer(
            "mesos.port", 5050, 0, 65535, "TCP port", "Where Mesos clients connect; 0 takes any free one.");
    private static final Setting<AuthenticationMode> MESOS_AUTHENTICATION = Setting.choice(
            "mesos.authentication.mode",
            AuthenticationMode.Required,
            "Whether Mesos clients must prove their principal. None lets anyone who reaches the port run tasks.");
    private static final Setting<String> MESOS_CREDENTIALS = Setting.name(
            "mesos.authentication.credentialsSecret",
            "offerplane-credentials",
            "The Secret, in the operator's namespace, whose keys are principals and whose values are their secrets; made with"
                    + " the principal smoke-test where it is missing, unless the mode is None.");
    private static final Setting<Long> MESOS_MAX_BODY = Setting.bytes(
            "mesos.maxBodyBytes",
            "16Mi",
            "64Ki",
            "256Mi",
            "The largest request body that is read; more is answered 413.");
    private static final Setting<Duration> MESOS_HEARTBEAT = Setting.duration(
            "mesos.heartbeatInterval",
            "15s",
            "1s",
            "10m",
            "Time between two HEARTBEAT events on a framework's stream.");
    private static final Setting<String> MESOS_CLUSTER = Setting.text(
            "mesos.cluster", "offerplane", "any text", "The cluster's name in Mesos' state endpoints and web pages.");

    private static final Setting<Duration> ALLOCATION_INTERVAL = Setting.duration(
            "engine.allocationInterval",
            "1s",
            "10ms",
            "10m",
            "How long returned resources wait for the next cycle at most, and the least time a filter holds.");
    private static final Setting<Optional<Duration>> OFFER_TIMEOUT = Setting.optionalDuration(
            "engine.offerTimeout", "1s", "7d", "After this an unanswered offer is rescinded; empty for never.");
    private static final Setting<Duration> REREGISTER_TIMEOUT = Setting.duration(
            "engine.agentReregisterTimeout",
            "10m",
            "1s",
            "7d",
            "How long an agent may stay away before its tasks are reported unreachable.");
    private static final Setting<Optional<String>> REGION = Setting.optionalText(
            "engine.region",
            "a region's name, or empty",
            "Frameworks without REGION_AWARE get offers from this region only; empty for no such rule.");
    private static final Setting<Boolean> FILTER_GPUS = Setting.flag(
            "engine.filterGpuAgents",
            true,
            "Whether agents with gpus are hidden from frameworks without GPU_RESOURCES.");
    private static final Setting<Set<String>> FAIR_SHARING_EXCLUDED = Setting.names(
            "engine.fairSharingExcludedResourceNames",
            "names of scalar resources, separated by commas",
            "Resources that count in nobody's dominant share, such as gpus that only some can use.");
    private static final Setting<Integer> COMPLETED_TASKS = Setting.integer(
            "engine.completedTasksPerFramework",
            1000,
            0,
            100_000,
            "tasks",
            "How many ended tasks of each framework are remembered for state endpoints.");
    private static final Setting<Integer> COMPLETED_FRAMEWORKS = Setting.integer(
            "engine.completedFrameworks",
            50,
            0,
            10_000,
            "frameworks",
            "How many ended frameworks are remembered for state endpoints.");
    private static final Setting<Integer> QUEUE_CAPACITY = Setting.integer(
            "engine.queueCapacity",
            16_384,
            16,
            1_000_000,
            "commands",
            "How many commands may wait for the engine; a sender beyond that is told to try again.");
    private static final Setting<Integer> MAX_BATCH = Setting.integer(
            "engine.maxBatch",
            256,
            1,
            65_536,
            "commands",
            "How many commands are applied between two looks at the time.");
    private static final Setting<Duration> COALESCING = Setting.duration(
            "engine.coalescing",
            "10ms",
            "1ms",
            "1s",
            "The least time between two allocation cycles: what becomes free within it is offered together.");

    private static final Setting<Integer> LINK_PORT = Setting.integer(
            "link.port", 7070, 0, 65535, "TCP port", "Where agents' shims connect; 0 takes any free one.");
    private static final Setting<Duration> PING_INTERVAL =
            Setting.duration("link.pingInterval", "15s", "100ms", "10m", "Time between two pings of an agent.");
    private static final Setting<Integer> MISSED_PINGS = Setting.integer(
            "link.maxMissedPings",
            5,
            1,
            100,
            "pings",
            "An agent that leaves so many pings in a row unanswered is disconnected.");
    private static final Setting<Long> LINK_MESSAGE = Setting.bytes(
            "link.maxMessageBytes",
            "16Mi",
            "64Ki",
            "256Mi",
            "The largest message that an agent may send; its registration lists all its tasks.");
    private static final Setting<Integer> LINK_OUTBOUND = Setting.integer(
            "link.outboundQueue",
            10_000,
            10,
            1_000_000,
            "messages",
            "How many messages may wait for one agent; beyond that its stream is closed, and it registers again.");
    private static final Setting<String> LINK_AUDIENCE = Setting.text(
            "link.audience", "offerplane-link", "any text", "The audience that agents' tokens must be issued for.");
    private static final Setting<String> LINK_ACCOUNT = Setting.name(
            "link.shimServiceAccount",
            "offerplane-shim",
            "The service account, in the operator's namespace, that agents' tokens must belong to.");
    private static final Setting<Duration> CERTIFICATE_LIFETIME = Setting.duration(
            "link.certificateLifetime",
            "90d",
            "1h",
            "3650d",
            "How long the link's certificates are valid; each is replaced after two thirds of it.");

    private static final Setting<String> LEASE_NAME = Setting.name(
            "election.leaseName", "offerplane-leader", "The Lease, in the operator's namespace, whose holder leads.");
    private static final Setting<Duration> LEASE_DURATION = Setting.duration(
            "election.leaseDuration",
            "5s",
            "500ms",
            "10m",
            "How long others wait after a leader's last sign of life before one of them takes over.");
    private static final Setting<Duration> RENEW_DEADLINE = Setting.duration(
            "election.renewDeadline",
            "3500ms",
            "300ms",
            "10m",
            "A leader that can't renew its lease for so long stands down. Must be less than election.leaseDuration.");
    private static final Setting<Duration> ELECTION_RETRY = Setting.duration(
            "election.retryInterval",
            "1s",
            "50ms",
            "1m",
            "Time between two looks at the lease, or two renewals. Must be less than election.renewDeadline.");

    private static final Setting<Integer> TELEMETRY_PORT = Setting.integer(
            "telemetry.port", 9090, 0, 65535, "TCP port", "Where metrics and probes are served; 0 takes any free one.");
    private static final Setting<Integer> MAX_FRAMEWORKS = Setting.integer(
            "telemetry.maxFrameworks",
            100,
            1,
            10_000,
            "frameworks",
            "How many frameworks get a label value of their own in metrics; the rest is counted as \"other\".");
    private static final Setting<Duration> STALL_LIMIT = Setting.duration(
            "telemetry.stallLimit",
            "30s",
            "1s",
            "10m",
            "An engine that hasn't looked at its queue for so long makes the liveness probe fail.");

    private static final Setting<String> SHIM_IMAGE = Setting.text(
            "agents.shimImage",
            "offerplane/agent-shim:0.1.0",
            "an image reference",
            "The image of the shim's DaemonSet and of the claim pods.");
    private static final Setting<String> PULL_POLICY = Setting.text(
            "agents.imagePullPolicy",
            "IfNotPresent",
            "Always, IfNotPresent or Never",
            "When the kubelet pulls the shim's image.");
    private static final Setting<String> INSTANCE = Setting.name(
            "agents.instance",
            "offerplane",
            "The Helm release, written as app.kubernetes.io/instance on what the operator creates.");
    private static final Setting<String> LINK_ADDRESS = Setting.text(
            "agents.linkAddress",
            "",
            "host:port, or empty",
            "How shims reach the leader; empty for the Service offerplane-link of the operator's namespace.");

    private static final Setting<String> FRAMEWORK_NAMESPACE = Setting.text(
            "frameworks.namespace",
            "",
            "a namespace, or empty",
            "Where Framework objects of undeclared clients are made; empty for the operator's own namespace.");
    private static final Setting<Map<String, String>> PRINCIPAL_NAMESPACES = Setting.pairs(
            "frameworks.principalNamespaces",
            "principal=namespace, separated by commas",
            "Where Framework objects of some principals' undeclared clients are made instead.");
    private static final Setting<Boolean> CREATE_UNDECLARED = Setting.flag(
            "frameworks.createUndeclared",
            true,
            "Whether a client that no Framework object matches gets one made for it; if not, its subscription is refused.");
    private static final Setting<Integer> STATUS_WRITES = Setting.integer(
            "frameworks.statusWritesPerSecond",
            20,
            1,
            1000,
            "writes a second",
            "The most status writes of the whole operator to the API server.");

    private static final Setting<Boolean> BOOTSTRAP = Setting.flag(
            "bootstrap.enabled",
            true,
            "Whether the AgentPool \"default\" and the Queue \"root\" are made where no such object was ever there.");

    private static final List<Setting<?>> ALL = withOthers(List.of(
            MESOS_PORT,
            MESOS_AUTHENTICATION,
            MESOS_CREDENTIALS,
            MESOS_MAX_BODY,
            MESOS_HEARTBEAT,
            MESOS_CLUSTER,
            ALLOCATION_INTERVAL,
            OFFER_TIMEOUT,
            REREGISTER_TIMEOUT,
            REGION,
            FILTER_GPUS,
            FAIR_SHARING_EXCLUDED,
            COMPLETED_TASKS,
            COMPLETED_FRAMEWORKS,
            QUEUE_CAPACITY,
            MAX_BATCH,
            COALESCING,
            LINK_PORT,
            PING_INTERVAL,
            MISSED_PINGS,
            LINK_MESSAGE,
            LINK_OUTBOUND,
            LINK_AUDIENCE,
            LINK_ACCOUNT,
            CERTIFICATE_LIFETIME,
            LEASE_NAME,
            LEASE_DURATION,
            RENEW_DEADLINE,
            ELECTION_RETRY,
            TELEMETRY_PORT,
            MAX_FRAMEWORKS,
            STALL_LIMIT,
            SHIM_IMAGE,
            PULL_POLICY,
            INSTANCE,
            LINK_ADDRESS,
            FRAMEWORK_NAMESPACE,
            PRINCIPAL_NAMESPACES,
            CREATE_UNDECLARED,
            STATUS_WRITES,
            BOOTSTRAP));

    /** Every setting there is, in the order of the reference page. */
    static List<Setting<?>> settings() {
        return ALL;
    }

    /** Those of allocation come behind the other settings of the engine, those of YARN before the last. */
    private static List<Setting<?>> withOthers(List<Setting<?>> others) {
        List<Setting<?>> all = new ArrayList<>(others);
        all.addAll(others.indexOf(BOOTSTRAP), YarnSettings.ALL);
        all.addAll(others.indexOf(COMPLETED_TASKS), AllocationSettings.ALL);
        return List.copyOf(all);
    }

    /**
     * Reads the configuration.
     *
     * @param yaml the file's text; may be empty
     * @throws InvalidSetting naming the first thing that is wrong, and what would be right
     */
    static OperatorConfig read(String yaml, Map<String, String> environment) {
        SettingsSource source = SettingsSource.of(yaml, environment, ALL);
        Pod pod = new Pod(
                environment.getOrDefault("POD_NAME", "offerplane-0"),
                environment.getOrDefault("POD_NAMESPACE", "offerplane"),
                environment.getOrDefault("POD_IP", "127.0.0.1"));
        Election election = new Election(
                source.get(LEASE_NAME),
                source.get(LEASE_DURATION),
                source.get(RENEW_DEADLINE),
                source.get(ELECTION_RETRY));
        requireLess(RENEW_DEADLINE, election.renewDeadline(), LEASE_DURATION, election.leaseDuration());
        requireLess(ELECTION_RETRY, election.retryInterval(), RENEW_DEADLINE, election.renewDeadline());
        String frameworkNamespace = source.get(FRAMEWORK_NAMESPACE);
        String linkAddress = source.get(LINK_ADDRESS);
        return new OperatorConfig(
                pod,
                new Mesos(
                        source.get(MESOS_PORT),
                        source.get(MESOS_AUTHENTICATION),
                        source.get(MESOS_CREDENTIALS),
                        source.get(MESOS_MAX_BODY),
                        source.get(MESOS_HEARTBEAT),
                        source.get(MESOS_CLUSTER)),
                new Engine(
                        source.get(ALLOCATION_INTERVAL),
                        source.get(OFFER_TIMEOUT),
                        source.get(REREGISTER_TIMEOUT),
                        source.get(REGION),
                        source.get(FILTER_GPUS),
                        source.get(FAIR_SHARING_EXCLUDED),
                        AllocationSettings.asks(source),
                        AllocationSettings.setAside(source),
                        source.get(COMPLETED_TASKS),
                        source.get(COMPLETED_FRAMEWORKS),
                        source.get(QUEUE_CAPACITY),
                        source.get(MAX_BATCH),
                        source.get(COALESCING)),
                new Link(
                        source.get(LINK_PORT),
                        source.get(PING_INTERVAL),
                        source.get(MISSED_PINGS),
                        source.get(LINK_MESSAGE),
                        source.get(LINK_OUTBOUND),
                        source.get(LINK_AUDIENCE),
                        source.get(LINK_ACCOUNT),
                        source.get(CERTIFICATE_LIFETIME)),
                election,
                new Telemetry(source.get(TELEMETRY_PORT), source.get(MAX_FRAMEWORKS), source.get(STALL_LIMIT)),
                new Agents(
                        source.get(SHIM_IMAGE),
                        source.get(PULL_POLICY),
                        source.get(INSTANCE),
                        linkAddress.isEmpty() ? "offerplane-link." + pod.namespace() + ".svc:7070" : linkAddress),
                new Frameworks(
                        frameworkNamespace.isEmpty() ? pod.namespace() : frameworkNamespace,
                        source.get(PRINCIPAL_NAMESPACES),
                        source.get(CREATE_UNDECLARED),
                        source.get(STATUS_WRITES)),
                YarnSettings.of(source),
                source.get(BOOTSTRAP));
    }

    /** The same, with the link on any free port, and without YARN: nobody waits for a head at a rehearsal. */
    OperatorConfig forRehearsal() {
        Link elsewhere = new Link(
                0,
                link.pingInterval(),
                link.maxMissedPings(),
                link.maxMessageBytes(),
                link.outboundQueue(),
                link.audience(),
                link.shimServiceAccount(),
                link.certificateLifetime());
        return new OperatorConfig(
                pod, mesos, engine, elsewhere, election, telemetry, agents, frameworks, yarn.off(), bootstrap);
    }

    private static void requireLess(
            Setting<Duration> lesser, Duration value, Setting<Duration> greater, Duration bound) {
        if (value.compareTo(bound) >= 0) {
            throw new InvalidSetting(lesser.key() + ": " + value.toMillis() + "ms (expected: less than " + greater.key()
                    + ", which is " + bound.toMillis() + "ms)");
        }
    }
}
