package io.offerplane.operator.controllers;

import static io.offerplane.operator.controllers.Cluster.NAMESPACE;
import static io.offerplane.operator.controllers.Cluster.await;
import static io.offerplane.operator.controllers.Cluster.awaitPresent;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.offerplane.crd.apiserver.ApiServerExtension;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolStatus;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.offer.Operation.Change;
import io.offerplane.engine.resource.Label;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.operator.agent.AgentDirectory;
import io.offerplane.operator.framework.FrameworkCredentials;
import java.math.BigDecimal;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools, agents and claims with a real API server and the real engine; kube-scheduler, kubelet and shim are played. */
@Tag("apiserver")
@ExtendWith(ApiServerExtension.class)
class PoolAndClaimApiServerTest {
    private final KubernetesClient client;
    private final Cluster cluster;
    private final AtomicLong connections = new AtomicLong();
    private EngineOnAThread engine;
    private Controllers controllers;

    PoolAndClaimApiServerTest(KubernetesClient client) {
        this.client = client;
        this.cluster = new Cluster(client);
    }

    /** The controllers that have reconciled something in this process. */
    static final Set<String> RECONCILED = ConcurrentHashMap.newKeySet();

    static ControllersConfig config(boolean bootstrap) {
        return config(bootstrap, true);
    }

    static ControllersConfig config(boolean bootstrap, boolean createUndeclared) {
        return new ControllersConfig(
                NAMESPACE,
                "test",
                "0.1.0",
                "operator-0",
                bootstrap,
                1000,
                new ControllersConfig.Shim(
                        "example/shim:1",
                        "IfNotPresent",
                        "offerplane-shim",
                        "link:7070",
                        "offerplane-link-shim",
                        "offerplane-link",
                        Optional.empty()),
                new ControllersConfig.Frameworks(NAMESPACE, Map.of("tenant", "default"), createUndeclared),
                new ControllersConfig.Owners(List.of(), List.of()),
                new AtomicLong(),
                (controller, took, failed) -> RECONCILED.add(controller));
    }

    @BeforeEach
    void clean() throws Exception {
        cluster.clear();
        engine = new EngineOnAThread();
    }

    private void start(boolean bootstrap) {
        start(client, bootstrap);
    }

    private void start(KubernetesClient with, boolean bootstrap) {
        controllers = Controllers.start(with, engine, config(bootstrap), FrameworkCredentials.UNKNOWN);
        controllers.recovery().forEach(engine::apply);
        engine.sendTo(effect -> {
            if (effect instanceof Effect.Notice notice) {
                controllers.notices().accept(notice);
            } else if (effect instanceof Effect.ToFramework message) {
                controllers.deliver(message);
            }
        });
        controllers.directory().onChange(this::playRuntime);
        controllers.open();
    }

    /** What the link does when an agent's record changed. */
    private void playRuntime(String node) {
        Optional<AgentDirectory.AgentRecord> record = controllers.directory().byNode(node);
        record.ifPresent(
                r -> engine.submit(new Command.UpdateAgent(r.id(), r.spec(), r.granted(), engine.now()), answer -> {}));
    }

    @AfterEach
    void stop() throws Exception {
        if (controllers != null) {
            controllers.close();
        }
        engine.close();
        cluster.clear();
    }

    private AgentPool pool(String name, Map<String, String> selector, String claim) {
        String yaml = "apiVersion: offerplane.io/v1alpha1\nkind: AgentPool\nmetadata: {name: " + name + "}\nspec:\n"
                + "  nodeSelector: {matchLabels: " + selector.toString().replace("=", ": ") + "}\n  claim: " + claim
                // Whatever shims need is left to them; here it is nothing, so that sums are round.
                + "\n  agentTemplate: {requests: {cpu: \"0\", memory: \"0\"}}\n";
        return client.resource(client.getKubernetesSerialization().unmarshal(yaml, AgentPool.class))
                .create();
    }

    private Agent agent(String node) {
        return client.resources(Agent.class).withName(node).get();
    }

    private String condition(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(c -> c.type().equals(type))
                .map(c -> c.status() + "/" + c.reason())
                .findFirst()
                .orElse("absent");
    }

