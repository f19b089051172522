package io.offerplane.yarn.node.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The marks that YARN's clients leave for the node to replace in commands and environment: {@code <LOG_DIR>}, {@code <CPS>},
 * {@code {{NAME}}} and {@code <ADD_OPENS>} (ApplicationConstants of the YARN API).
 *
 * @param logDir the container's first log directory
 * @param addOpens what the containers' Java needs of options for Hadoop, empty where none
 */
public record Expansion(String logDir, String addOpens) {
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(?:1\\.)?([0-9]+)");
    private static final String FOR_17 = "--add-opens=java.base/java.lang=ALL-UNNAMED"
            + " --add-exports=java.base/sun.net.dns=ALL-UNNAMED --add-exports=java.base/sun.net.util=ALL-UNNAMED";

    /** The expansion for a container whose Java is found here: the options are for 17 and later and stop an older one from starting. */
    public static Expansion forContainer(Path logDir, Path javaHome) {
        return new Expansion(logDir.toString(), feature(javaHome) >= 17 ? FOR_17 : "");
    }

    private static int feature(Path javaHome) {
        try {
            Matcher version = VERSION.matcher(Files.readString(javaHome.resolve("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException e) {
            // A Java without that file is older than 17.
            return 0;
        }
    }

    /** The text with all marks replaced. */
    public String expand(String text) {
        return text.replace("<LOG_DIR>", logDir)
                .replace("<CPS>", ":")
                .replace("<ADD_OPENS>", addOpens)
                .replace("{{", "$")
                .replace("}}", "");
    }
}
