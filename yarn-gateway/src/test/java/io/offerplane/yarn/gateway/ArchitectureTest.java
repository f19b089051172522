package io.offerplane.yarn.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.offerplane.yarn.gateway", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule whatIsAskedAndGrantedIsFreeOfHadoop = noClasses()
            .that()
            .resideInAPackage("..allocation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.hadoop..");

    @ArchTest
    static final ArchRule theHeadDoesNotKnowTheEngine =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.offerplane.engine..");
}
