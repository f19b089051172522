package io.offerplane.e2e;

import io.offerplane.e2e.cluster.ClusterProviders;
import io.offerplane.e2e.cluster.TestCluster;
import io.offerplane.e2e.cluster.TimeToTest;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Marks a test class that needs Offerplane installed on a cluster, and hands its constructor or methods the {@link
 * OfferplaneInstallation}. The cluster is started and the chart installed once, for the first such class; both go when the last
 * test has run. After a failed test, logs, objects and events are in {@code target/diagnostics/CLASS.METHOD}.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("cluster")
@ExtendWith({TimeToTest.class, OfferplaneOnCluster.SharedInstallation.class})
@interface OfferplaneOnCluster {
    int NODES = 2;

    /** The one installation of a test run. */
    final class SharedInstallation implements ParameterResolver, AfterTestExecutionCallback {
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
