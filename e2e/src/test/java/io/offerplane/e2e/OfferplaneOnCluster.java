package io.offerplane.e2e;

import io.offerplane.e2e.cluster.ClusterProviders;
import io.offerplane.e2e.cluster.MachineSpeed;
import io.offerplane.e2e.cluster.TestCluster;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Marks a test class that needs Offerplane installed on a cluster, and hands its constructor or methods the {@link
 * OfferplaneInstallation}. The cluster is started and the chart installed once, for the first such class; both go when the last
 * test has run. After a failed test, logs, objects and events are in {@code target/diagnostics/CLASS.METHOD}. With {@code
 * -De2e.deadline}, in seconds of the epoch, a test is begun only before that moment, and only while the machine isn't far too slow for what
 * tests wait for: those left out count as skipped, and say why.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("cluster")
@ExtendWith(OfferplaneOnCluster.SharedInstallation.class)
@interface OfferplaneOnCluster {
    int NODES = 2;

    /** The one installation of a test run. */
    final class SharedInstallation implements ExecutionCondition, ParameterResolver, AfterTestExecutionCallback {
        private static final String DEADLINE = "e2e.deadline";

        /** At 20 times, leases are lost every half minute; at 4 all is well. */
        private static final int TOO_SLOW = 7;

        private static final ExtensionContext.Namespace NAMESPACE =
                ExtensionContext.Namespace.create(SharedInstallation.class);

        /** Lives in the root store, which closes it at the end of the run. */
        private record Shared(TestCluster cluster, OfferplaneInstallation installation) implements AutoCloseable {
            static Shared start() {
                TestCluster cluster = ClusterProviders.of(System::getProperty, System.getenv())
                        .choose(System.getProperty(ClusterProviders.PROPERTY))
                        .start(NODES);
                OfferplaneInstallation installation = new OfferplaneInstallation(cluster);
                try {
                    // A developer's short cut, with a kept cluster: what is installed there is what is tested.
                    if (Boolean.getBoolean("e2e.installed")) {
                        installation.awaitAgents(NODES);
                    } else {
                        installation.install();
                    }
                } catch (RuntimeException | AssertionError e) {
                    installation.collectDiagnostics(Path.of("target", "diagnostics", "installation"));
                    cluster.close();
                    throw e;
                }
                return new Shared(cluster, installation);
            }

            @Override
            public void close() {
                cluster.close();
            }
        }

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Long deadline = Long.getLong(DEADLINE);
            if (deadline == null) {
                return ConditionEvaluationResult.enabled("somebody waits for the result");
            }
            if (Instant.now().getEpochSecond() >= deadline) {
                return ConditionEvaluationResult.disabled(
                        "left out: the run was to begin no test after " + Instant.ofEpochSecond(deadline));
            }
            double slowness = MachineSpeed.slowness();
            return slowness < TOO_SLOW
                    ? ConditionEvaluationResult.enabled("there is time, on a machine that can")
                    : ConditionEvaluationResult.disabled(
                            "left out: this machine is %.0f times slower than an ordinary one, and clusters fall apart from %d times on"
                                    .formatted(slowness, TOO_SLOW));
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == OfferplaneInstallation.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return shared(context).installation();
        }

        private static Shared shared(ExtensionContext context) {
            return context.getRoot()
                    .getStore(NAMESPACE)
                    .getOrComputeIfAbsent(Shared.class, key -> Shared.start(), Shared.class);
        }

        @Override
        public void afterTestExecution(ExtensionContext context) {
            if (context.getExecutionException().isPresent()) {
                String name = context.getRequiredTestClass().getSimpleName() + "."
                        + context.getRequiredTestMethod().getName();
                shared(context).installation().collectDiagnostics(Path.of("target", "diagnostics", name));
            }
        }
    }
}
