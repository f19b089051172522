package io.offerplane.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Which package may know which; the architecture page draws the same. */
class LayersTest {
    private static final JavaClasses OPERATOR = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.offerplane.operator");

    @Test
    void runtimeKnowsTheEngineAndNothingOutside() {
        noClasses()
                .that()
                .resideInAPackage("..operator.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fabric8..",
                        "io.grpc..",
                        "io.netty..",
                        "io.micrometer..",
                        "io.offerplane.mesos..",
                        "io.offerplane.crd..",
                        "io.javaoperatorsdk..",
                        "org.apache.mesos..")
                .check(OPERATOR);
    }

    @Test
    void linkReachesKubernetesThroughItsPortsOnly() {
        noClasses()
                .that()
                .resideInAPackage("..operator.link..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "io.offerplane.crd..", "io.javaoperatorsdk..")
                .check(OPERATOR);
    }

    @Test
    void smokeTestUsesNothingOfOurs() {
        classes()
                .that()
                .resideInAPackage("..operator.smoke..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("..operator.smoke..", "java..", "com.fasterxml.jackson..", "org.jspecify..")
                .check(OPERATOR);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.offerplane.operator.(*)..")
                .should()
                .beFreeOfCycles()
                .check(OPERATOR);
    }
}
