package io.offerplane.operator.controllers;

import static io.offerplane.operator.controllers.Cluster.NAMESPACE;
import static io.offerplane.operator.controllers.Cluster.await;
import static io.offerplane.operator.controllers.Cluster.awaitPresent;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.offerplane.crd.apiserver.ApiServerExtension;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import io.offerplane.crd.v1alpha1.task.Task;
import io.offerplane.crd.v1alpha1.task.TaskStatus;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView.RoleView;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.framework.FrameworkSecrets;
import io.offerplane.operator.task.TaskFramework;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Queues, frameworks and Task objects with a real API server and the real engine; clients and shims are played. */
@Tag("apiserver")
@ExtendWith(ApiServerExtension.class)
class FrameworksAndTasksApiServerTest {
    private static final AgentId AGENT = new AgentId("agent-S0");

    private static AgentSpec agentSpec(String node) {
        return new AgentSpec(node, "10.0.0.1", 5051, node, "default", List.of(), Optional.empty(), "1");
    }

    private final KubernetesClient client;
    private final Cluster cluster;
    private final AtomicLong connections = new AtomicLong();
    private EngineOnAThread engine;
    private Controllers controllers;
    private FrameworkSecrets secrets;

    FrameworksAndTasksApiServerTest(KubernetesClient client) {
        this.client = client;
        this.cluster = new Cluster(client);
    }

    @BeforeEach
    void clean() throws Exception {
        cluster.clear();
        engine = new EngineOnAThread();
        secrets = FrameworkSecrets.open(client);
        start();
    }

    private void start() {
        start(PoolAndClaimApiServerTest.config(false));
    }

    private void start(ControllersConfig config, Command... alsoKnown) {
        controllers = Controllers.start(client, engine, config, secrets);
        controllers.recovery().forEach(engine::apply);
        List.of(alsoKnown).forEach(engine::apply);
        engine.sendTo(effect -> {
            if (effect instanceof Effect.Notice notice) {
                controllers.notices().accept(notice);
            } else if (effect instanceof Effect.ToFramework message) {
                controllers.deliver(message);
            }
        });
        controllers.open();
    }

    /** Another leader takes over: nothing but the objects is left. */
    private void changeLeader() {
        changeLeader(PoolAndClaimApiServerTest.config(false));
    }

    private void changeLeader(ControllersConfig config, Command... alsoKnown) {
        controllers.close();
        engine.close();
        engine = new EngineOnAThread("term-2");
        start(config, alsoKnown);
    }

    @AfterEach
    void stop() throws Exception {
        secrets.close();
        controllers.close();
        engine.close();
        cluster.clear();
    }

    private <T extends HasMetadata> T create(Class<T> kind, String name, String spec) {
        String yaml = "apiVersion: offerplane.io/v1alpha1\nkind: " + kind.getSimpleName() + "\nmetadata: {name: " + name
                + "}\nspec: " + spec + "\n";
        T object = client.getKubernetesSerialization().unmarshal(yaml, kind);
        if (kind == Framework.class || kind == Task.class) {
            object.getMetadata().setNamespace(NAMESPACE);
        }
        return client.resource(object).create();
    }

    private static String condition(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(c -> c.type().equals(type))
                .map(c -> c.status() + "/" + c.reason())
                .findFirst()
                .orElse("absent");
    }

    private static FrameworkSpec spec(String name, Duration failover) {
        return new FrameworkSpec(
                name,
                "root",
                List.of(RolePath.DEFAULT),
                failover,
                true,
                Optional.of("principal-" + name),
                Set.of(FrameworkCapability.PARTITION_AWARE),
                Payload.EMPTY);
    }

    private FrameworkId subscribe(String name) {
        Decision.Answer answer = engine.apply(new Command.Subscribe(
                Optional.empty(),
                spec(name, Duration.ofHours(1)),
                Set.of(),
                connections.incrementAndGet(),
                engine.now()));
        return ((Decision.Answer.Subscribed) answer).frameworkId();
    }

    private List<Framework> frameworks() {
        return client.resources(Framework.class).inNamespace(NAMESPACE).list().getItems();
    }

    private Framework awaitFramework(String name, String connected) throws Exception {
        return awaitPresent(name + " is " + connected, () -> frameworks().stream()
                .filter(f -> f.getMetadata().getName().startsWith(name))
                .filter(f -> f.getStatus() != null
                        && condition(f.getStatus().conditions(), "Connected").equals(connected))
                .findFirst()
                .orElse(null));
    }

    // --- frameworks

