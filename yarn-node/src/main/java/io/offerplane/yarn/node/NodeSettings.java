package io.offerplane.yarn.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How one node is set up.
 *
 * @param host the name or address by which masters and reducers on other nodes reach this one
 * @param port of the container protocol, 0 for any
 * @param memoryMib what containers may use together, in MiB
 * @param vcores what containers may use together
 * @param directories where things lie
 * @param folders of the node that are open to applications, such as those of a file system that all nodes share
 * @param containerJava where this process finds the Java that containers have; Hadoop before 3.4.3 does not run on 24 and later
 * @param whitelist variables that containers get where they set none themselves
 * @param killDelay from asking a container to end to ending it
 * @param keepLogs how long an application's logs stay after its last container
 */
public record NodeSettings(
        String host,
        int port,
        long memoryMib,
        int vcores,
        NodeDirectories directories,
        List<Path> folders,
        Path containerJava,
        Map<String, String> whitelist,
        Duration killDelay,
        Duration keepLogs) {
    public NodeSettings {
        folders = List.copyOf(folders);
        whitelist = Map.copyOf(whitelist);
        if (memoryMib <= 0 || vcores <= 0) {
            throw new IllegalArgumentException(
                    "a node without memory or cores can run nothing: " + memoryMib + " MiB, " + vcores + " vcores");
        }
    }
}
