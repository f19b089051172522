package io.offerplane.shim;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What each package of the shim must not know, as its package comment says. */
class LayeringTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.offerplane.shim");

    private static void refuse(String from, String... to) {
        noClasses()
                .that()
                .resideInAPackage("io.offerplane.shim." + from + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(to)
                .check(CLASSES);
    }

    @Test
    void theBottomPackagesKnowNothingAbove() {
        refuse(
                "cgroup",
                "io.offerplane.shim.container..",
                "io.offerplane.shim.task..",
                "org.apache.mesos..",
                "io.grpc..");
        refuse("journal", "io.offerplane.shim.task..", "io.offerplane.shim.status..", "io.offerplane.shim.link..");
        refuse(
                "container",
                "io.offerplane.shim.supervise..",
                "io.offerplane.shim.task..",
                "io.offerplane.shim.status..");
    }

    @Test
    void isolatorsServeTasksAndExecutorsAlike() {
        refuse(
                "isolator",
                "io.offerplane.shim.task..",
                "io.offerplane.shim.executor..",
                "io.offerplane.shim.supervise..",
                "io.offerplane.shim.status..");
        refuse("container", "io.offerplane.shim.isolator..");
    }

    @Test
    void runningContainersKnowsNoUpdates() {
        refuse(
                "supervise",
                "io.offerplane.shim.task..",
                "io.offerplane.shim.status..",
                "io.offerplane.shim.journal..",
                "org.apache.mesos..");
    }

    @Test
    void tasksReachRuntimesThroughThePortOnly() {
        refuse("task", "io.offerplane.shim.supervise..", "io.offerplane.shim.link..", "io.offerplane.shim.http..");
        refuse("status", "io.offerplane.shim.supervise..", "io.offerplane.shim.task..", "io.offerplane.shim.link..");
    }

    @Test
    void theFetcherKnowsNoTasks() {
        refuse("fetch", "io.offerplane.shim.task..", "io.offerplane.shim.supervise..", "io.offerplane.shim.status..");
    }

    @Test
    void imagesKnowNoTasks() {
        refuse(
                "image",
                "io.offerplane.shim.task..",
                "io.offerplane.shim.executor..",
                "io.offerplane.shim.supervise..",
                "io.offerplane.shim.isolator..",
                "io.offerplane.shim.status..");
        refuse("container", "io.offerplane.shim.image..");
    }

    @Test
    void theLinkOnlyCarries() {
        refuse("link", "io.offerplane.shim.task..", "io.offerplane.shim.supervise..", "io.offerplane.shim.journal..");
    }

    @Test
    void grpcStaysInTheLink() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.offerplane.shim.link..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..")
                .check(CLASSES);
    }
}
