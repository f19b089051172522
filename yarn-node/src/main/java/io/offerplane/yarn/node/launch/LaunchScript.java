package io.offerplane.yarn.node.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The text of {@code launch_container.sh}, as Hadoop's NodeManager writes it. Commands stand unescaped between double quotes and are so
 * evaluated twice: clients escape for just that.
 */
public final class LaunchScript {
    private LaunchScript() {}

    /**
     * The script.
     *
     * @param links what to link in the work directory: name, may have sub-directories, to target
     * @param commands the client's, already expanded; joined with blanks
     */
    public static String of(
            ContainerEnvironment environment, SequencedMap<String, Path> links, List<String> commands, Path logDir) {
        StringBuilder script = new StringBuilder("#!/bin/bash\n\nset -o pipefail -e\n");
        export(script, "PRELAUNCH_OUT", logDir.resolve("prelaunch.out").toString());
        script.append("exec >\"${PRELAUNCH_OUT}\"\n");
        export(script, "PRELAUNCH_ERR", logDir.resolve("prelaunch.err").toString());
        script.append("exec 2>\"${PRELAUNCH_ERR}\"\n");
        script.append("echo \"Setting up env variables\"\n");
        environment.defaults().forEach((name, value) -> export(script, name, "${" + name + ":-" + value + "}"));
        environment.fixed().forEach((name, value) -> export(script, name, value));
        environment.application().forEach((name, value) -> export(script, name, value));
        script.append("echo \"Setting up job resources\"\n");
        for (Map.Entry<String, Path> link : links.entrySet()) {
            Path name = Path.of(link.getKey());
            if (name.getParent() != null) {
                script.append("mkdir -p -- ")
                        .append(quoted(name.getParent().toString()))
                        .append('\n');
            }
            script.append("ln -sfn -- ")
                    .append(quoted(link.getValue().toString()))
                    .append(' ')
                    .append(quoted(link.getKey()))
                    .append('\n');
        }
        script.append("echo \"Copying debugging information\"\n");
        String logs = quoted(logDir.toString());
        script.append("cp -- launch_container.sh ").append(logs).append("/launch_container.sh\n");
        script.append("chmod 640 ").append(logs).append("/launch_container.sh\n");
        script.append("ls -l 1>").append(logs).append("/directory.info\n");
        script.append("echo \"Launching container\"\n");
        script.append("exec /bin/bash -c \"").append(String.join(" ", commands)).append("\"\n");
        return script.toString();
    }

    private static void export(StringBuilder script, String name, String value) {
        script.append("export ").append(name).append("=\"").append(value).append("\"\n");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
