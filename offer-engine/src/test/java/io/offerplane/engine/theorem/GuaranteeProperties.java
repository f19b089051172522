package io.offerplane.engine.theorem;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Command;
import io.offerplane.engine.Command.SetQuotas.RoleQuota;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Property;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Roles get what they are guaranteed, wherever they want it and the cluster has it: held back when it was promised first, and taken back where others hold it. And
 * at no moment does a role hold more than its limits, or lose what it is guaranteed itself to another.
 */
class GuaranteeProperties {
    private static final List<String> ROLES = List.of("eng", "eng/web", "eng/ads", "ops", "lab");

    /** Frameworks that take all they are offered, in tasks that never end by themselves. */
    private static final class Run {
        private final SplittableRandom random;
        private final TestCluster cluster = new TestCluster();
        private final Map<String, Quota> quotas = new TreeMap<>();
        private long cpus;
        private int tasks;
        private boolean isLimited = true;

        Run(SplittableRandom random, int size) {
            this.random = random;
            for (int i = 0; i < 2 + random.nextInt(2 + size / 6); i++) {
                int here = 1 + random.nextInt(8);
                cpus += here;
                cluster.agent("a" + i, "cpus:" + here + ";mem:" + 1024 * here);
            }
        }

        /** Guarantees that fit the cluster and one another, and limits above some of them. */
        void promise() {
            long left = cpus;
            long web = random.nextLong(Math.max(1, left / 3));
            long ads = random.nextLong(Math.max(1, left / 3));
            long eng = web + ads + random.nextLong(Math.max(1, (left - web - ads) / 3));
            long ops = random.nextLong(Math.max(1, left - eng));
            quota("eng", eng);
            quota("eng/web", web);
            quota("eng/ads", ads);
            quota("ops", ops);
            List<RoleQuota> all = new ArrayList<>();
            quotas.forEach((role, quota) -> all.add(new RoleQuota(new RolePath(role), quota)));
            cluster.apply(new Command.SetQuotas(all, true, cluster.now()));
        }

        /** Tasks stay when a limit is lowered, so that it wouldn't hold from the start. */
        void promiseWithoutLimits() {
            isLimited = false;
            promise();
        }

        private void quota(String role, long guaranteed) {
            TreeMap<String, Quantity> limits = new TreeMap<>();
            if (isLimited && !role.contains("/") && random.nextBoolean()) {
                limits.put("cpus", Quantity.ofMilli(1000 * (guaranteed + random.nextInt(4))));
            }
            quotas.put(
                    role,
                    new Quota(ResourceQuantities.of(Map.of("cpus", Quantity.ofMilli(1000 * guaranteed))), limits));
        }

        void join(String role) {
            cluster.framework("in-" + role.replace('/', '-'), role);
        }

        /** Until nothing moves any more, and for some time. */
        void rounds(int count) {
            for (int i = 0; i < count; i++) {
                cluster.cycle();
                end(cluster.take(Effect.KillTask.class));
                for (EngineView.FrameworkView framework : cluster.view().frameworks()) {
                    framework.offers().forEach(this::use);
                }
                limitsHold();
            }
        }

        /** In small tasks: of a large one less than all can't be taken back. */
        private void use(Offer offer) {
            List<TaskSpec> started = new ArrayList<>();
            for (long left = offer.resources().scalars().milli("cpus") / 1000; left > 0; left--) {
                started.add(TestCluster.task("t" + tasks++, offer.agentId().value(), "cpus:1;mem:512"));
            }
            cluster.launch(offer, started.toArray(TaskSpec[]::new));
            started.forEach(task -> cluster.update(
                    offer.agentId().value(),
                    offer.frameworkId().value(),
                    task.taskId().value(),
                    TaskState.RUNNING));
        }

        private void end(List<Effect.KillTask> kills) {
            for (Effect.KillTask kill : kills) {
                var uuid = cluster.update(
                        kill.agentId().value(),
                        kill.frameworkId().value(),
                        kill.taskId().value(),
                        TaskState.KILLED);
                cluster.acknowledge(
                        kill.agentId().value(),
                        kill.frameworkId().value(),
                        kill.taskId().value(),
                        uuid);
            }
        }

        private void limitsHold() {
            for (EngineView.RoleView role : cluster.view().roles()) {
                role.quota().limits().forEach((name, most) -> assertThat(
                                role.consumed().milli(name))
                        .as("%s of %s", name, role.role())
                        .isLessThanOrEqualTo(most.milli()));
            }
        }

        /** In thousandths of a cpu. */
        long held(String role) {
            return cluster.view().roles().stream()
                    .filter(view -> view.role().value().equals(role))
                    .mapToLong(view -> view.consumed().milli("cpus"))
                    .sum();
        }

        void guaranteesAreMet(List<String> joined) {
            quotas.forEach((role, quota) -> {
                if (joined.contains(role)) {
                    assertThat(held(role))
                            .as("thousandths of a cpu of %s, of %s in all; %s", role, 1000 * cpus, quotas)
                            .isGreaterThanOrEqualTo(quota.guarantees().milli("cpus"));
                }
            });
        }
    }

    @Test
    void whatWasPromisedFirstIsThereForWhoeverComesLater() {
        Property.check(120, (random, size) -> {
            Run run = new Run(random, size);
            run.promise();
            run.join("lab");
            run.rounds(3);
            List<String> later = new ArrayList<>(ROLES);
            later.remove("lab");
            for (String role : later) {
                run.join(role);
                run.rounds(random.nextInt(3));
            }
            run.rounds(6);
            run.guaranteesAreMet(later);
        });
    }

    @Test
    void whatOthersHoldIsTakenBackForIt() {
        Property.check(120, (random, size) -> {
            Run run = new Run(random, size);
            for (String role : ROLES) {
                run.cluster.apply(new Command.SetReclaimPolicy(
                        new RolePath(role),
                        Optional.of(new ReclaimPolicy(true, Duration.ofSeconds(random.nextInt(4)))),
                        run.cluster.now()));
            }
            run.join("lab");
            run.join("ops");
            run.rounds(4);
            run.promiseWithoutLimits();
            run.join("eng");
            run.join("eng/web");
            run.join("eng/ads");
            run.rounds(40);
            run.guaranteesAreMet(ROLES);
        });
    }

    @Test
    void nothingIsTakenToAndFroOnceAllIsMet() {
        Property.check(60, (random, size) -> {
            Run run = new Run(random, size);
            for (String role : ROLES) {
                run.cluster.apply(new Command.SetReclaimPolicy(
                        new RolePath(role), Optional.of(new ReclaimPolicy(true, Duration.ZERO)), run.cluster.now()));
                run.join(role);
            }
            run.rounds(3);
            run.promiseWithoutLimits();
            run.rounds(40);
            run.guaranteesAreMet(ROLES);
            int before = run.tasks;
            run.rounds(20);
            assertThat(run.tasks).as("tasks that were started").isEqualTo(before);
        });
    }
}