    private AgentDirectory.AgentRecord grant(String node) throws Exception {
        Pod claim = cluster.claim(node);
        cluster.bind(claim, node);
        cluster.run(claim);
        return awaitPresent(
                "a record of " + node,
                () -> controllers.directory().byNode(node).orElse(null));
    }

    private void register(AgentDirectory.AgentRecord record) {
        engine.apply(registration(record));
    }

    private Command registration(AgentDirectory.AgentRecord record) {
        return new Command.RegisterAgent(
                record.id(),
                record.spec(),
                record.granted(),
                List.of(),
                List.of(),
                connections.incrementAndGet(),
                engine.now());
    }

    /** Another leader takes over: nothing but the objects is left. */
    private void changeLeader() {
        controllers.close();
        engine.close();
        engine = new EngineOnAThread("term-2");
        start(false);
    }

    /** Node n1 of pool a, of 4 cores and 8 GiB, with a granted claim and a shim that has registered. */
    private AgentDirectory.AgentRecord registeredAgent(String claim) throws Exception {
        cluster.node("n1", "4", "8Gi", Map.of("pool", "a"));
        start(false);
        pool("a", Map.of("pool", "a"), claim);
        AgentDirectory.AgentRecord record = grant("n1");
        register(record);
        return record;
    }

    private AgentView view(AgentId id) {
        return engine.view().agents().stream()
                .filter(a -> a.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Quantity requested(Pod pod, String resource) {
        return pod.getSpec()
                .getContainers()
                .getFirst()
                .getResources()
                .getRequests()
                .get(resource);
    }

    @Test
    void makesAnAgentAClaimAndAShimForEachNodeAndTellsWhatWasGranted() throws Exception {
        cluster.node("n1", "4", "8Gi", Map.of("pool", "a", "zone", "z1"));
        cluster.node("n2", "4", "8Gi", Map.of("pool", "b"));
        start(false);
        pool("a", Map.of("pool", "a"), "{keepFree: {cpu: 500m, memory: 1Gi}, disk: 5Gi}");

        Pod claim = cluster.claim("n1");
        // 4 cores less 0.5 kept free; 8 GiB less 1.
        assertThat(requested(claim, "cpu")).isEqualTo(new Quantity("3500m"));
        assertThat(requested(claim, "memory")).isEqualTo(new Quantity("7Gi"));
        assertThat(claim.getStatus().getQosClass()).isEqualTo("Guaranteed");
        assertThat(claim.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(owner -> assertThat(owner.getKind()).isEqualTo("Agent"));
        DaemonSet shim = awaitPresent("the shims", () -> client.apps()
                .daemonSets()
                .inNamespace(NAMESPACE)
                .withName("offerplane-shim-a")
                .get());
        assertThat(shim.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getEnv())
                .extracting("name")
                .contains("OFFERPLANE_LINK_ADDRESS", "OFFERPLANE_NODE_NAME", "OFFERPLANE_TOKEN_FILE");
        assertThat(agent("n2")).as("not of the pool").isNull();
        assertThat(controllers.directory().byNode("n1"))
                .as("nothing granted yet")
                .isEmpty();

        AgentDirectory.AgentRecord record = grant("n1");
        assertThat(record.id().value()).isEqualTo(agent("n1").getMetadata().getUid() + "-S0");
        assertThat(record.granted().toString()).isEqualTo("cpus:3.5; disk:5120; mem:7168; ports:[31000-32000]");
        assertThat(record.claim().podUid()).isEqualTo(claim.getMetadata().getUid());
        register(record);
        await("the agent is Active", () -> agent("n1").getStatus().phase() == AgentStatus.Phase.ACTIVE);
        AgentPoolStatus status = awaitPresent("the pool is ready", () -> {
            AgentPoolStatus s =
                    client.resources(AgentPool.class).withName("a").get().getStatus();
            return s != null && condition(s.conditions(), "Ready").startsWith("TRUE") ? s : null;
        });
        assertThat(status.agents()).isNotNull();
        assertThat(status.agents().ready()).isEqualTo(1);
        assertThat(status.display().cpu()).isEqualTo("0/3.5");
        assertThat(condition(status.conditions(), "CapacityHonest")).isEqualTo("TRUE/Honest");
    }

    @Test
    void leavesRoomForPodsThatAreThereAlready() throws Exception {
        cluster.node("n1", "4", "8Gi", Map.of("pool", "a"));
        Pod other = cluster.pod("other", "1", "2Gi");
        cluster.bind(other, "n1");
        start(false);
        pool("a", Map.of("pool", "a"), "{keepFree: {cpu: 0, memory: 0}}");
        assertThat(requested(cluster.claim("n1"), "cpu")).isEqualTo(new Quantity("3"));
        assertThat(requested(cluster.claim("n1"), "memory")).isEqualTo(new Quantity("6Gi"));
    }

    @Test
    void largerShimsArePlacedOnceClaimsHaveLeftThemRoom() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{keepFree: {cpu: 0, memory: 0}}");
        await("connected", () -> view(record.id()).phase() == AgentView.Phase.CONNECTED);
        Pod shim = cluster.pod("shim", "0", "0");
        cluster.bind(cluster.label(shim, Map.of("app.kubernetes.io/component", "agent-shim")), "n1");
        cluster.run(shim);
        await("the claim has all", () -> requested(cluster.claim("n1"), "cpu").equals(new Quantity("4")));

        client.resources(AgentPool.class)
                .withName("a")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"agentTemplate\":{\"requests\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}}}");

        await("the claim leaves room", () -> requested(cluster.claim("n1"), "cpu")
                .equals(new Quantity("3")));
        // Kubelet has done it.
        cluster.run(cluster.claim("n1"));
        await("larger shims", () -> {
            Quantity cpu = client.apps()
                    .daemonSets()
                    .inNamespace(NAMESPACE)
                    .withName("offerplane-shim-a")
                    .get()
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst()
                    .getResources()
                    .getRequests()
                    .get("cpu");
            boolean larger = cpu.equals(new Quantity("1"));
            if (larger) {
                assertThat(requested(cluster.claim("n1"), "cpu")).isEqualTo(new Quantity("3"));
                assertThat(requested(cluster.claim("n1"), "memory")).isEqualTo(new Quantity("7Gi"));
            }
            return larger;
        });
    }

    @Test
    void givesIdleClaimBackToAPodThatWaitsEngineFirst() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{keepFree: {cpu: 0, memory: 0}}");
        await("connected", () -> view(record.id()).phase() == AgentView.Phase.CONNECTED);

        Pod waiting = cluster.pod("waiting", "1500m", "1Gi");
        cluster.unschedulable(waiting, "0/1 nodes are available: 1 Insufficient cpu.");
        await("the claim gave way", () -> requested(cluster.claim("n1"), "cpu").equals(new Quantity("2500m")));
        assertThat(view(record.id()).total().scalars().get("cpus").milli())
                .as("the engine was told before Kubernetes")
                .isEqualTo(2500);
        assertThat(requested(cluster.claim("n1"), "memory")).isEqualTo(new Quantity("7Gi"));

        cluster.run(cluster.claim("n1"));
        cluster.bind(waiting, "n1");
        client.resource(waiting).withGracePeriod(0).delete();
        await("the claim takes the room again", () -> {
            Pod claim = cluster.claim("n1");
            if (requested(claim, "cpu").equals(new Quantity("4"))) {
                cluster.run(claim);
                return view(record.id()).total().scalars().get("cpus").milli() == 4000;
            }
            return false;
        });
    }