    @Test
    void anUndeclaredClientGetsAnObjectThatSaysWhatItIs() throws Exception {
        FrameworkId id = subscribe("My Marathon");
        Framework object = awaitFramework("my-marathon-", "TRUE/Connected");
        assertThat(object.getMetadata().getLabels()).containsEntry("offerplane.io/origin", "registered");
        assertThat(object.getMetadata().getAnnotations()).containsEntry("offerplane.io/id", id.value());
        assertThat(object.getStatus().frameworkId()).isEqualTo(id.value());
        assertThat(object.getStatus().client()).isNotNull().satisfies(c -> {
            assertThat(c.principal()).isEqualTo("principal-My Marathon");
            assertThat(c.capabilitiesClaimed()).containsExactly("PartitionAware");
        });
        assertThat(object.getStatus().display()).isNotNull();
    }

    @Test
    void aDeclaredObjectSpeaksForTheClientThatItsMatchFits() throws Exception {
        create(Framework.class, "declared", "{match: {principal: principal-chronos}}");
        await("it waits", () -> awaitFramework("declared", "FALSE/NeverRegistered") != null);
        FrameworkId id = subscribe("chronos");
        Framework object = awaitFramework("declared", "TRUE/Connected");
        assertThat(object.getStatus().frameworkId()).isEqualTo(id.value());
        assertThat(frameworks()).as("no second object for the same client").hasSize(1);
    }

    @Test
    void aNewLeaderKnowsWhoWasThereAndUntilWhen() throws Exception {
        FrameworkId id = subscribe("lasting");
        awaitFramework("lasting", "TRUE/Connected");
        engine.apply(new Command.DisconnectFramework(id, connections.get(), engine.now()));
        Framework object = awaitFramework("lasting", "FALSE/Disconnected");
        assertThat(object.getStatus().times()).isNotNull();
        String deadline = object.getStatus().times().failoverDeadlineTime();
        assertThat(Instant.parse(deadline)).isAfter(Instant.now().plusSeconds(3000));

        changeLeader();
        assertThat(controllers.recovery())
                .filteredOn(Command.RecoverFramework.class::isInstance)
                .singleElement()
                .satisfies(command -> {
                    Command.RecoverFramework recover = (Command.RecoverFramework) command;
                    assertThat(recover.frameworkId()).isEqualTo(id);
                    assertThat(recover.spec().name()).isEqualTo("lasting");
                    assertThat(recover.failoverDeadline()).contains(Instant.parse(deadline));
                });
        awaitFramework("lasting", "UNKNOWN/AwaitingResubscription");
    }

    @Test
    void anApplicationOfYarnIsMirroredAndMayComeBackUnderTheNextLeader() throws Exception {
        Command.Subscribe application = new Command.Subscribe(
                Optional.of(new FrameworkId("application_17_0001")),
                spec("application_17_0001", Duration.ofHours(1)).with(new ApplicationSpec(3)),
                Set.of(),
                connections.incrementAndGet(),
                engine.now());
        assertThat(engine.apply(application)).isInstanceOf(Decision.Answer.Subscribed.class);
        Framework object = awaitFramework("application-17-0001", "TRUE/Connected");
        assertThat(object.getMetadata().getLabels()).containsEntry("offerplane.io/protocol", "yarn");

        changeLeader();

        awaitFramework("application-17-0001", "UNKNOWN/AwaitingResubscription");
        assertThat(engine.apply(application)).isInstanceOf(Decision.Answer.Subscribed.class);
        awaitFramework("application-17-0001", "TRUE/Connected");
        assertThat(frameworks()).hasSize(1);
    }

    @Test
    void theIdOfARemovedFrameworkIsRefusedByLaterLeadersToo() throws Exception {
        FrameworkId id = subscribe("gone");
        awaitFramework("gone", "TRUE/Connected");
        engine.apply(new Command.TeardownFramework(id, engine.now()));
        Framework object = awaitFramework("gone", "FALSE/FailoverTimeoutPassed");
        assertThat(object.getStatus().removedIds()).containsExactly(id.value());
        changeLeader();
        assertThat(controllers.recovery())
                .filteredOn(Command.RecoverRemovedFramework.class::isInstance)
                .extracting(command -> ((Command.RecoverRemovedFramework) command).frameworkId())
                .containsExactly(id);
    }

    @Test
    void deletingAnObjectWithTeardownEndsItsClient() throws Exception {
        create(Framework.class, "ending", "{match: {name: ending}, onDelete: Teardown}");
        FrameworkId id = subscribe("ending");
        awaitFramework("ending", "TRUE/Connected");
        client.resources(Framework.class)
                .inNamespace(NAMESPACE)
                .withName("ending")
                .delete();
        await("the engine knows it no more", () -> engine.view().frameworks().stream()
                .noneMatch(f -> f.id().equals(id)));
    }

    private SubscriptionPolicy.Ruling apply(String name) {
        return controllers
                .subscriptions()
                .judge(new SubscriptionPolicy.Application(Optional.empty(), spec(name, Duration.ofHours(1))));
    }

