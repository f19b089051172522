package io.offerplane.shim.container;

import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;

/**
 * What a Mesos {@code CommandInfo} has run.
 *
 * @param command found through the container's PATH
 * @param arguments the argument vector, with argv[0]
 */
public record Program(String command, List<String> arguments) {
    public Program {
        arguments = List.copyOf(arguments);
    }

    /** @throws ContainerLaunchException when there is nothing to run, in Mesos' words */
    public static Program of(CommandInfo command) throws ContainerLaunchException {
        if (!command.hasValue()) {
            throw new ContainerLaunchException(
                    command.getShell()
                            ? "Shell command is not specified: CommandInfo.value is missing"
                            : "Executable is not specified: CommandInfo.value is missing");
        }
        if (command.getShell()) {
            return new Program("sh", List.of("sh", "-c", command.getValue()));
        }
        // execvp with an empty vector would leave the program without argv[0].
        List<String> arguments = command.getArgumentsList();
        return new Program(command.getValue(), arguments.isEmpty() ? List.of(command.getValue()) : arguments);
    }
}
