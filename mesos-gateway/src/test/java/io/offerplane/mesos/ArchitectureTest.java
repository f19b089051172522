package io.offerplane.mesos;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.offerplane.mesos", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule knowsNeitherKubernetesNorTheLink = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.fabric8..", "io.grpc..", "io.offerplane.operator..", "io.offerplane.protocol.link..");

    @ArchTest
    static final ArchRule httpKnowsNoMesosAndNoEngine = noClasses()
            .that()
            .resideInAPackage("io.offerplane.mesos.http")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.mesos..",
                    "io.offerplane.engine..",
                    "io.offerplane.mesos.scheduler..",
                    "io.offerplane.mesos.master..");

    @ArchTest
    static final ArchRule translatorsKnowNoWire = noClasses()
            .that()
            .resideInAPackage("io.offerplane.mesos.translate")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "io.offerplane.mesos.http..", "io.offerplane.mesos.scheduler..");

    @ArchTest
    static final ArchRule theEngineIsReachedThroughItsGateOnly =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("io.offerplane.engine.OfferEngine");

    @ArchTest
    static final ArchRule nobodySleepsOrBlocksOnEventLoops =
            noClasses().should().callMethod(Thread.class, "sleep", long.class);
}