    @Test
    void theObjectThatAClientWasRefusedUnderSaysSoUntilItsBoundsAreChanged() throws Exception {
        create(Framework.class, "bounded", "{match: {name: bounded}, queues: [{path: root.team-a}]}");
        awaitFramework("bounded", "FALSE/NeverRegistered");
        assertThat(apply("bounded"))
                .isInstanceOfSatisfying(
                        SubscriptionPolicy.Ruling.Refused.class, refused -> assertThat(refused.message())
                                .startsWith("Not authorized to register framework with roles { * }: Framework "
                                        + NAMESPACE + "/bounded grants team-a (queue root.team-a)"));
        Framework object = awaitFramework("bounded", "FALSE/SubscriptionRefused");
        assertThat(object.getStatus().conditions())
                .filteredOn(condition -> condition.type().equals("Connected"))
                .singleElement()
                .satisfies(
                        condition -> assertThat(condition.message()).contains("add root.default to its spec.queues"));
        await(
                "an event tells of it",
                () -> client.events().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                        .anyMatch(event -> "SubscriptionRefused".equals(event.getReason())
                                && "bounded".equals(event.getRegarding().getName())));

        client.resources(Framework.class)
                .inNamespace(NAMESPACE)
                .withName("bounded")
                .patch(
                        io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
                        "{\"spec\":{\"queues\":[{\"path\":\"root.default\"}],\"failoverTimeoutSeconds\":60}}");
        awaitFramework("bounded", "FALSE/NeverRegistered");
        assertThat(apply("bounded"))
                .isEqualTo(new SubscriptionPolicy.Ruling.Admitted(Set.of(), Optional.of(Duration.ofSeconds(60))));
    }

    @Test
    void theBoundsOfAnObjectHoldForEveryClientThatFits() throws Exception {
        create(Framework.class, "twofold", "{match: {name: twofold}, failoverTimeoutSeconds: 60}");
        awaitFramework("twofold", "FALSE/NeverRegistered");
        subscribe("twofold");
        awaitFramework("twofold", "TRUE/Connected");
        assertThat(apply("twofold"))
                .isEqualTo(new SubscriptionPolicy.Ruling.Admitted(Set.of(), Optional.of(Duration.ofSeconds(60))));
        assertThat(apply("somebody else")).isEqualTo(SubscriptionPolicy.Ruling.Admitted.UNBOUNDED);
    }

    @Test
    void whereOnlyDeclaredClientsAreTakenOthersAreRefused() throws Exception {
        changeLeader(PoolAndClaimApiServerTest.config(false, false));
        create(Framework.class, "declared", "{match: {principal: principal-known}}");
        awaitFramework("declared", "FALSE/NeverRegistered");
        assertThat(apply("known")).isEqualTo(SubscriptionPolicy.Ruling.Admitted.UNBOUNDED);
        assertThat(apply("stranger"))
                .isInstanceOfSatisfying(
                        SubscriptionPolicy.Ruling.Refused.class,
                        refused -> assertThat(refused.message()).contains("no Framework object matches"));
        assertThat(controllers
                        .subscriptions()
                        .judge(new SubscriptionPolicy.Application(
                                Optional.of(TaskFramework.ID), spec("known", Duration.ZERO))))
                .as("nobody takes over the framework that runs Task objects")
                .isInstanceOf(SubscriptionPolicy.Ruling.Refused.class);
        subscribe("known");
        subscribe("known");
        await(
                "the second client that fits the object gets one to be seen by",
                () -> frameworks().size() == 2);
    }

    @Test
    void anObjectThatNamesAQueueThatIsNotThereSaysSo() throws Exception {
        create(Framework.class, "lost", "{match: {name: lost}, queues: [{path: root.nowhere}]}");
        await("it is judged", () -> {
            Framework f = client.resources(Framework.class)
                    .inNamespace(NAMESPACE)
                    .withName("lost")
                    .get();
            return f.getStatus() != null
                    && condition(f.getStatus().conditions(), "Accepted").equals("FALSE/QueueNotFound");
        });
    }

