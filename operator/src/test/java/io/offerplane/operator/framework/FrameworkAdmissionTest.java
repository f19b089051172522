package io.offerplane.operator.framework;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.engine.Payload;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.role.RolePath;
import io.offerplane.mesos.SubscriptionPolicy.Application;
import io.offerplane.mesos.SubscriptionPolicy.Ruling;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FrameworkAdmissionTest {
    private static final List<Queue> QUEUES = List.of(
            queue("{path: root}"),
            queue("{path: root.team-a}"),
            queue("{path: root.team-a.odd, mesosRole: odd.name}"),
            queue("{path: root.renamed, mesosRole: other}"));

    private static Queue queue(String spec) {
        return Serialization.unmarshal(
                "apiVersion: offerplane.io/v1alpha1\nkind: Queue\nmetadata: {name: q}\nspec: " + spec, Queue.class);
    }

    private static Framework framework(String spec) {
        return Serialization.unmarshal(
                "apiVersion: offerplane.io/v1alpha1\nkind: Framework\nmetadata: {name: web, namespace: shop}\nspec: "
                        + spec,
                Framework.class);
    }

    private static Application client(Set<FrameworkCapability> capabilities, String... roles) {
        return new Application(
                Optional.empty(),
                new FrameworkSpec(
                        "marathon",
                        "root",
                        Stream.of(roles).map(RolePath::new).toList(),
                        Duration.ofDays(7),
                        true,
                        Optional.of("p"),
                        capabilities,
                        Payload.EMPTY));
    }

    private static Ruling judge(String spec, Application application) {
        return FrameworkAdmission.judge(application, framework(spec), QUEUES);
    }

    private static boolean admits(String queues, String role) {
        return judge("{match: {name: marathon}, queues: " + queues + "}", client(Set.of(), role))
                instanceof Ruling.Admitted;
    }

    @Test
    void aQueueGrantsItsRoleAndAllBelowItAndNothingBeside() {
        assertThat(admits("[{path: root.team-a}]", "team-a")).isTrue();
        assertThat(admits("[{path: root.team-a}]", "team-a/batch/nightly")).isTrue();
        assertThat(admits("[{path: root.team-a}]", "team-ab")).isFalse();
        assertThat(admits("[{path: root.team-a}]", "team-a.x"))
                .as("a dot in a role is no level")
                .isFalse();
        assertThat(admits("[{path: root.team-a}]", "*")).isFalse();
        assertThat(admits("[{path: root.default}]", "*")).isTrue();
        assertThat(admits("[{path: root.default}, {path: root.b}]", "b")).isTrue();
    }

    @Test
    void theRootAndNoQueuesAtAllGrantEverything() {
        assertThat(admits("[{path: root}]", "anything")).isTrue();
        assertThat(admits("[]", "anything")).isTrue();
        assertThat(admits("[]", "*")).isTrue();
    }

    @Test
    void aRoleThatAQueueNamesItselfIsItsOwnAndNotTheOneByRule() {
        assertThat(admits("[{path: root.renamed}]", "other")).isTrue();
        assertThat(admits("[{path: root.renamed}]", "renamed")).isFalse();
        assertThat(admits("[{path: root.team-a}]", "odd.name"))
                .as("root.team-a.odd is below root.team-a, whatever its role is called")
                .isTrue();
        assertThat(admits("[{path: root.team-a}]", "odd.name/x")).isTrue();
    }

    @Test
    void aRefusalNamesWhatWasAskedForWhatIsGrantedAndWhatWouldBeRight() {
        Ruling ruling = judge(
                "{match: {name: marathon}, queues: [{path: root.team-a}]}",
                client(Set.of(FrameworkCapability.MULTI_ROLE), "team-a", "eng/ads"));
        assertThat(ruling)
                .isEqualTo(new Ruling.Refused("Not authorized to register framework with roles { team-a, eng/ads }:"
                        + " Framework shop/web grants team-a (queue root.team-a), odd.name (queue root.team-a.odd),"
                        + " each with all below it, and not { eng/ads }."
                        + " Subscribe with a granted role, or add root.eng.ads to its spec.queues"));
    }

    @Test
    void capabilitiesBeyondTheAllowedOnesAreWithheldButMultiRoleIsRefused() {
        String bounds = "{match: {name: marathon}, capabilities: [PartitionAware]}";
        assertThat(judge(
                        bounds,
                        client(Set.of(FrameworkCapability.PARTITION_AWARE, FrameworkCapability.GPU_RESOURCES), "*")))
                .isEqualTo(new Ruling.Admitted(Set.of(FrameworkCapability.GPU_RESOURCES), Optional.empty()));
        assertThat(judge(bounds, client(Set.of(FrameworkCapability.MULTI_ROLE), "*")))
                .isInstanceOfSatisfying(Ruling.Refused.class, refused -> assertThat(refused.message())
                        .contains("Framework shop/web doesn't allow the capability MULTI_ROLE")
                        .contains("FrameworkInfo.role instead"));
        assertThat(judge(
                        "{match: {name: marathon}}",
                        client(Set.of(FrameworkCapability.MULTI_ROLE, FrameworkCapability.GPU_RESOURCES), "*")))
                .isEqualTo(Ruling.Admitted.UNBOUNDED);
    }

    @Test
    void theFailoverTimeoutOfTheObjectIsTheCeiling() {
        assertThat(judge("{match: {name: marathon}, failoverTimeoutSeconds: 60}", client(Set.of(), "*")))
                .isEqualTo(new Ruling.Admitted(Set.of(), Optional.of(Duration.ofSeconds(60))));
    }

    @Test
    void undeclaredClientsAreTakenOrToldWhatToDeclare() {
        Application known = new Application(
                Optional.of(new FrameworkId("f-1")), client(Set.of(), "*").spec());
        assertThat(FrameworkAdmission.judgeUndeclared(known, true)).isEqualTo(Ruling.Admitted.UNBOUNDED);
        assertThat(FrameworkAdmission.judgeUndeclared(known, false))
                .isEqualTo(new Ruling.Refused("Not authorized to register framework f-1 with roles { * }: no Framework"
                        + " object matches a client with the name 'marathon' and the principal 'p', and only declared"
                        + " clients are taken (frameworks.createUndeclared is false). Make a Framework whose spec.match"
                        + " has that name or principal"));
    }
}
