package io.offerplane.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** What keeps the engine deterministic and by itself. */
@AnalyzeClasses(packages = "io.offerplane.engine", importOptions = ImportOption.DoNotIncludeTests.class)
class EngineArchitectureTest {
    private static final Set<String> CLOCKS =
            Set.of("java.time.Clock", "java.time.Instant", "java.lang.System", "java.time.LocalDateTime");

    @ArchTest
    static final ArchRule dependsOnNothingButTheJdkAndNullnessAnnotations = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.offerplane.engine..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule hasNoClockOfItsOwn = noClasses()
            .should()
            .callMethodWhere(new DescribedPredicate<>("it reads a clock") {
                @Override
                public boolean test(JavaMethodCall call) {
                    String owner = call.getTarget().getOwner().getName();
                    return CLOCKS.contains(owner)
                            && Set.of("now", "currentTimeMillis", "nanoTime", "systemUTC", "instant")
                                    .contains(call.getName());
                }
            });

    @ArchTest
    static final ArchRule hasNoThreadsFilesSocketsOrLogs = noClasses()
            .should()
            .dependOnClassesThat(new DescribedPredicate<>("threads, input and output, or logs") {
                @Override
                public boolean test(JavaClass type) {
                    String name = type.getName();
                    return name.startsWith("java.io.")
                            || name.startsWith("java.nio.file.")
                            || name.startsWith("java.nio.channels.")
                            || name.startsWith("java.net.")
                            || name.startsWith("java.util.logging.")
                            || name.startsWith("java.lang.System$Logger")
                            || name.equals("java.lang.Thread")
                            || name.equals("java.io.PrintStream")
                            || (name.startsWith("java.util.concurrent.")
                                    && !name.equals("java.util.concurrent.atomic.AtomicBoolean"));
                }
            });

    @ArchTest
    static final ArchRule reflectsOnlyToRecord = noClasses()
            .that()
            .resideOutsideOfPackage("io.offerplane.engine.recording..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.reflect..");

    @ArchTest
    static final ArchRule nothingDecidesByWhatIsRecorded = noClasses()
            .that()
            .resideOutsideOfPackage("io.offerplane.engine.recording..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.offerplane.engine.recording..");

    @ArchTest
    static final ArchRule drawsNoUnseededChance = noClasses()
            .should()
            .callMethodWhere(new DescribedPredicate<>("chance or identity comes from outside") {
                @Override
                public boolean test(JavaMethodCall call) {
                    String owner = call.getTarget().getOwner().getName();
                    return (owner.equals("java.util.UUID") && call.getName().equals("randomUUID"))
                            || (owner.equals("java.lang.Math") && call.getName().equals("random"))
                            || owner.equals("java.util.Random")
                            || (owner.equals("java.lang.System")
                                    && call.getName().equals("identityHashCode"));
                }
            });

    @ArchTest
    static final ArchRule valuesKnowNothingOfTheMachinery = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.offerplane.engine.resource..",
                    "io.offerplane.engine.agent..",
                    "io.offerplane.engine.framework..",
                    "io.offerplane.engine.role..",
                    "io.offerplane.engine.task..",
                    "io.offerplane.engine.offer..",
                    "io.offerplane.engine.fairness..")
            .should()
            .dependOnClassesThat(new DescribedPredicate<>("the door and what is behind it") {
                @Override
                public boolean test(JavaClass type) {
                    return type.getPackageName().equals("io.offerplane.engine")
                            && !type.getSimpleName().equals("Payload");
                }
            });

    @ArchTest
    static final ArchRule fairnessKnowsAmountsOnly = noClasses()
            .that()
            .resideInAPackage("io.offerplane.engine.fairness..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.offerplane.engine.agent..", "io.offerplane.engine.offer..", "io.offerplane.engine.task..");

    @ArchTest
    static final ArchRule theDoorIsNarrow = methods()
            .that()
            .areDeclaredIn(OfferEngine.class)
            .and()
            .arePublic()
            .should()
            .haveNameMatching("apply|view|nextDue|snapshot|restore|whatIf");
}
