package io.offerplane.yarn.node.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is copied from the image to the node. */
class ContainerRootTest {
    @TempDir
    Path home;

    private Path image;
    private Path configuration;
    private ContainerRoot root;

    @BeforeEach
    void fill() throws IOException {
        image = home.resolve("image");
        Files.createDirectories(image.resolve("java/bin"));
        Files.writeString(image.resolve("java/bin/java"), "program");
        Files.setPosixFilePermissions(image.resolve("java/bin/java"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(image.resolve("hadoop/share"));
        Files.createSymbolicLink(image.resolve("hadoop/lib"), Path.of("share"));
        Files.writeString(image.resolve("id"), "one\n");
        configuration = Files.createDirectories(home.resolve("etc"));
        Files.writeString(configuration.resolve("core-site.xml"), "<configuration/>");
        Files.writeString(configuration.resolve("notes.txt"), "for people");
        root = new ContainerRoot(home.resolve("node"));
    }

    private List<NodeMount> install() throws IOException {
        return root.install(image, configuration, 61_080, false);
    }

    private Path source(List<NodeMount> mounts, String target) {
        return mounts.stream()
                .filter(mount -> mount.target().equals(Path.of(target)))
                .map(NodeMount::source)
                .findFirst()
                .orElseThrow();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(home.resolve("node"))) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void containersHaveJavaHadoopConfigurationAndTheirUser() throws IOException {
        List<NodeMount> mounts = install();
        Path java = source(mounts, "/opt/java").resolve("bin/java");
        assertThat(java).hasContent("program").isExecutable();
        assertThat(source(mounts, "/opt/hadoop").resolve("lib"))
                .isSymbolicLink()
                .isDirectory();
        assertThat(source(mounts, "/opt/hadoop-conf"))
                .isDirectoryContaining("glob:**/core-site.xml")
                .isDirectoryNotContaining("glob:**/notes.txt");
        assertThat(source(mounts, "/etc/passwd")).content().contains("\nyarn:x:61080:61080:");
        assertThat(mounts).allSatisfy(mount -> assertThat(mount.source()).startsWith(home.resolve("node")));
    }

    @Test
    void anImageIsCopiedOnceAndItsConfigurationEachTime() throws IOException {
        Path java = source(install(), "/opt/java").resolve("bin/java");
        Files.writeString(image.resolve("java/bin/java"), "changed without another id");
        Files.writeString(configuration.resolve("yarn-site.xml"), "<configuration/>");
        assertThat(source(install(), "/opt/hadoop-conf").resolve("yarn-site.xml"))
                .exists();
        assertThat(java).hasContent("program");
        assertThat(names()).hasSize(3);
    }

    @Test
    void whatContainersRunOnStays() throws IOException {
        Path before = source(install(), "/opt/hadoop-conf");
        Files.writeString(configuration.resolve("core-site.xml"), "<configuration>changed</configuration>");
        Files.writeString(image.resolve("id"), "two");
        Path after = source(root.install(image, configuration, 61_080, true), "/opt/hadoop-conf");
        assertThat(before.resolve("core-site.xml")).hasContent("<configuration/>");
        assertThat(after.resolve("core-site.xml")).hasContent("<configuration>changed</configuration>");
        assertThat(names()).contains("image-one", "image-two").hasSize(5);
        install();
        assertThat(names()).contains("image-two").hasSize(3);
    }

    @Test
    void anotherImageTakesThePlaceOfTheOneBefore() throws IOException {
        install();
        Files.writeString(image.resolve("id"), "two");
        assertThat(source(install(), "/opt/java")).endsWith(Path.of("image-two", "java"));
        assertThat(names()).contains("image-two").hasSize(3);
    }

    @Test
    void whatAnInterruptedCopyLeftIsNotTakenForTheImage() throws IOException {
        Files.createDirectories(home.resolve("node/image-one.new/java"));
        Path java = source(install(), "/opt/java").resolve("bin/java");
        assertThat(java).hasContent("program");
        assertThat(names()).contains("image-one").hasSize(3);
    }

    @Test
    void anIdThatLeadsElsewhereIsRefused() throws IOException {
        Files.writeString(image.resolve("id"), "../../elsewhere");
        assertThatThrownBy(this::install).isInstanceOf(IOException.class).hasMessageContaining("../../elsewhere");
    }
}
