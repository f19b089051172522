package io.offerplane.operator.queueimport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import io.offerplane.operator.queueimport.QueueImport.Imported;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportQueuesTest {
    private static final Optional<Map<String, Quantity>> TOTAL = HadoopAmounts.parseTotal("cpu=100,memory=400Gi");

    static final String CAPACITY = """
            <?xml version="1.0"?>
            <configuration>
              <property><name>yarn.scheduler.capacity.maximum-applications</name><value>10000</value></property>
              <property><name>yarn.scheduler.capacity.resource-calculator</name>
                <value>org.apache.hadoop.yarn.util.resource.DefaultResourceCalculator</value></property>
              <property><name>yarn.scheduler.capacity.root.queues</name><value>eng, default</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.capacity</name><value>70</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.queues</name><value>ads,search</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.ads.capacity</name><value>50</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.ads.maximum-capacity</name><value>60</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.ads.user-limit-factor</name><value>2</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.ads.minimum-user-limit-percent</name><value>25</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.ads.ordering-policy</name><value>fair</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.ads.state</name><value>STOPPED</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.search.capacity</name><value>50</value></property>
              <property><name>yarn.scheduler.capacity.root.eng.search.state</name><value>RUNNING</value></property>
              <property><name>yarn.scheduler.capacity.root.default.capacity</name><value>30</value></property>
              <property><name>yarn.scheduler.capacity.root.default.acl_submit_applications</name><value>ops</value></property>
              <property><name>yarn.scheduler.capacity.root.gone.capacity</name><value>10</value></property>
            </configuration>
            """;

    static final String FAIR = """
            <allocations>
              <queue name="root">
                <queue name="etl">
                  <weight>2.5</weight>
                  <minResources>10240 mb, 4 vcores</minResources>
                  <maxResources>memory-mb=50%, vcores=20</maxResources>
                  <schedulingPolicy>fifo</schedulingPolicy>
                  <maxRunningApps>50</maxRunningApps>
                  <queue name="nightly"><maxResources>25%</maxResources></queue>
                </queue>
              </queue>
              <pool name="ad.hoc"/>
              <pool name="people"><allowPreemptionFrom>false</allowPreemptionFrom></pool>
              <queueMaxResourcesDefault>vcores=40</queueMaxResourcesDefault>
              <defaultQueueSchedulingPolicy>drf</defaultQueueSchedulingPolicy>
              <queuePlacementPolicy><rule name="specified"/></queuePlacementPolicy>
            </allocations>
            """;

    private static QueueImport read(String file, Optional<Map<String, Quantity>> total) throws UnusableFile {
        return ImportQueues.read(file.getBytes(StandardCharsets.UTF_8), total);
    }

    private static Imported queue(QueueImport queues, String path) {
        return queues.queues().stream()
                .filter(queue -> queue.spec().path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private static String capacity(String... settings) {
        StringBuilder file = new StringBuilder("<configuration>");
        for (int i = 0; i < settings.length; i += 2) {
            file.append("<property><name>yarn.scheduler.capacity.%s</name><value>%s</value></property>"
                    .formatted(settings[i], settings[i + 1]));
        }
        return file.append("</configuration>").toString();
    }

    @Test
    void percentsBecomeWeightsAndPartsOfWhatTheClusterHas() throws UnusableFile {
        QueueImport queues = read(CAPACITY, TOTAL);
        assertThat(queues.queues())
                .extracting(queue -> queue.spec().path())
                .containsExactly("root.eng", "root.eng.ads", "root.eng.search", "root.default");
        QueueSpec eng = queue(queues, "root.eng").spec();
        assertThat(eng.weight()).isEqualTo("70");
        assertThat(eng.guarantees())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("cpu", new Quantity("70"), "memory", new Quantity("286720", "Mi")));
        QueueSpec ads = queue(queues, "root.eng.ads").spec();
        assertThat(ads.weight()).isEqualTo("50");
        assertThat(ads.guarantees().get("cpu")).isEqualTo(new Quantity("35"));
        assertThat(ads.limits().get("cpu")).isEqualTo(new Quantity("60"));
        assertThat(ads.users()).isEqualTo(new QueueSpec.Users(25, 200));
        assertThat(ads.ordering()).isEqualTo(QueueSpec.Ordering.FAIR);
        // What Hadoop has where nothing is said.
        QueueSpec search = queue(queues, "root.eng.search").spec();
        assertThat(search.ordering()).isEqualTo(QueueSpec.Ordering.FIFO);
        assertThat(search.users()).isEqualTo(new QueueSpec.Users(null, 100));
        assertThat(search.limits()).isEmpty();
    }

    @Test
    void withoutTheClustersSizePercentsAreWeightsAndTheRestIsSaid() throws UnusableFile {
        Imported ads = queue(read(CAPACITY, Optional.empty()), "root.eng.ads");
        assertThat(ads.spec().weight()).isEqualTo("50");
        assertThat(ads.spec().guarantees()).isEmpty();
        assertThat(ads.spec().limits()).isEmpty();
        assertThat(ads.remarks())
                .anyMatch(remark -> remark.contains("maximum-capacity 60 %") && remark.contains("--total"));
    }

    @Test
    void everythingWithoutAnEquivalentIsSaidOfItsQueue() throws UnusableFile {
        QueueImport queues = read(CAPACITY, TOTAL);
        assertThat(queue(queues, "root.eng.ads").remarks())
                .singleElement()
                .asString()
                .startsWith("state = \"STOPPED\"");
        assertThat(queue(queues, "root.eng.search").remarks()).isEmpty();
        assertThat(queue(queues, "root.default").remarks())
                .singleElement()
                .asString()
                .contains("acl_submit_applications");
        assertThat(queues.remarks())
                .hasSize(3)
                .anyMatch(remark -> remark.contains("root.gone.capacity") && remark.contains("no such queue"))
                .anyMatch(remark -> remark.contains("resource-calculator") && remark.contains("dominant"))
                .anyMatch(remark -> remark.contains("maximum-applications"));
    }

    @Test
    void amountsAreGuaranteesAndWeightsAreWeights() throws UnusableFile {
        QueueImport queues = read(
                capacity(
                        "root.queues", "a,b,c",
                        "root.a.capacity", "[memory=10240,vcores=12,yarn.io/gpu=2]",
                        "root.a.maximum-capacity", "[memory=20Gi,vcores=6]",
                        "root.b.capacity", "3w",
                        "root.c.capacity", "0"),
                TOTAL);
        QueueSpec a = queue(queues, "root.a").spec();
        assertThat(a.weight()).isEqualTo("10");
        assertThat(a.guarantees())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "memory",
                        new Quantity("10240", "Mi"),
                        "cpu",
                        new Quantity("6"),
                        "nvidia.com/gpu",
                        new Quantity("2")));
        assertThat(a.limits()).containsEntry("memory", new Quantity("20", "Gi"));
        assertThat(queue(queues, "root.a").remarks())
                .anyMatch(remark -> remark.contains("more cpu is guaranteed (12)"));
        assertThat(queue(queues, "root.b").spec().weight()).isEqualTo("3");
        assertThat(queue(queues, "root.b").spec().guarantees()).isEmpty();
        assertThat(queue(queues, "root.c").spec().weight()).isEqualTo("0.001");
        assertThat(queue(queues, "root.c").remarks()).anyMatch(remark -> remark.contains("of 0 is not possible"));
    }

    @Test
    void theFairSchedulersQueuesKeepWeightsLeastAndMost() throws UnusableFile {
        QueueImport queues = read(FAIR, TOTAL);
        assertThat(queues.queues())
                .extracting(queue -> queue.spec().path())
                .containsExactly("root.etl", "root.etl.nightly", "root.people");
        QueueSpec etl = queue(queues, "root.etl").spec();
        assertThat(etl.weight()).isEqualTo("2.5");
        assertThat(etl.guarantees())
                .containsEntry("memory", new Quantity("10240", "Mi"))
                .containsEntry("cpu", new Quantity("4"));
        assertThat(etl.limits())
                .containsEntry("memory", new Quantity("204800", "Mi"))
                .containsEntry("cpu", new Quantity("20"));
        assertThat(etl.ordering()).as("a parent has no order of its own").isNull();
        assertThat(queue(queues, "root.etl").remarks())
                .singleElement()
                .asString()
                .contains("maxRunningApps");
        QueueSpec nightly = queue(queues, "root.etl.nightly").spec();
        assertThat(nightly.limits())
                .containsEntry("memory", new Quantity("102400", "Mi"))
                .containsEntry("cpu", new Quantity("25"));
        assertThat(nightly.ordering()).isEqualTo(QueueSpec.Ordering.FAIR);
        assertThat(queue(queues, "root.people").spec().limits()).containsOnly(Map.entry("cpu", new Quantity("40")));
        assertThat(queues.remarks())
                .anyMatch(remark -> remark.startsWith("root.ad.hoc is left out"))
                .anyMatch(remark -> remark.startsWith("queuePlacementPolicy"));
    }

    @Test
    void namesOfObjectsAreKubernetesAndDiffer() throws UnusableFile {
        String yaml = QueueManifest.of(read(
                capacity(
                        "root.queues",
                        "A,a,a_b",
                        "root.A.capacity",
                        "1w",
                        "root.a.capacity",
                        "1w",
                        "root.a_b.capacity",
                        "1w",
                        "root.a.queues",
                        "b",
                        "root.a.b.capacity",
                        "1w"),
                Optional.empty()));
        assertThat(yaml.lines().filter(line -> line.startsWith("  name: ")).map(line -> line.replaceAll("[\" ]", "")))
                .containsExactly("name:a", "name:a-2", "name:a-b", "name:a-b-2");
    }

    @Test
    void whatAFileSaysCannotBreakOutOfARemark() throws UnusableFile {
        String yaml = QueueManifest.of(read(
                capacity("root.queues", "a", "root.a.capacity", "1w", "root.a.state", "x\n---\nkind: Secret"),
                Optional.empty()));
        assertThat(yaml).contains("x --- kind: Secret").doesNotContainPattern("(?m)^kind: \"?Secret");
    }

    @Test
    void filesThatNameOthersOrHaveNoQueuesAreRefused() {
        assertThatThrownBy(() -> read(
                        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><configuration>&e;</configuration>",
                        TOTAL))
                .isInstanceOf(UnusableFile.class)
                .hasMessageContaining("DOCTYPE");
        assertThatThrownBy(() -> read("<configuration/>", TOTAL)).hasMessageContaining("root.queues");
        assertThatThrownBy(() -> read("<allocations/>", TOTAL)).hasMessageContaining("<queue name=");
        assertThatThrownBy(() -> read("<allocations><queue name='a'/><pool name='a'/></allocations>", TOTAL))
                .hasMessageContaining("root.a is there twice");
        assertThatThrownBy(() -> read("<queues/>", TOTAL)).hasMessageContaining("capacity-scheduler.xml");
        assertThatThrownBy(() -> read("queues: []", TOTAL)).hasMessageContaining("no XML");
    }

    @Test
    void absurdNumbersAreSaidAndNotWrittenOut() throws UnusableFile {
        Imported queue = queue(read(capacity("root.queues", "a", "root.a.capacity", "1E999999999"), TOTAL), "root.a");
        assertThat(queue.spec().weight()).isEqualTo("1");
        assertThat(queue.remarks()).anyMatch(remark -> remark.contains("1E999999999"));
    }

    @Test
    void theCommandWritesObjectsToOneStreamAndRemarksToTheOther(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("capacity-scheduler.xml"), CAPACITY);
        Run run = run("", "--total", "cpu=100,memory=400Gi", file.toString());
        assertThat(run.code).isZero();
        assertThat(run.out).contains("kind: \"Queue\"", "path: \"root.eng.ads\"", "# state = \"STOPPED\"");
        assertThat(run.err).contains("root.eng.ads: state = \"STOPPED\"", "4 queues; 5 remarks");
        assertThat(run(FAIR, "-").out).contains("path: \"root.etl.nightly\"");
    }

    @Test
    void wrongCallsAreExplained(@TempDir Path folder) {
        assertThat(run("").code).isEqualTo(64);
        assertThat(run("", "--total", "much", "-")).satisfies(run -> {
            assertThat(run.code).isEqualTo(64);
            assertThat(run.err).contains("--total is \"much\"");
        });
        assertThat(run("", folder.resolve("none").toString()).code).isEqualTo(66);
        assertThat(run("<a/>", "-").code).isEqualTo(65);
        assertThat(run("", "--help").out).contains("--total");
    }

    private record Run(int code, String out, String err) {}

    private static Run run(String in, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = ImportQueues.run(
                arguments,
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