    @Test
    void keepsWhatItHasWhenPodsWaitForSomethingElse() throws Exception {
        registeredAgent("{keepFree: {cpu: 0, memory: 0}}");
        Pod waiting = cluster.pod("waiting", "1500m", "1Gi");
        cluster.unschedulable(waiting, "0/1 nodes are available: 1 node(s) didn't match pod topology spread.");
        await("the agent was looked at", () -> agent("n1").getStatus().phase() == AgentStatus.Phase.ACTIVE);
        assertThat(requested(cluster.claim("n1"), "cpu")).isEqualTo(new Quantity("4"));
    }

    @Test
    void takesAGrowthBackThatKubeletRefuses() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{max: {cpu: 2}, keepFree: {cpu: 0, memory: 0}}");
        assertThat(record.claim().cpuMilli()).isEqualTo(2000);
        client.resources(AgentPool.class)
                .withName("a")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"claim\":{\"max\":{\"cpu\":\"3\"}}}}");
        await("the claim asks for more", () -> requested(cluster.claim("n1"), "cpu")
                .equals(new Quantity("3")));
        assertThat(controllers.directory().byNode("n1").orElseThrow().claim().cpuMilli())
                .as("not granted yet, so not offered")
                .isEqualTo(2000);
        cluster.refuseResize(cluster.claim("n1"), "Infeasible");
        await("it asks for what it has", () -> requested(cluster.claim("n1"), "cpu")
                .equals(new Quantity("2")));
    }

    @Test
    void aCordonedNodeTakesNoNewTasksUntilItIsUncordoned() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{}");
        cluster.cordon("n1", true);
        await("no more offers", () -> view(record.id()).deactivated());
        await("Draining is shown", () -> agent("n1").getStatus().phase() == AgentStatus.Phase.DRAINING);
        cluster.cordon("n1", false);
        await("offers again", () -> !view(record.id()).deactivated());
    }

    @Test
    void aDeletedNodesAgentIsGoneForGood() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{}");
        await("Active", () -> agent("n1").getStatus().phase() == AgentStatus.Phase.ACTIVE);
        client.nodes().withName("n1").delete();
        await("the engine knows it no more", () -> engine.view().agents().isEmpty());
        await("Gone is shown", () -> agent("n1").getStatus().phase() == AgentStatus.Phase.GONE);

        changeLeader();
        assertThat(engine.apply(registration(record)))
                .as("the next leader refuses its id too")
                .isInstanceOf(Decision.Answer.Refused.class);
        assertThat(engine.view().agents()).isEmpty();

        String uid = agent("n1").getMetadata().getUid();
        cluster.node("n1", "4", "8Gi", Map.of("pool", "a"));
        await(
                "a new node of the name gets an agent of its own",
                () -> agent("n1") != null && !agent("n1").getMetadata().getUid().equals(uid));
    }

    @Test
    void anAgentKeepsItsIdOverLeaders() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{}");
        await("Active", () -> agent("n1").getStatus().phase() == AgentStatus.Phase.ACTIVE);
        changeLeader();
        assertThat(view(record.id()).phase()).isEqualTo(AgentView.Phase.RECOVERED);
        assertThat(controllers.directory().byNode("n1").orElseThrow().id()).isEqualTo(record.id());
    }

    private static Reservation reservation(String role, String principal, List<Label> labels) {
        return new Reservation(Reservation.Kind.DYNAMIC, new RolePath(role), Optional.of(principal), labels);
    }

    private void change(AgentId agent, Change.Kind kind, Resources resources) {
        assertThat(engine.apply(new Command.ChangeResources(
                        agent,
                        new Change(kind, resources, Resources.EMPTY, Optional.empty(), Optional.empty()),
                        engine.now())))
                .isEqualTo(new Decision.Answer.Accepted());
    }

    private void awaitKept(AgentId id) throws Exception {
        Resources dynamic = view(id).dynamic();
        await("what is reserved is in the object", () -> {
            AgentStatus status = agent("n1").getStatus();
            return status.reserved().size() == dynamic.bound().size()
                    && status.reserved().stream()
                                    .flatMap(entry -> entry.resources().stream())
                                    .filter(amount -> amount.name().equals("cpus"))
                                    .map(amount -> new BigDecimal(amount.scalar()))
                                    .reduce(BigDecimal.ZERO, BigDecimal::add)
                                    .compareTo(BigDecimal.valueOf(
                                            dynamic.scalars().get("cpus").units()))
                            == 0;
        });
    }

    @Test
    void reservationsAndVolumesOutliveTheLeader() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{disk: 5Gi, keepFree: {cpu: 0, memory: 0}}");
        Terms eng = Terms.reservedBy(reservation(
                "eng", "alice", List.of(new Label("why", Optional.of("")), new Label("bare", Optional.empty()))));
        Terms volume = eng.of(new Volume("v1", Optional.of("bob"), "data", 100_500), true);
        Resources cpus = Resources.of(
                eng,
                Resources.scalar("cpus", 1.501)
                        .plus(Resources.scalar("mem", 0.001))
                        .free());
        Resources ports = Resources.of(
                eng, Resources.ranges("ports", Ranges.of(31000, 31005)).free());
        change(record.id(), Change.Kind.RESERVE, cpus.plus(ports));
        change(record.id(), Change.Kind.RESERVE, Resources.diskOn(eng, 200_000));
        change(record.id(), Change.Kind.CREATE, Resources.diskOn(volume));
        Resources made = view(record.id()).dynamic();
        Resources total = view(record.id()).total();
        assertThat(made.toString())
                .contains("[v1:data]<SHARED>:100.5", "cpus(reservations: [(DYNAMIC,eng,alice,{why: , bare})]):1.501");
        awaitKept(record.id());

        changeLeader();
        assertThat(view(record.id()).dynamic()).as("before the agent is back").isEqualTo(made);
        register(record);
        assertThat(view(record.id()).total()).isEqualTo(total);

        change(record.id(), Change.Kind.DESTROY, Resources.diskOn(volume));
        change(record.id(), Change.Kind.UNRESERVE, Resources.diskOn(eng, 200_000));
        change(record.id(), Change.Kind.UNRESERVE, cpus.plus(ports));
        await("nothing is reserved", () -> agent("n1").getStatus().reserved().isEmpty());
        changeLeader();
        assertThat(view(record.id()).dynamic()).isEqualTo(Resources.EMPTY);
    }

    @Test
    void aPoolThatShrinksKeepsWhatDoesNotFitAnyMore() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{max: {cpu: 3}, keepFree: {cpu: 0, memory: 0}}");
        Terms eng = Terms.reservedBy(reservation("eng", "alice", List.of()));
        Resources reserved = Resources.of(eng, Resources.scalar("cpus", 2).free());
        change(record.id(), Change.Kind.RESERVE, reserved);
        awaitKept(record.id());
        client.resources(AgentPool.class)
                .withName("a")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"claim\":{\"max\":{\"cpu\":\"1\"}}}}");
        await("the claim asks for less", () -> requested(cluster.claim("n1"), "cpu")
                .equals(new Quantity("1")));
        cluster.run(cluster.claim("n1"));
        await("the engine hides what doesn't fit", () -> view(record.id())
                .total()
                .under(eng)
                .scalars()
                .get("cpus")
                .equals(io.offerplane.engine.resource.Quantity.of(1)));
        awaitKept(record.id());

        changeLeader();
        AgentDirectory.AgentRecord small = awaitPresent(
                "the agent's record", () -> controllers.directory().byNode("n1").orElse(null));
        register(small);
        assertThat(view(record.id()).dynamic()).isEqualTo(reserved);
        assertThat(view(record.id()).total().under(eng).scalars().get("cpus").milli())
                .isEqualTo(1000);
        client.resources(AgentPool.class)
                .withName("a")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"claim\":{\"max\":{\"cpu\":\"3\"}}}}");
        await("it is there again", () -> {
            Pod claim = cluster.claim("n1");
            if (requested(claim, "cpu").equals(new Quantity("3"))) {
                cluster.run(claim);
            }
            return view(record.id()).total().contains(reserved);
        });
    }

    @Test
    void theApiServerTakesAllThatTheEngineLetsBeReserved() throws Exception {
        AgentDirectory.AgentRecord record = registeredAgent("{keepFree: {cpu: 0, memory: 0}}");
        String longest = "x".repeat(1024);
        change(
                record.id(),
                Change.Kind.RESERVE,
                Resources.of(
                        Terms.reservedBy(
                                reservation(longest, longest, List.of(new Label(longest, Optional.of(longest))))),
                        Resources.scalar("cpus", 0.01).free()));
        change(
                record.id(),
                Change.Kind.RESERVE,
                Resources.of(
                        Terms.reservedBy(
                                reservation("labels", "p", Collections.nCopies(64, new Label("", Optional.of(""))))),
                        Resources.scalar("cpus", 0.01)
                                .plus(Resources.ranges(
                                        "ports",
                                        new Ranges(IntStream.range(0, 500)
                                                .mapToObj(i -> new Ranges.Range(31000 + 2L * i, 31000 + 2L * i))
                                                .toList())))
                                .free()));
        Resources refined = Resources.scalar("cpus", 0.01);
        String role = "r";
        for (int i = 0; i < 16; i++) {
            String layer = role;
            refined = refined.onOther(terms -> terms.reserved(reservation(layer, "p", List.of())));
            change(record.id(), Change.Kind.RESERVE, refined);
            role += "/r";
        }
        Resources many = Resources.EMPTY;
        for (int i = 0; i < 253; i++) {
            many = many.plus(Resources.of(
                    Terms.reservedBy(reservation("role-" + i, "p", List.of())),
                    Resources.scalar("cpus", 0.01).free()));
        }
        change(record.id(), Change.Kind.RESERVE, many);
        Resources made = view(record.id()).dynamic();
        assertThat(made.bound()).hasSize(256);
        awaitKept(record.id());
        changeLeader();
        assertThat(view(record.id()).dynamic()).isEqualTo(made);
    }

    @Test
    void whatTheApiServerDoesNotTakeIsWrittenLater() throws Exception {
        AtomicBoolean away = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        Interceptor fault = new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                if (away.get()
                        && request.method().equals("PATCH")
                        && request.uri().getPath().endsWith("/agents/n1/status")) {
                    refused.incrementAndGet();
                    builder.uri(URI.create(
                            request.uri().toString().replace("/agents/n1/status", "/agents/nowhere/status")));
                }
            }
        };
        try (KubernetesClient faulty = new KubernetesClientBuilder()
                .withConfig(client.getConfiguration())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("fault", fault))
                .build()) {
            cluster.node("n1", "4", "8Gi", Map.of("pool", "a"));
            start(faulty, false);
            pool("a", Map.of("pool", "a"), "{keepFree: {cpu: 0, memory: 0}}");
            AgentDirectory.AgentRecord record = grant("n1");
            register(record);
            await("Active", () -> agent("n1").getStatus().phase() == AgentStatus.Phase.ACTIVE);
            away.set(true);
            change(
                    record.id(),
                    Change.Kind.RESERVE,
                    Resources.of(
                            Terms.reservedBy(reservation("eng", "alice", List.of())),
                            Resources.scalar("cpus", 2).free()));
            await("it was tried again and again", () -> refused.get() >= 3);
            assertThat(agent("n1").getStatus().reserved()).isEmpty();
            away.set(false);
            awaitKept(record.id());
            controllers.close();
        }
    }

    @Test
    void aYoungerPoolThatOverlapsIsOutOfEffectAndSaysWhy() throws Exception {
        cluster.node("n1", "4", "8Gi", Map.of("pool", "a"));
        start(false);
        pool("a", Map.of("pool", "a"), "{}");
        cluster.claim("n1");
        // Creation times have whole seconds; the name decides within one.
        pool("b", Map.of(), "{}");
        // Its first look may come before the caches have the older pool, so what counts is where it settles.
        AgentPoolStatus status = awaitPresent("the younger pool is out of effect", () -> {
            AgentPoolStatus seen =
                    client.resources(AgentPool.class).withName("b").get().getStatus();
            return condition(seen.conditions(), "Accepted").equals("FALSE/NodesOverlap") ? seen : null;
        });
        assertThat(condition(status.conditions(), "Stalled")).isEqualTo("TRUE/NodesOverlap");
        assertThat(agent("n1").getSpec().pool()).isEqualTo("a");
    }

    @Test
    void bootstrapsADefaultPoolOfUntaintedNodesOnlyWhereThereIsNone() throws Exception {
        cluster.node("n1", "4", "8Gi", Map.of());
        start(true);
        cluster.claim("n1");
        assertThat(client.resources(AgentPool.class)
                        .withName("default")
                        .get()
                        .getSpec()
                        .ports())
                .containsExactly("31000-32000");
        controllers.close();
        client.resources(AgentPool.class).withName("default").delete();
        client.resource(otherPool()).create();
        start(true);
        await(
                "the pool is judged",
                () -> client.resources(AgentPool.class).withName("other").get().getStatus() != null);
        assertThat(client.resources(AgentPool.class).withName("default").get()).isNull();
    }

    private AgentPool otherPool() {
        return client.getKubernetesSerialization().unmarshal("""
                apiVersion: offerplane.io/v1alpha1
                kind: AgentPool
                metadata: {name: other}
                spec: {nodeSelector: {matchLabels: {pool: none}}}
                """, AgentPool.class);
    }
}
