package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes in real containers: what is seen where, what stays, and that nothing leads out. */
class VolumesTest {

    private static TestNode node;
    private static Path host;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create();
        host = node.folder().resolve("host");
        Files.createDirectories(host.resolve("data"));
        Files.writeString(host.resolve("data/in"), "from the host\n");
        Files.setPosixFilePermissions(host.resolve("data"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createDirectories(node.folder().resolve("outside"));
        Files.writeString(node.folder().resolve("outside/in"), "out of reach\n");
        Files.createSymbolicLink(host.resolve("link"), node.folder().resolve("outside"));
        Files.createSymbolicLink(host.resolve("inner"), Path.of("data"));
        Files.createDirectories(host.resolve("shared"));
        // A folder that tells other namespaces what is mounted in it, as a node's root does.
        run(
                "mount",
                "--bind",
                host.resolve("shared").toString(),
                host.resolve("shared").toString());
        run("mount", "--make-shared", host.resolve("shared").toString());
        node.set("VOLUME_FOLDERS", host.toString());
        node.startShim();
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            run("umount", "-l", host.resolve("shared").toString());
            node.close();
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static ContainerInfo container(String volumes) throws TextFormat.ParseException {
        return TextFormat.parse("type: MESOS " + volumes.replace("$HOST", host.toString()), ContainerInfo.class);
    }

    private static TaskInfo.Builder task(String id, String command, String volumes) throws TextFormat.ParseException {
        return TestNode.shell(id, command).setContainer(container(volumes));
    }

    private static String refusal(String id, String volumes) throws TextFormat.ParseException {
        TaskStatus last = node.finish(task(id, "true", volumes), TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(node.leader().states(id)).doesNotContain(TaskState.TASK_RUNNING);
        return last.getMessage();
    }

    @Test
    void aFolderOfTheHostIsSeenWhereItIsWishedThoughTheRootHasNoSuchPlace() throws Exception {
        node.finish(
                task(
                        "host-1",
                        "cat /data/deep/in; echo out > /data/deep/out; cat /proc/mounts; ls / /etc; touch /x || cat /etc/group",
                        "volumes {mode: RW container_path: '/data/deep' host_path: '$HOST/data'}"),
                TaskState.TASK_FINISHED);
        assertThat(node.stdout("host-1"))
                .contains("from the host\n")
                .containsPattern("(?m)^\\S+ /data/deep \\S+ rw,nosuid,nodev")
                .contains("\nmnt\n", "\npasswd\n", "mesos:x:1235:");
        assertThat(host.resolve("data/out")).hasContent("out\n");
        // The root filesystem is everybody's.
        assertThat(node.folder().resolve("rootfs/data")).doesNotExist();
    }

    @Test
    void aReadOnlyVolumeTakesNothing() throws Exception {
        node.finish(
                task(
                        "host-2",
                        "cat data/in && ! touch data/touched",
                        "volumes {mode: RO container_path: 'data' source {type: HOST_PATH host_path {path: '$HOST/inner'}}}"),
                TaskState.TASK_FINISHED);
        assertThat(node.stdout("host-2")).isEqualTo("from the host\n");
        assertThat(host.resolve("data/touched")).doesNotExist();
    }

    @Test
    void aSingleFileOfTheHostIsMountedOverOneOfTheRoot() throws Exception {
        node.finish(
                task(
                        "host-3",
                        "cat /etc/group /opt/new/file",
                        "volumes {mode: RO container_path: '/etc/group' host_path: '$HOST/data/in'}"
                                + " volumes {mode: RO container_path: '/opt/new/file' host_path: '$HOST/data/in'}"),
                TaskState.TASK_FINISHED);
        assertThat(node.stdout("host-3")).isEqualTo("from the host\nfrom the host\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            no-1 | container_path: '/d' host_path: '/etc' | containers.volumeFolders of the AgentPool allows
            no-2 | container_path: '/d' host_path: '$HOST/../outside' | '..' leads out
            no-3 | container_path: '/d' host_path: '$HOST/link' | links lead out of the folders
            no-4 | container_path: '/d' host_path: '$HOST/link/in' | links lead out of the folders
            no-5 | container_path: '/d' host_path: '$HOST/absent' | does not exist on this node
            no-6 | container_path: '/d' source {type: HOST_PATH host_path {path: 'data'}} | is not absolute
            no-7 | container_path: '../../d' host_path: '$HOST/data' | '..' and NUL have no place
            no-8 | container_path: '/d' host_path: '../../../../latest' | '..' and NUL have no place
            no-9 | container_path: '/proc/sys' host_path: '$HOST/data' | is not for volumes
            no-10 | container_path: '/mnt/mesos/sandbox' host_path: '$HOST/data' | would hide the sandbox
            no-11 | container_path: '/bin/sh' host_path: '$HOST/data' | is a file in the root filesystem
            no-12 | container_path: '/etc/passwd/d' host_path: '$HOST/data' | on the way to container_path
            no-13 | container_path: '/d' | exactly one of host_path and source
            no-14 | container_path: '/d' source {type: SECRET secret {type: REFERENCE reference {name: 's'}}} | no secret resolver is configured
            no-15 | container_path: '/d' source {type: HOST_PATH host_path {path: '$HOST/data' mount_propagation {mode: BIDIRECTIONAL}}} | mount_propagation of mode BIDIRECTIONAL
            """)
    void whatLeadsElsewhereIsRefusedInWords(String id, String volume, String words) throws Exception {
        assertThat(refusal(id, "volumes {mode: RW " + volume + "}"))
                .startsWith("Failed to launch container: ")
                .contains(words);
    }

    @Test
    void aVolumeInAnotherIsRefused() throws Exception {
        assertThat(refusal(
                        "nested-1",
                        "volumes {mode: RW container_path: 'd' host_path: '$HOST/data'}"
                                + " volumes {mode: RW container_path: 'd/e' host_path: '$HOST/data'}"))
                .contains("'/mnt/mesos/sandbox/d/e' lies in another volume");
    }

    @Test
    void aFolderThatIsSwappedForALinkAtAnyMomentNeverLeadsOut() throws Exception {
        Path swapped = Files.createDirectory(host.resolve("swapped"));
        Files.writeString(swapped.resolve("in"), "mine\n");
        Path aside = host.resolve("aside");
        AtomicBoolean over = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try {
                while (!over.get()) {
                    Files.move(swapped, aside);
                    Files.createSymbolicLink(swapped, node.folder().resolve("outside"));
                    Files.delete(swapped);
                    Files.move(aside, swapped, StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        int ended = 0;
        try {
            for (int i = 0; i < 12; i++) {
                node.leader()
                        .launch(
                                task(
                                                "swap-" + i,
                                                "cat /d/in",
                                                "volumes {mode: RO container_path: '/d' host_path: '$HOST/swapped'}")
                                        .build(),
                                TestNode.framework());
            }
            for (int i = 0; i < 12; i++) {
                String id = "swap-" + i;
                FakeLeader.await("the end of " + id, () -> node.leader().states(id).stream()
                        .anyMatch(s -> s == TaskState.TASK_FINISHED || s == TaskState.TASK_FAILED));
                assertThat(node.stdout(id)).doesNotContain("out of reach");
                ended++;
            }
        } finally {
            over.set(true);
            swapper.join();
        }
        assertThat(ended).isEqualTo(12);
    }

    @Test
    void aFolderThatIsSwappedBetweenTheCheckAndTheMountDoesNotLeadOutEither() throws Exception {
        Path victim = Files.createDirectory(host.resolve("victim"));
        Path aside = host.resolve("victim-aside");
        for (int i = 0; i < 4; i++) {
            String id = "between-" + i;
            TaskInfo.Builder task =
                    task(id, "cat /d/in", "volumes {mode: RO container_path: '/d' host_path: '$HOST/victim'}");
            node.leader().launch(task.build(), TestNode.framework());
            // By then the path was found to be allowed, and written down for the one who mounts it.
            while (!isChecked("/victim") && !node.leader().states(id).contains(TaskState.TASK_FAILED)) {
                Thread.onSpinWait();
            }
            Files.move(victim, aside);
            Files.createSymbolicLink(victim, node.folder().resolve("outside"));
            FakeLeader.await("the end of " + id, () -> node.leader().states(id).contains(TaskState.TASK_FAILED));
            assertThat(node.stdout(id)).isEmpty();
            Files.delete(victim);
            Files.move(aside, victim);
        }
    }

    private static boolean isChecked(String name) throws IOException {
        try (Stream<Path> bundles = Files.list(node.work().resolve("runtime/bundles"))) {
            return bundles.anyMatch(b -> contains(b.resolve("stage"), name));
        }
    }

    @Test
    void whatIsMountedOnTheHostLaterOnIsSeenWhereThatIsWished() throws Exception {
        node.leader()
                .launch(
                        task(
                                        "later-1",
                                        "echo ready; while ! cat /d/sub/in; do sleep 0.05; done",
                                        "volumes {mode: RO container_path: '/d' source {type: HOST_PATH"
                                                + " host_path {path: '$HOST/shared' mount_propagation {mode: HOST_TO_CONTAINER}}}}")
                                .build(),
                        TestNode.framework());
        FakeLeader.await("the task", () -> node.stdout("later-1").contains("ready"));
        Path sub = Files.createDirectory(host.resolve("shared/sub"));
        run("mount", "-t", "tmpfs", "none", sub.toString());
        try {
            Files.writeString(sub.resolve("in"), "came later\n");
            node.leader().awaitState("later-1", TaskState.TASK_FINISHED);
            assertThat(node.stdout("later-1")).isEqualTo("ready\ncame later\n");
        } finally {
            run("umount", "-l", sub.toString());
        }
    }

    @Test
    void aPlaceInTheSandboxIsSeenElsewhereToo() throws Exception {
        TaskInfo.Builder task = task(
                "sandbox-1",
                "echo kept > /scratch/f; cat store/f; echo more > /more/g; cat rel/g; stat -c %u store rel",
                "volumes {mode: RW container_path: '/scratch' source {type: SANDBOX_PATH sandbox_path {type: SELF path: 'store'}}}"
                        + " volumes {mode: RW container_path: '/more' host_path: './rel/'}");
        task.getCommandBuilder().setUser("mesos");
        node.finish(task, TaskState.TASK_FINISHED);
        assertThat(node.stdout("sandbox-1")).isEqualTo("kept\nmore\n1234\n1234\n");
        assertThat(node.sandbox("sandbox-1").resolve("store/f")).hasContent("kept\n");
    }

    @Test
    void aLinkThatAnArchiveLeftInTheSandboxIsNotFollowed() throws Exception {
        Path archive = node.folder().resolve("files/links.tar");
        Files.createDirectories(archive.getParent());
        try (OutputStream out = Files.newOutputStream(archive);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            TarArchiveEntry entry = new TarArchiveEntry("store", TarConstants.LF_SYMLINK);
            entry.setLinkName(node.folder().resolve("outside").toString());
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        }
        for (String volume : List.of(
                "container_path: '/d' source {type: SANDBOX_PATH sandbox_path {type: SELF path: 'store'}}",
                "container_path: '/d' host_path: 'store/sub'",
                "container_path: 'store' host_path: '$HOST/data'",
                "container_path: 'store/sub' host_path: '$HOST/data'")) {
            String id = "archive-" + Integer.toHexString(volume.hashCode());
            TaskInfo.Builder task = task(id, "true", "volumes {mode: RW " + volume + "}");
            task.getCommandBuilder().addUris(CommandInfo.URI.newBuilder().setValue(archive.toString()));
            assertThat(node.finish(task, TaskState.TASK_FAILED).getMessage())
                    .contains("'store' in the sandbox is no folder; links are not followed");
        }
        assertThat(node.folder().resolve("outside/sub")).doesNotExist();
    }

    @Test
    void aSecretIsAFileInMemoryThatOnlyTheTasksUserReads() throws Exception {
        TaskInfo.Builder task = task(
                "secret-1",
                "stat -c '%u %a' /run/keys/key sub/key; cat /run/keys/key sub/key; cat /proc/mounts;"
                        + " ! touch /run/keys/key; echo ready; while [ ! -e over ]; do sleep 0.05; done",
                "volumes {mode: RO container_path: '/run/keys/key' source {type: SECRET secret {type: VALUE value {data: 'open sesame'}}}}"
                        + " volumes {mode: RW container_path: 'sub/key' source {type: SECRET secret {type: VALUE value {data: 'simsalabim'}}}}");
        task.getCommandBuilder().setUser("mesos");
        node.leader().launch(task.build(), TestNode.framework());
        FakeLeader.await("the task", () -> node.stdout("secret-1").contains("ready"), () -> node.leader()
                .updates("secret-1")
                .toString());
        assertThat(node.stdout("secret-1"))
                .startsWith("1234 400\n1234 600\nopen sesamesimsalabim")
                .containsPattern("(?m)^\\S+ /run/keys/key tmpfs ro,nosuid,nodev")
                .containsPattern("(?m)^\\S+ /mnt/mesos/sandbox/sub/key tmpfs rw,nosuid,nodev");
        assertThat(node.sandbox("secret-1").resolve("sub/key")).isEmptyFile();
        try (Stream<Path> files = Files.walk(node.work().resolve("runtime"))) {
            assertThat(files.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)))
                    .noneMatch(f -> contains(f, "open sesame") || contains(f, "simsalabim"));
        }
        Path stage = Path.of("/proc/" + node.spawner() + "/root" + node.work().resolve("runtime/stage"));
        FakeLeader.await("an empty stage", () -> {
            try (Stream<Path> left = Files.list(stage)) {
                return left.findAny().isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
        Files.createFile(node.sandbox("secret-1").resolve("over"));
        node.leader().awaitState("secret-1", TaskState.TASK_FINISHED);
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException gone) {
            return false;
        }
    }

    @Test
    void anExecutorHasVolumesLikeATask() throws Exception {
        Resource kept = persistent("eng", "of-executor", "kept", "RW");
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("executor-1"))
                .setFrameworkId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                .setCommand(CommandInfo.newBuilder().setValue("cat /d/in > kept/seen; exec sleep 1000"))
                .setContainer(container("volumes {mode: RO container_path: '/d' host_path: '$HOST/data'}"))
                .addResources(kept)
                .build();
        node.leader()
                .launch(
                        TestNode.shell("in-executor-1", "")
                                .clearCommand()
                                .setExecutor(executor)
                                .build(),
                        TestNode.framework());
        Path seen = node.work().resolve("volumes/roles/eng/of-executor/seen");
        FakeLeader.await("what the executor saw", () -> contains(seen, "from the host"), () -> node.leader()
                .updates("in-executor-1")
                .toString());
    }

    static Resource persistent(String role, String id, String path, String mode) throws TextFormat.ParseException {
        return TextFormat.parse(
                "name: 'disk' type: SCALAR scalar {value: 10} reservations {type: DYNAMIC role: '" + role
                        + "'} disk {persistence {id: '" + id + "'} volume {mode: " + mode + " container_path: '" + path
                        + "'}}",
                Resource.class);
    }

    @Test
    void aPersistentVolumeOutlivesItsTasksAndBelongsToTheFirstOnesUser() throws Exception {
        TaskInfo.Builder first = TestNode.shell("volume-1", "echo one > data/db/file; stat -c %u:%g data/db");
        first.getCommandBuilder().setUser("mesos");
        node.finish(first.addResources(persistent("eng/ads", "db-1", "data/db", "RW")), TaskState.TASK_FINISHED);
        assertThat(node.stdout("volume-1")).isEqualTo("1234:1235\n");
        // The role's '/' is a blank, as in Mesos.
        assertThat(node.work().resolve("volumes/roles/eng ads/db-1/file")).hasContent("one\n");
        node.finish(
                TestNode.shell("volume-2", "cat there/file; stat -c %u there; ! touch there/x")
                        .addResources(persistent("eng/ads", "db-1", "there", "RO")),
                TaskState.TASK_FINISHED);
        assertThat(node.stdout("volume-2")).isEqualTo("one\n1234\n");
    }

    @Test
    void aSharedVolumeIsSeenByTasksThatRunAtTheSameTime() throws Exception {
        Resource shared = persistent("eng", "shared-1", "common", "RW").toBuilder()
                .setShared(Resource.SharedInfo.getDefaultInstance())
                .build();
        node.leader()
                .launch(
                        TestNode.shell("reader-1", "while ! cat common/word; do sleep 0.05; done")
                                .addResources(shared)
                                .build(),
                        TestNode.framework());
        node.leader().awaitState("reader-1", TaskState.TASK_RUNNING);
        node.finish(
                TestNode.shell("writer-1", "echo word > common/word").addResources(shared), TaskState.TASK_FINISHED);
        node.leader().awaitState("reader-1", TaskState.TASK_FINISHED);
        assertThat(node.stdout("reader-1")).isEqualTo("word\n");
    }

    @Test
    void aPersistentVolumeWhoseIdLeadsElsewhereIsRefused() throws Exception {
        for (String id : List.of("../../x", "..", "a/b")) {
            String name = "id-" + Integer.toHexString(id.hashCode());
            assertThat(node.finish(
                                    TestNode.shell(name, "true").addResources(persistent("eng", id, "d", "RW")),
                                    TaskState.TASK_FAILED)
                            .getMessage())
                    .contains("can't name a volume's folder");
        }
    }
}
