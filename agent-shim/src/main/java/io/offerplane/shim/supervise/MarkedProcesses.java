package io.offerplane.shim.supervise;

import io.offerplane.shim.cgroup.CgroupHierarchy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of a program that runs beside a container's own: known by a variable of their environment, as neither their numbers nor their
 * sessions last. One that clears its environment isn't found, and ends with the container.
 */
final class MarkedProcesses {

    private static final Logger log = LoggerFactory.getLogger(MarkedProcesses.class);

    private static final String MARK = "OFFERPLANE_EXEC";

    private final CgroupHierarchy cgroups;
    private final String cgroup;
    private final String mark;

    /**
     * @param cgroup of the container
     * @param mark that no other program of the container has
     */
    MarkedProcesses(CgroupHierarchy cgroups, String cgroup, String mark) {
        this.cgroups = cgroups;
        this.cgroup = cgroup;
        this.mark = mark;
    }

    /** The variables with the mark among them. */
    Map<String, String> marked(Map<String, String> variables) {
        Map<String, String> environment = new LinkedHashMap<>(variables);
        environment.put(MARK, mark);
        return environment;
    }

    /** Kills all that there are. */
    void end() {
        byte[] sought = (MARK + "=" + mark).getBytes(StandardCharsets.US_ASCII);
        try {
            for (long pid : cgroups.processes(cgroup)) {
                if (holds(environment(pid), sought)) {
                    ConmonRuntime.kill(pid);
                }
            }
        } catch (IOException gone) {
            log.debug("{} is gone, so nothing runs there", cgroup, gone);
        }
    }

    private static byte[] environment(long pid) {
        try {
            return Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
        } catch (IOException gone) {
            return new byte[0];
        }
    }

    /** Whether one of the words, each of which ends with a zero, is this one. */
    private static boolean holds(byte[] words, byte[] word) {
        int from = 0;
        while (from < words.length) {
            int to = from;
            while (to < words.length && words[to] != 0) {
                to++;
            }
            if (Arrays.equals(words, from, to, word, 0, word.length)) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }
}
