package io.offerplane.yarn.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.offerplane.yarn.node", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule whatStartsContainersKnowsNothingOfHadoop = noClasses()
            .that()
            .resideInAPackage("..launch..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.hadoop..", "..localize..");

    @ArchTest
    static final ArchRule theNodeDoesNotKnowTheHeadsInside =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.offerplane.yarn.gateway..");
}
