package io.offerplane.shim.image;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.RootFilesystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.CommandInfo;

/** What a container stands on, and what that makes of a command. */
public sealed interface ContainerBase {

    /** What a program is looked up in when nothing else is said. */
    String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    RootFilesystem rootfs();

    /**
     * Who runs a command.
     *
     * @param frameworkUser FrameworkInfo.user
     */
    ContainerUser user(CommandInfo command, String frameworkUser) throws ContainerLaunchException;

    /** Variables below all others; new and modifiable. */
    Map<String, String> environment(ContainerUser user);

    /** @throws ContainerLaunchException when there is nothing to run, in Mesos' words */
    Program program(CommandInfo command) throws ContainerLaunchException;

    /** Where the command starts. */
    String workingDirectory();

    /**
     * The pool's own root filesystem.
     *
     * @param rootfs shared by all tasks without an image
     */
    record OfPool(RootFilesystem rootfs) implements ContainerBase {

        static OfPool at(Path folder) {
            return new OfPool(new RootFilesystem.Shared(folder));
        }

        @Override
        public ContainerUser user(CommandInfo command, String frameworkUser) throws ContainerLaunchException {
            return ContainerUser.find(rootfs, named(command, frameworkUser));
        }

        @Override
        public Map<String, String> environment(ContainerUser user) {
            Map<String, String> variables = new LinkedHashMap<>();
            variables.put("PATH", PATH);
            // The user's home is read-only; the sandbox is what a task may write.
            variables.put("HOME", OciConfig.SANDBOX);
            return variables;
        }

        @Override
        public Program program(CommandInfo command) throws ContainerLaunchException {
            return Program.of(command);
        }

        @Override
        public String workingDirectory() {
            return OciConfig.SANDBOX;
        }
    }

    /**
     * An image.
     *
     * @param isDockers whether it is the ContainerInfo's DockerInfo that asks for it: Docker itself would run it then, where the command's
     *     value is one more argument, and users of the node mean nothing
     */
    record OfImage(Image image, boolean isDockers) implements ContainerBase {

        @Override
        public RootFilesystem rootfs() {
            return new RootFilesystem.Layered(image.layers());
        }

        /**
         * The command's own; else the image's, where the framework may be anybody. A framework that Mesos was told to run as another than
         * root doesn't become root by its choice of an image.
         */
        @Override
        public ContainerUser user(CommandInfo command, String frameworkUser) throws ContainerLaunchException {
            boolean anybody = isDockers || frameworkUser.isEmpty() || frameworkUser.equals("root");
            String own = image.config().user();
            return ContainerUser.find(rootfs(), anybody ? named(command, own) : named(command, frameworkUser));
        }

        @Override
        public Map<String, String> environment(ContainerUser user) {
            Map<String, String> variables = new LinkedHashMap<>(image.config().environment());
            variables.putIfAbsent("PATH", PATH);
            variables.putIfAbsent("HOME", user.home());
            return variables;
        }

        /**
         * The table of Mesos' documentation of container images, and for Docker's that of {@code docker run} with what the Docker
         * executor gives it.
         */
        @Override
        public Program program(CommandInfo command) throws ContainerLaunchException {
            if (command.getShell()) {
                return Program.of(command);
            }
            List<String> arguments = command.getArgumentsList();
            if (isDockers) {
                List<String> given = new ArrayList<>();
                if (command.hasValue()) {
                    given.add(command.getValue());
                }
                given.addAll(arguments);
                return program(
                        image.config().entrypoint(),
                        given.isEmpty() ? image.config().command() : given);
            }
            if (command.hasValue()) {
                return Program.of(command);
            }
            List<String> entrypoint = image.config().entrypoint();
            List<String> preset = image.config().command();
            if (!entrypoint.isEmpty()) {
                return program(entrypoint, arguments.isEmpty() ? preset : arguments);
            }
            return arguments.isEmpty() || preset.isEmpty()
                    ? program(List.of(), preset)
                    : program(List.of(preset.getFirst()), arguments);
        }

        private static Program program(List<String> first, List<String> then) throws ContainerLaunchException {
            List<String> all = new ArrayList<>(first);
            all.addAll(then);
            if (all.isEmpty()) {
                throw new ContainerLaunchException(
                        "No executable is found: the image has neither entrypoint nor cmd, and CommandInfo.value is missing");
            }
            return new Program(all.getFirst(), all);
        }

        @Override
        public String workingDirectory() {
            String own = image.config().workingDirectory();
            if (!own.isEmpty()) {
                return own;
            }
            return isDockers ? "/" : OciConfig.SANDBOX;
        }
    }

    private static String named(CommandInfo command, String otherwise) {
        String name = command.hasUser() ? command.getUser() : otherwise;
        return name.isEmpty() ? "root" : name;
    }
}