    private boolean isAccepted(String name, String expected) {
        Framework object = client.resources(Framework.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
        return object.getStatus() != null
                && condition(object.getStatus().conditions(), "Accepted").equals(expected);
    }

    @Test
    void anObjectWhoseSecretIsMissingSaysSoUntilItIsThere() throws Exception {
        create(Framework.class, "secured", "{match: {principal: p}, credentialsSecretRef: {name: secured}}");
        await("the Secret is missed", () -> isAccepted("secured", "FALSE/CredentialsMissing"));
        io.fabric8.kubernetes.api.model.Secret secret = client.resource(
                        new io.fabric8.kubernetes.api.model.SecretBuilder()
                                .withNewMetadata()
                                .withName("secured")
                                .withNamespace(NAMESPACE)
                                .endMetadata()
                                .addToStringData("secret", "s3cr3t")
                                .build())
                .create();
        try {
            await("it is found", () -> isAccepted("secured", "TRUE/Accepted"));
        } finally {
            client.resource(secret).delete();
        }
    }

    // --- queues

    private Optional<RoleView> role(String name) {
        return engine.view().roles().stream()
                .filter(r -> r.role().value().equals(name))
                .findFirst();
    }

    private String queueCondition(String name, String type) {
        Queue queue = client.resources(Queue.class).withName(name).get();
        return queue.getStatus() == null ? "none" : condition(queue.getStatus().conditions(), type);
    }

    @Test
    void aQueuesWeightReachesTheEngineAndIsTakenBackWhenItGoes() throws Exception {
        create(Queue.class, "eng", "{path: root.eng}");
        create(Queue.class, "ads", "{path: root.eng.ads, weight: \"2.5\"}");
        await(
                "the weight is told",
                () -> role("eng/ads").filter(r -> r.weight() == 2.5).isPresent());
        await("it is Ready", () -> queueCondition("ads", "Ready").equals("TRUE/Ready"));
        assertThat(client.resources(Queue.class)
                        .withName("ads")
                        .get()
                        .getStatus()
                        .role())
                .isEqualTo("eng/ads");
        assertThat(PoolAndClaimApiServerTest.RECONCILED).contains("queue");
        client.resources(Queue.class).withName("ads").delete();
        await(
                "the weight is back to 1",
                () -> role("eng/ads").filter(r -> r.weight() != 1.0).isEmpty());
    }

    @Test
    void whatMayBeTakenFromAQueueReachesTheEngineAndIsTakenBackWhenItGoes() throws Exception {
        create(Queue.class, "lends", "{path: root.lends, reclaimGraceSeconds: 30}");
        await("the policy is told", () -> lastPolicy("lends").equals(Optional.of(Duration.ofSeconds(30))));

        client.resources(Queue.class).withName("lends").delete();
        await("the policy is taken back", () -> lastPolicy("lends").isEmpty());
    }

    private Optional<Duration> lastPolicy(String role) {
        return engine.commands().stream()
                .filter(Command.SetReclaimPolicy.class::isInstance)
                .map(Command.SetReclaimPolicy.class::cast)
                .filter(set -> set.role().equals(new RolePath(role)))
                .reduce((earlier, later) -> later)
                .flatMap(Command.SetReclaimPolicy::policy)
                .map(ReclaimPolicy::grace);
    }

    @Test
    void aQueueWithoutItsParentOrOfATakenPathIsOutOfEffectAndSaysWhy() throws Exception {
        create(Queue.class, "orphan", "{path: root.none.child, weight: \"3\"}");
        await("the orphan says so", () -> queueCondition("orphan", "Accepted").equals("FALSE/ParentMissing"));
        assertThat(role("none/child")).isEmpty();
        create(Queue.class, "a-first", "{path: root.twice, weight: \"2\"}");
        await("the first is accepted", () -> queueCondition("a-first", "Accepted")
                .equals("TRUE/Accepted"));
        create(Queue.class, "b-second", "{path: root.twice, weight: \"9\"}");
        await("the second says so", () -> queueCondition("b-second", "Accepted").equals("FALSE/DuplicatePath"));
        assertThat(role("twice").map(RoleView::weight)).contains(2.0);
        create(Queue.class, "parent", "{path: root.none}");
        await("the orphan has a parent now", () -> queueCondition("orphan", "Accepted")
                .equals("TRUE/Accepted"));
        await(
                "and its weight counts",
                () -> role("none/child").filter(r -> r.weight() == 3).isPresent());
    }

    // --- quotas

    private Quota quota(String role) {
        return role(role).map(RoleView::quota).orElse(Quota.NONE);
    }

    private boolean isLimited(String role, int cpus) {
        return quota(role).limitMilli("cpus").equals(OptionalLong.of(cpus * 1000L));
    }

    private long offeredMilliCpus(String role) {
        return role(role).map(r -> r.offered().scalars().milli("cpus")).orElse(0L);
    }

    private String queueMessage(String name) {
        return client.resources(Queue.class).withName(name).get().getStatus().conditions().stream()
                .filter(c -> c.type().equals("Accepted"))
                .map(c -> Objects.requireNonNullElse(c.message(), ""))
                .findFirst()
                .orElse("");
    }

    /** The controller writes the status meanwhile, so a change may have to be made on a newer version. */
    private void changeQuota(String name, Map<String, Quantity> guarantees, Map<String, Quantity> limits)
            throws Exception {
        await("the quota of " + name + " is changed", () -> {
            try {
                client.resources(Queue.class).withName(name).edit(queue -> {
                    QueueSpec spec = queue.getSpec();
                    queue.setSpec(new QueueSpec(
                            spec.path(),
                            spec.mesosRole(),
                            spec.weight(),
                            guarantees,
                            limits,
                            spec.reclaimGraceSeconds(),
                            spec.ordering(),
                            spec.users()));
                    return queue;
                });
                return true;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                return false;
            }
        });
    }

    private void subscribeIn(String role) {
        FrameworkSpec spec = new FrameworkSpec(
                "in-" + role,
                "root",
                List.of(new RolePath(role)),
                Duration.ofHours(1),
                true,
                Optional.empty(),
                Set.of(FrameworkCapability.PARTITION_AWARE),
                Payload.EMPTY);
        engine.apply(
                new Command.Subscribe(Optional.empty(), spec, Set.of(), connections.incrementAndGet(), engine.now()));
    }

    private void offersAreHeldToOneCpuOfFour() throws Exception {
        subscribeIn("capped");
        subscribeIn("free");
        registerAgent(List.of());
        await(
                "everything is offered, within the limit",
                () -> offeredMilliCpus("capped") == 1000 && offeredMilliCpus("free") == 3000);
        assertThat(engine.effects())
                .filteredOn(effect -> effect instanceof Effect.RescindOffer)
                .as("nothing had to be taken back")
                .isEmpty();
    }

    @Test
    void aQueuesLimitHoldsOffersFromTheFirstOneOnAndInTheNextLeadersTermToo() throws Exception {
        create(Queue.class, "capped", "{path: root.capped, limits: {cpu: 1, memory: 1Gi, nvidia.com/gpu: 0}}");
        await("the limit is told", () -> isLimited("capped", 1));
        assertThat(quota("capped").limitMilli("mem")).hasValue(1_024_000);
        assertThat(quota("capped").limitMilli("gpus")).hasValue(0);
        await("it is Ready", () -> queueCondition("capped", "Ready").equals("TRUE/Ready"));
        offersAreHeldToOneCpuOfFour();

        changeLeader();
        assertThat(isLimited("capped", 1))
                .as("known before anything is offered")
                .isTrue();
        offersAreHeldToOneCpuOfFour();

        changeQuota("capped", Map.of(), Map.of());
        await("a queue without the fields has no quota", () -> quota("capped").isNone());
        changeQuota("capped", Map.of(), Map.of("cpu", new Quantity("2")));
        await("and has one again", () -> isLimited("capped", 2));
        client.resources(Queue.class).withName("capped").delete();
        await("nor has one without a queue", () -> quota("capped").isNone());
    }

    @Test
    void whatAFrameworkAndItsQueueWaitForIsInTheirStatus() throws Exception {
        create(Queue.class, "closed", "{path: root.closed, limits: {cpu: 0, memory: 0}}");
        await("the limit is told", () -> isLimited("closed", 0));
        subscribeIn("closed");
        engine.apply(new Command.RegisterAgent(
                AGENT,
                agentSpec("n1"),
                Resources.scalar("cpus", 4).plus(Resources.scalar("mem", 4096)),
                List.of(),
                List.of(),
                connections.incrementAndGet(),
                engine.now()));

        Framework framework = awaitPresent(
                "the framework's status says it",
                () -> client.resources(Framework.class).inNamespace(NAMESPACE).list().getItems().stream()
                        .filter(f -> f.getStatus() != null && f.getStatus().waiting() != null)
                        .filter(f -> "AtLimit".equals(f.getStatus().waiting().reason()))
                        .findFirst()
                        .orElse(null));
        assertThat(Objects.requireNonNull(framework.getStatus().waiting()).message())
                .isEqualTo("its role closed is at its limit of 0 cpus and 0 MiB");
        Queue queue = awaitPresent("the queue's status says it", () -> {
            Queue found = client.resources(Queue.class).withName("closed").get();
            return found.getStatus() == null || found.getStatus().waiting() == null ? null : found;
        });
        assertThat(Objects.requireNonNull(queue.getStatus().waiting()).message())
                .isEqualTo("is at its limit of 0 cpus and 0 MiB; its only framework waits");

        changeQuota("closed", Map.of(), Map.of());
        await("it is offered something", () -> offeredMilliCpus("closed") == 4000);
        await(
                "neither status says so any more",
                () -> client.resources(Queue.class)
                                        .withName("closed")
                                        .get()
                                        .getStatus()
                                        .waiting()
                                == null
                        && client.resources(Framework.class).inNamespace(NAMESPACE).list().getItems().stream()
                                .allMatch(f ->
                                        f.getStatus() == null || f.getStatus().waiting() == null));
    }

    @Test
    void guaranteesThatDontFitAreRefusedWithoutUndoingAnythingElse() throws Exception {
        create(Queue.class, "eng", "{path: root.eng, guarantees: {cpu: 2}}");
        create(Queue.class, "web", "{path: root.eng.web, guarantees: {cpu: 1}}");
        await("web's is told", () -> quota("eng/web").guarantees().milli("cpus") == 1000);
        create(Queue.class, "ads", "{path: root.eng.ads, guarantees: {cpu: 3}, limits: {cpu: 4}}");
        await("ads' is refused", () -> queueCondition("ads", "Accepted").equals("FALSE/GuaranteeAboveParent"));
        assertThat(queueMessage("ads"))
                .contains("Parent role 'eng' with guarantees (cpus:2)", "raise the guarantees of the queue above");
        await("its limit holds all the same", () -> isLimited("eng/ads", 4));
        assertThat(quota("eng/ads").guarantees().isEmpty()).isTrue();
        assertThat(quota("eng/web").guarantees().milli("cpus")).isEqualTo(1000);

        changeLeader();
        assertThat(isLimited("eng/ads", 4)).isTrue();
        assertThat(quota("eng").guarantees().milli("cpus")).isEqualTo(2000);
        assertThat(quota("eng/web").guarantees().milli("cpus")).isEqualTo(1000);
        assertThat(quota("eng/ads").guarantees().isEmpty()).isTrue();

        changeQuota("eng", Map.of("cpu", new Quantity("4")), Map.of());
        await("now it fits", () -> quota("eng/ads").guarantees().milli("cpus") == 3000);
        await("more than the cluster has is no refusal", () -> queueCondition("ads", "Accepted")
                .equals("TRUE/GuaranteesAboveCapacity"));
        assertThat(queueMessage("ads")).contains("4c of 0c");
        registerAgent(List.of());
        await("until agents come", () -> queueCondition("ads", "Accepted").equals("TRUE/Accepted"));

        client.resources(Queue.class).withName("eng").delete();
        await(
                "queues without a parent are out of order, and nothing of their quotas is left",
                () -> engine.view().roles().stream().allMatch(r -> r.quota().isNone()));
        await("as they say", () -> queueCondition("web", "Accepted").equals("FALSE/ParentMissing"));
    }

    // --- tasks

    private void registerAgent(List<Command.HeldTask> tasks) {
        registerAgent(AGENT, "n1", tasks);
    }

    private void registerAgent(AgentId id, String node, List<Command.HeldTask> tasks) {
        Resources total = Resources.scalar("cpus", 4)
                .plus(Resources.scalar("mem", 4096))
                .plus(Resources.scalar("disk", 4096))
                .plus(Resources.ranges("ports", Ranges.of(31000, 31010)));
        engine.apply(new Command.RegisterAgent(
                id, agentSpec(node), total, tasks, List.of(), connections.incrementAndGet(), engine.now()));
    }

    private List<Effect.LaunchTask> launches(String name) {
        return engine.effects().stream()
                .filter(Effect.LaunchTask.class::isInstance)
                .map(Effect.LaunchTask.class::cast)
                .filter(launch -> launch.task().name().equals(name))
                .toList();
    }

    private Effect.LaunchTask awaitLaunch(String name, int number) throws Exception {
        await("launch " + number + " of " + name, () -> launches(name).size() >= number);
        return launches(name).get(number - 1);
    }

    private UUID tell(Effect.LaunchTask launch, TaskState state, String message) {
        UUID uuid = UUID.randomUUID();
        engine.apply(new Command.UpdateTask(
                launch.agentId(),
                TaskFramework.ID,
                new StatusUpdate(
                        launch.task().taskId(),
                        state,
                        Optional.of(launch.agentId()),
                        Optional.empty(),
                        StatusSource.EXECUTOR,
                        Optional.empty(),
                        Optional.of(message),
                        Optional.of(uuid),
                        engine.now(),
                        Optional.empty(),
                        Payload.EMPTY),
                state,
                engine.now()));
        return uuid;
    }

    private boolean isAcknowledged(UUID uuid) {
        return engine.effects().stream()
                .anyMatch(e ->
                        e instanceof Effect.AcknowledgeUpdate ack && ack.uuid().equals(uuid));
    }

    private TaskStatus status(String name) {
        Task task = client.resources(Task.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
        return task == null ? null : task.getStatus();
    }

    private TaskStatus awaitPhase(String name, TaskStatus.Phase phase) throws Exception {
        return awaitPresent(name + " is " + phase, () -> {
            TaskStatus status = status(name);
            return status != null && status.phase() == phase ? status : null;
        });
    }

    @Test
    void runsATaskToItsEndAndAcknowledgesTheEndOnlyWhenItIsWrittenDown() throws Exception {
        registerAgent(List.of());
        create(Task.class, "hello", "{command: {shell: echo hello}, ports: [{name: web}], env: [{name: A, value: b}]}");
        Effect.LaunchTask launch = awaitLaunch("hello", 1);
        assertThat(launch.task().resources().toString()).isEqualTo("cpus:0.1; mem:64; ports:[31000-31000]");
        assertThat(launch.task().fault()).isEmpty();
        org.apache.mesos.v1.Protos.TaskInfo info = org.apache.mesos.v1.Protos.TaskInfo.parseFrom(
                launch.task().info().toByteArray());
        assertThat(info.getCommand().getValue()).isEqualTo("echo hello");
        assertThat(info.getCommand().getEnvironment().getVariablesList())
                .extracting(v -> v.getName() + "=" + v.getValue())
                .containsExactly("PORT0=31000", "PORT_WEB=31000", "A=b");

        UUID running = tell(launch, TaskState.RUNNING, "");
        awaitPhase("hello", TaskStatus.Phase.RUNNING);
        await("the start is acknowledged", () -> isAcknowledged(running));
        UUID finished = tell(launch, TaskState.FINISHED, "Command exited with status 0");
        TaskStatus status = awaitPhase("hello", TaskStatus.Phase.FINISHED);
        await("the end is acknowledged", () -> isAcknowledged(finished));
        assertThat(status.instances()).singleElement().satisfies(instance -> {
            assertThat(instance.state()).isEqualTo("TASK_FINISHED");
            assertThat(instance.exitCode()).isZero();
            assertThat(instance.node()).isEqualTo("n1");
            assertThat(instance.ports()).containsExactly(31000);
        });
        assertThat(condition(status.conditions(), "Complete")).isEqualTo("TRUE/Finished");
        assertThat(condition(status.conditions(), "Ready")).isEqualTo("TRUE/Completed");
        assertThat(status.finishedTime()).isNotNull();
    }

    @Test
    void aQueueShowsWhatItHoldsAndThatItHoldsNothingAnyMore() throws Exception {
        registerAgent(List.of());
        create(Queue.class, "q", "{path: root.q}");
        create(Task.class, "paid", "{command: {shell: a}, queue: root.q, resources: {cpu: \"1\", memory: 1Gi}}");
        Effect.LaunchTask launch = awaitLaunch("paid", 1);
        tell(launch, TaskState.RUNNING, "");
        await("it shows what it holds", () -> "1c/1Gi"
                .equals(client.resources(Queue.class)
                        .withName("q")
                        .get()
                        .getStatus()
                        .display()
                        .used()));
        tell(launch, TaskState.FINISHED, "Command exited with status 0");
        awaitPhase("paid", TaskStatus.Phase.FINISHED);
        await("it shows that it holds nothing", () -> "0c/0"
                .equals(client.resources(Queue.class)
                        .withName("q")
                        .get()
                        .getStatus()
                        .display()
                        .used()));
        assertThat(client.resources(Queue.class).withName("q").get().getStatus().resources())
                .as("an empty object, which server-side apply would make a null of, is left out")
                .isNull();
    }

    @Test
    void aFailureIsTriedAgainUntilTheLimitAndThenToldWithItsExitCode() throws Exception {
        registerAgent(List.of());
        create(
                Task.class,
                "failing",
                "{command: {shell: exit 7}, restart: {maxRestarts: 1, backoffSeconds: 0, backoffMaxSeconds: 0}}");
        tell(awaitLaunch("failing", 1), TaskState.FAILED, "Command exited with status 7");
        tell(awaitLaunch("failing", 2), TaskState.FAILED, "Command exited with status 7");
        TaskStatus status = awaitPhase("failing", TaskStatus.Phase.FAILED);
        assertThat(status.instances()).singleElement().satisfies(instance -> {
            assertThat(instance.exitCode()).isEqualTo(7);
            assertThat(instance.attempts()).isEqualTo(2);
        });
        assertThat(condition(status.conditions(), "Failed")).isEqualTo("TRUE/NonZeroExit");
        assertThat(condition(status.conditions(), "Stalled")).isEqualTo("TRUE/NonZeroExit");
        assertThat(launches("failing")).hasSize(2);
    }

    @Test
    void deletingATaskKillsItsInstances() throws Exception {
        registerAgent(List.of());
        create(Task.class, "endless", "{command: {shell: sleep 1000}, kill: {graceSeconds: 1}}");
        Effect.LaunchTask launch = awaitLaunch("endless", 1);
        tell(launch, TaskState.RUNNING, "");
        awaitPhase("endless", TaskStatus.Phase.RUNNING);
        client.resources(Task.class).inNamespace(NAMESPACE).withName("endless").delete();
        await("it is killed", () -> engine.effects().stream()
                .anyMatch(e -> e instanceof Effect.KillTask kill
                        && kill.taskId().equals(launch.task().taskId())
                        && kill.gracePeriod().equals(Optional.of(Duration.ofSeconds(1)))));
        UUID killed = tell(launch, TaskState.KILLED, "Command terminated with signal Terminated");
        await("its end is acknowledged", () -> isAcknowledged(killed));
    }

    @Test
    void aNewLeaderDoesNotStartAgainWhatStillRuns() throws Exception {
        registerAgent(List.of());
        create(Task.class, "lasting", "{command: {shell: sleep 1000}}");
        Effect.LaunchTask launch = awaitLaunch("lasting", 1);
        tell(launch, TaskState.RUNNING, "");
        awaitPhase("lasting", TaskStatus.Phase.RUNNING);

        // The played agent has no object that would tell the next leader of it.
        changeLeader(
                PoolAndClaimApiServerTest.config(false),
                new Command.RecoverAgent(AGENT, agentSpec("n1"), engine.now()));
        await("it has subscribed", () -> engine.view().frameworks().stream()
                .anyMatch(f -> f.id().equals(TaskFramework.ID)));
        registerAgent(List.of(new Command.HeldTask(
                TaskFramework.ID, launch.task(), launch.role(), TaskState.RUNNING, Optional.empty())));
        TaskStatus status = awaitPresent("it is heard of", () -> {
            TaskStatus s = status("lasting");
            return condition(s.conditions(), "Running").equals("TRUE/Running") ? s : null;
        });
        assertThat(status.instances().getFirst().taskId())
                .isEqualTo(launch.task().taskId().value());
        assertThat(launches("lasting")).as("nothing was launched in this term").isEmpty();
    }

    @Test
    void spreadsInstancesAndSaysWhyTheRestWaits() throws Exception {
        registerAgent(List.of());
        create(Task.class, "spread", "{command: {shell: a}, instances: 2, placement: {spreadBy: Hostname}}");
        awaitLaunch("spread", 1);
        await(
                "the second waits",
                () -> status("spread") != null
                        && condition(status("spread").conditions(), "Placed").startsWith("FALSE/"));
        assertThat(launches("spread")).hasSize(1);
        registerAgent(new AgentId("agent-S1"), "n2", List.of());
        assertThat(awaitLaunch("spread", 2).agentId()).isEqualTo(new AgentId("agent-S1"));
    }

    @Test
    void aTaskWhoseQueueIsNotThereSaysSoAndRunsWhenItIsMade() throws Exception {
        registerAgent(List.of());
        create(Task.class, "early", "{command: {shell: a}, queue: root.later}");
        TaskStatus status = awaitPresent("it is judged", () -> {
            TaskStatus s = status("early");
            return s != null && condition(s.conditions(), "Admitted").equals("FALSE/QueueNotFound") ? s : null;
        });
        assertThat(condition(status.conditions(), "Ready")).isEqualTo("FALSE/QueueNotFound");
        assertThat(condition(status.conditions(), "Placed")).isEqualTo("FALSE/QueueNotFound");
        assertThat(status.waiting()).isNotNull();
        assertThat(status.waiting().message()).contains("no Queue with path root.later: make one");
        create(Queue.class, "later", "{path: root.later}");
        awaitLaunch("early", 1);
        await("it is admitted", () -> condition(status("early").conditions(), "Admitted")
                .equals("TRUE/Admitted"));
    }

    @Test
    void aTaskThatFitsNowhereSaysWhatItNeeds() throws Exception {
        registerAgent(List.of());
        create(Task.class, "huge", "{command: {shell: a}, resources: {cpu: \"64\", memory: 1Gi}}");
        TaskStatus status = awaitPresent("it says so", () -> {
            TaskStatus s = status("huge");
            return s != null
                            && s.waiting() != null
                            && "ResourcesShort".equals(s.waiting().reason())
                    ? s
                    : null;
        });
        assertThat(status.waiting().message()).contains("needs 64 cpu").contains("4 cpu");
    }

    @Test
    void holdingAndKillingAreObeyed() throws Exception {
        registerAgent(List.of());
        create(Task.class, "held", "{command: {shell: a}, desired: Held}");
        awaitPhase("held", TaskStatus.Phase.HELD);
        assertThat(launches("held")).isEmpty();
        client.resources(Task.class)
                .inNamespace(NAMESPACE)
                .withName("held")
                .patch(
                        io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
                        "{\"spec\":{\"desired\":\"Killed\"}}");
        awaitPhase("held", TaskStatus.Phase.KILLED);
    }

    @Test
    void anOverdueObjectIsDeletedAfterItsEnd() throws Exception {
        registerAgent(List.of());
        create(Task.class, "brief", "{command: {shell: a}, ttlAfterFinishedSeconds: 0}");
        tell(awaitLaunch("brief", 1), TaskState.FINISHED, "Command exited with status 0");
        await(
                "it is deleted",
                () -> client.resources(Task.class)
                                .inNamespace(NAMESPACE)
                                .withName("brief")
                                .get()
                        == null);
    }
}
