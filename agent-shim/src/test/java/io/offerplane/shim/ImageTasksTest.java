package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import io.offerplane.shim.TestRegistry.Layer;
import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.Secret;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks in images that a real registry has, in real containers. */
class ImageTasksTest {

    /** In each of five layers; 40 makes the image of 200 MB that nobody wants to wait for at each build. */
    private static final int MEGABYTES = Integer.getInteger("images.layer.megabytes", 4);

    private static TestNode node;
    private static TestRegistry registry;
    private static TestRegistry locked;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create();
        registry = TestRegistry.start(node.folder().resolve("registry"), false);
        locked = TestRegistry.start(node.folder().resolve("locked-registry"), true);
        node.set("IMAGES_REGISTRY", registry.address())
                .set("IMAGES_INSECURE_REGISTRIES", registry.address() + ", " + locked.address())
                .startShim();
        registry.push(
                "team/app:1",
                """
                {"Env": ["PATH=/bin", "GREETING=hello"], "Entrypoint": ["/bin/sh", "-c"], "Cmd": ["id -un; pwd; echo $GREETING $HOME"],
                 "User": "app", "WorkingDir": "/srv/app"}""",
                TestRegistry.busybox(
                                "sh", "id", "pwd", "echo", "cat", "ls", "touch", "mount", "sleep", "test", "stat",
                                "mkdir")
                        .folder("etc")
                        .file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:500:500::/home/app:/bin/sh\n")
                        .folder("old")
                        .file("old/one", "1")
                        .file("old/two", "2")
                        .folder("emptied")
                        .file("emptied/lower", "l")
                        .folder("run")
                        .file("run/there", "of the image"),
                new Layer()
                        .folder("old")
                        .file("old/.wh.one", "")
                        .folder("emptied")
                        .file("emptied/.wh..wh..opq", "")
                        .file("emptied/upper", "u")
                        .folder("data")
                        .owned(500, 500));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each :
                Stream.of(registry, locked, node).filter(c -> c != null).toList()) {
            each.close();
        }
    }

    private static ContainerInfo mesos(String image) throws Exception {
        return TextFormat.parse(
                "type: MESOS mesos {image {type: DOCKER docker {name: '" + image + "'}}}", ContainerInfo.class);
    }

    private static ContainerInfo docker(String image) throws Exception {
        return TextFormat.parse("type: DOCKER docker {image: '" + image + "'}", ContainerInfo.class);
    }

    private static String output(TaskInfo.Builder task) {
        node.finish(task, TaskState.TASK_FINISHED);
        return node.stdout(task.getTaskId().getValue());
    }

    private static String output(String id, String command, ContainerInfo container) {
        return output(TestNode.shell(id, command).setContainer(container));
    }

    @Test
    void theImagesOwnProgramRunsAsItsUserInItsFolderWithItsVariables() throws Exception {
        TaskInfo.Builder task = TestNode.task("own-1", CommandInfo.newBuilder().setShell(false));

        assertThat(output(task.setContainer(mesos("team/app:1")))).isEqualTo("app\n/srv/app\nhello /home/app\n");
        assertThat(output(TestNode.task("own-2", CommandInfo.newBuilder().setShell(false))
                        .setContainer(docker("team/app:1"))))
                .isEqualTo("app\n/srv/app\nhello /home/app\n");
    }

    @Test
    void lowerLayersShowThroughButForWhatUpperOnesRemove() throws Exception {
        assertThat(output(
                        "layers",
                        "ls /old /emptied; cat /run/there; echo; stat -c %u:%g /data; test -e /old/one || echo gone",
                        mesos("team/app:1")))
                .isEqualTo("/emptied:\nupper\n\n/old:\ntwo\nof the image\n500:500\ngone\n");
    }

    @Test
    void whatATaskWritesIsItsOwnAndGoesWithIt() throws Exception {
        TaskInfo.Builder task =
                TestNode.shell("write-1", "touch /old/new /etc/passwd && echo x > /bin/mine && ls /old");
        task.getCommandBuilder().setUser("root");
        assertThat(output(task.setContainer(mesos("team/app:1")))).isEqualTo("new\ntwo\n");

        assertThat(output("write-2", "ls /old; test -e /bin/mine || echo clean", mesos("team/app:1")))
                .isEqualTo("two\nclean\n");
        FakeLeader.await("all of it is removed", () -> leftovers().isEmpty(), () -> leftovers()
                .toString());
    }

    private static List<String> leftovers() {
        try {
            List<String> left = new ArrayList<>(node.leftovers());
            Path spawner = Path.of("/proc/" + node.spawner() + "/mountinfo");
            Files.readAllLines(spawner).stream()
                    .filter(mount -> mount.contains(" - overlay ")
                            && mount.contains(node.work().toString()))
                    .forEach(left::add);
            return left;
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    @Test
    void theSandboxAndVolumesAreInIt() throws Exception {
        ContainerInfo container = mesos("team/app:1").toBuilder()
                .addVolumes(TextFormat.parse(
                        "mode: RW container_path: '/new/place' source {type: SANDBOX_PATH sandbox_path {type: SELF path: 'v'}}",
                        org.apache.mesos.v1.Protos.Volume.class))
                .build();
        TaskInfo.Builder task =
                TestNode.shell("volume", "echo here > /new/place/file && cat /mnt/mesos/sandbox/v/file && pwd");
        task.getCommandBuilder().setUser("root");

        assertThat(output(task.setContainer(container))).isEqualTo("here\n/srv/app\n");
    }

    @Test
    void tenTasksAtOncePullAnImageOnceAndLaterOnesNotAtAll() throws Exception {
        Layer[] layers = new Layer[5];
        layers[0] = TestRegistry.busybox("sh", "echo").noise(MEGABYTES);
        for (int i = 1; i < layers.length; i++) {
            layers[i] = new Layer().noise(MEGABYTES);
        }
        registry.push("big", "{\"Env\": [\"PATH=/bin\"]}", layers);
        long before = registry.requests("GET", "/big/blobs/");

        for (int i = 0; i < 10; i++) {
            node.leader()
                    .launch(
                            TestNode.shell("big-" + i, "echo " + i)
                                    .setContainer(mesos("big"))
                                    .build(),
                            TestNode.framework());
        }
        for (int i = 0; i < 10; i++) {
            String id = "big-" + i;
            FakeLeader.await(
                    "the end of " + id,
                    () -> node.leader().states(id).stream().anyMatch(TaskStatuses::isTerminal),
                    () -> node.leader().updates(id).toString());
            assertThat(node.leader().states(id)).endsWith(TaskState.TASK_FINISHED);
        }

        // Five layers and the configuration.
        assertThat(registry.requests("GET", "/big/blobs/") - before).isEqualTo(6);
        long asked = registry.requests("GET", "/big/");
        assertThat(output("big-again", "echo again", mesos("big"))).isEqualTo("again\n");
        assertThat(registry.requests("GET", "/big/")).isEqualTo(asked);
    }

    @Test
    void aForcedPullFindsWhatTheNameStandsForByNow() throws Exception {
        registry.push("moving", "{}", TestRegistry.busybox("sh", "cat").file("version", "one"));
        assertThat(output("moving-1", "cat /version", docker("moving"))).isEqualTo("one");

        registry.push("moving", "{}", TestRegistry.busybox("sh", "cat").file("version", "two"));

        assertThat(output("moving-2", "cat /version", docker("moving"))).isEqualTo("one");
        ContainerInfo forced = docker("moving").toBuilder()
                .setDocker(docker("moving").getDocker().toBuilder().setForcePullImage(true))
                .build();
        assertThat(output("moving-3", "cat /version", forced)).isEqualTo("two");
    }

    @Test
    void aPrivateImageNeedsItsTasksCredentials() throws Exception {
        String image = locked.address() + "/secret";
        locked.push("secret", "{}", TestRegistry.busybox("sh", "echo"));

        TaskStatus refused =
                node.finish(TestNode.shell("private-1", "echo in").setContainer(mesos(image)), TaskState.TASK_FAILED);
        assertThat(refused.getMessage())
                .startsWith("Failed to launch container: Failed to pull image '" + image + ":latest': ")
                .containsAnyOf("authentication required", "unauthorized");

        ContainerInfo.Builder with = mesos(image).toBuilder();
        with.getMesosBuilder()
                .getImageBuilder()
                .getDockerBuilder()
                .setConfig(Secret.newBuilder()
                        .setType(Secret.Type.VALUE)
                        .setValue(Secret.Value.newBuilder().setData(ByteString.copyFromUtf8(locked.credentials()))));
        assertThat(output("private-2", "echo in", with.build())).isEqualTo("in\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            none-1 | team/none | manifest unknown
            none-2 | Team/App  | is no image's name; expected [registry[:port]/]repository
            """)
    void anImageThatCannotBeHadFailsTheTaskWithTheReason(String id, String image, String words) throws Exception {
        TaskStatus failed = node.finish(TestNode.shell(id, "true").setContainer(mesos(image)), TaskState.TASK_FAILED);

        assertThat(failed.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(failed.getMessage()).contains(words);
        assertThat(node.leader().states(id)).doesNotContain(TaskState.TASK_RUNNING);
    }

    @Test
    void aDamagedLayerFailsTheTaskWithTheReason() throws Exception {
        try (TestRegistry broken = TestRegistry.start(node.folder().resolve("broken-registry"), false)) {
            broken.push("damaged", "{}", TestRegistry.busybox("sh").noise(1));
            broken.corrupt();
            node.stopShim();
            node.set(
                            "IMAGES_INSECURE_REGISTRIES",
                            String.join(",", registry.address(), locked.address(), broken.address()))
                    .startShim();

            TaskStatus failed = node.finish(
                    TestNode.shell("damaged", "true").setContainer(mesos(broken.address() + "/damaged")),
                    TaskState.TASK_FAILED);

            assertThat(failed.getMessage()).contains("Failed to pull image").contains("igest");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            asks-1 | network: BRIDGE                            | TaskInfo.container.docker.network of BRIDGE
            asks-2 | privileged: true                           | TaskInfo.container.docker.privileged
            asks-3 | parameters {key: 'cap-add' value: 'ALL'}   | TaskInfo.container.docker.parameters of 'cap-add'
            asks-4 | port_mappings {host_port: 1 container_port: 2} | TaskInfo.container.docker.port_mappings
            """)
    void whatDockerWouldDoAndThisAgentDoesNotIsNamed(String id, String fields, String words) throws Exception {
        ContainerInfo container =
                TextFormat.parse("type: DOCKER docker {image: 'team/app:1' " + fields + "}", ContainerInfo.class);

        TaskStatus failed = node.finish(TestNode.shell(id, "true").setContainer(container), TaskState.TASK_FAILED);

        assertThat(failed.getMessage()).contains("not supported by this agent: " + words);
    }

    @Test
    void checksRunInTheImageAlsoAfterTheShimsRestart() throws Exception {
        TaskInfo.Builder task = TestNode.shell("checked", "sleep 1000").setContainer(mesos("team/app:1"));
        task.getHealthCheckBuilder()
                .setType(org.apache.mesos.v1.Protos.HealthCheck.Type.COMMAND)
                .setIntervalSeconds(0.2)
                .getCommandBuilder()
                .setValue("test -e /old/two && test $(pwd) = /srv/app");
        node.leader().launch(task.build(), TestNode.framework());
        FakeLeader.await("a healthy task", () -> isHealthy("checked"), () -> node.leader()
                .updates("checked")
                .toString());

        node.stopShim();
        node.startShim();

        node.leader().kill("checked");
        FakeLeader.await(
                "its end",
                () -> node.leader().states("checked").contains(TaskState.TASK_KILLED),
                () -> node.leader().updates("checked").toString());
        FakeLeader.await("nothing is left", () -> leftovers().isEmpty(), () -> leftovers()
                .toString());
    }

    private static boolean isHealthy(String id) {
        return node.leader().updates(id).stream().anyMatch(TaskStatus::getHealthy);
    }
}
