package io.offerplane.yarn.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the machine has, whatever this process may use of it.
 *
 * @param memoryMib in MiB
 * @param processors that are online
 */
record Machine(long memoryMib, int processors) {
    private static final Pattern TOTAL = Pattern.compile("MemTotal:\\s+([0-9]+) kB");
    private static final Pattern PROCESSOR = Pattern.compile("cpu[0-9]+ .*");

    /** @param proc the kernel's own, which tells of the machine also inside of a container */
    static Machine of(Path proc) throws IOException {
        Matcher total = TOTAL.matcher(Files.readString(proc.resolve("meminfo")));
        if (!total.find()) {
            throw new IOException(proc.resolve("meminfo") + " doesn't say how much memory there is");
        }
        List<String> lines = Files.readAllLines(proc.resolve("stat"));
        return new Machine(Long.parseLong(total.group(1)) / 1024, (int)
                lines.stream().filter(line -> PROCESSOR.matcher(line).matches()).count());
    }
}
