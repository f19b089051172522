package io.offerplane.shim.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerUser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an image makes of a command, by Mesos' table of default executables and by what Docker's containers get. */
class ContainerBaseTest {

    @TempDir
    private Path folder;

    private static List<String> words(String text) {
        return text == null ? List.of() : List.of(text.split(" "));
    }

    private ContainerBase.OfImage image(String entrypoint, String cmd, boolean dockers) {
        return new ContainerBase.OfImage(
                new Image(
                        "sha256:any",
                        List.of(folder),
                        new ImageConfig(
                                Map.of("PATH", "/opt/bin"), words(entrypoint), words(cmd), "app:staff", "/srv")),
                dockers);
    }

    private static CommandInfo command(String value, String arguments) {
        CommandInfo.Builder command = CommandInfo.newBuilder().setShell(false).addAllArguments(words(arguments));
        if (value != null) {
            command.setValue(value);
        }
        return command.build();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            # entrypoint | cmd | value | arguments | program | vector
            -     | c d | -  | -   | c  | c d
            e f   | -   | -  | -   | e  | e f
            e f   | c d | -  | -   | e  | e f c d
            -     | c d | -  | x y | c  | c x y
            e f   | -   | -  | x y | e  | e f x y
            e f   | c d | -  | x y | e  | e f x y
            e f   | c d | v  | -   | v  | v
            e f   | c d | v  | x y | v  | x y
            """)
    void mesosTableOfExecutables(
            String entrypoint, String cmd, String value, String arguments, String program, String vector)
            throws Exception {
        var made = image(entrypoint, cmd, false).program(command(value, arguments));

        assertThat(made.command()).isEqualTo(program);
        assertThat(made.arguments()).isEqualTo(words(vector));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -     | c d | -  | -   | c d
            e f   | c d | -  | -   | e f c d
            e f   | c d | v  | -   | e f v
            e f   | c d | v  | x y | e f v x y
            -     | c d | v  | x y | v x y
            e f   | c d | -  | x y | e f x y
            """)
    void dockersContainersGetTheCommandAsArguments(
            String entrypoint, String cmd, String value, String arguments, String vector) throws Exception {
        var made = image(entrypoint, cmd, true).program(command(value, arguments));

        assertThat(made.arguments()).isEqualTo(words(vector));
        assertThat(made.command()).isEqualTo(words(vector).getFirst());
    }

    @Test
    void aShellCommandRunsInTheImagesShell() throws Exception {
        CommandInfo command = CommandInfo.newBuilder().setValue("echo hi").build();

        assertThat(image("e", "c", false).program(command).arguments()).containsExactly("sh", "-c", "echo hi");
        assertThat(image("e", "c", true).program(command).arguments()).containsExactly("sh", "-c", "echo hi");
    }

    @Test
    void anImageWithNothingToRunIsRefused() {
        assertThatThrownBy(() -> image(null, null, false).program(command(null, "x")))
                .isInstanceOf(ContainerLaunchException.class)
                .hasMessageContaining("neither entrypoint nor cmd");
    }

    @Test
    void theImagesUserIsForFrameworksThatMayBeAnybody() throws Exception {
        Files.createDirectories(folder.resolve("etc"));
        Files.writeString(
                folder.resolve("etc/passwd"),
                "root:x:0:0::/root:/bin/sh\napp:x:500:501::/home/app:/bin/sh\nweb:x:33:33::/var/www:/bin/sh\n");
        Files.writeString(folder.resolve("etc/group"), "root:x:0:\nstaff:x:50:\nlogs:x:44:web\n");
        ContainerBase mesos = image("e", "c", false);

        assertThat(mesos.user(command(null, null), "root"))
                .isEqualTo(new ContainerUser(500, 50, List.of(), "/home/app"));
        assertThat(mesos.user(command(null, null), "web"))
                .isEqualTo(new ContainerUser(33, 33, List.of(44), "/var/www"));
        assertThat(mesos.user(command(null, null).toBuilder().setUser("web").build(), "root")
                        .uid())
                .isEqualTo(33);
        assertThatThrownBy(() -> mesos.user(command(null, null), "nobody-here"))
                .hasMessageContaining("no such user in the root filesystem's /etc/passwd");
        // Docker knows no users of the node.
        assertThat(image("e", "c", true)
                        .user(command(null, null), "nobody-here")
                        .uid())
                .isEqualTo(500);
    }

    @Test
    void theImagesVariablesAndFolderAreItsPrograms() {
        ContainerUser user = new ContainerUser(500, 50, List.of(), "/home/app");

        assertThat(image("e", "c", false).environment(user)).isEqualTo(Map.of("PATH", "/opt/bin", "HOME", "/home/app"));
        assertThat(image("e", "c", false).workingDirectory()).isEqualTo("/srv");
    }
}
